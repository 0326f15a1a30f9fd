"""When a token is looked at again, by what is known of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bindings.health import Health, next_look
from bindings.providers.base import Verdict

NOW = timezone.now()


def minutes_until_next_look(health, **how):
    earliest, latest = (next_look(health, at=NOW, chance=chance, **how) - NOW for chance in (0, 1))
    return earliest / timedelta(minutes=1), latest / timedelta(minutes=1)


@pytest.mark.parametrize(("doubtful", "minutes"), [(False, (4, 5)), (True, (15, 20))])
def test_what_is_doubted_is_asked_less_often_while_the_platform_has_trouble(doubtful, minutes):
    doubted = Health("healthy", suspect=Verdict.TOKEN_EXPIRED, suspect_since=NOW)

    assert minutes_until_next_look(doubted, doubtful=doubtful) == minutes


@pytest.mark.parametrize("health", [Health("healthy"), Health("token_expired", NOW)])
def test_what_is_not_doubted_keeps_its_rhythm(health):
    assert minutes_until_next_look(health, doubtful=True) == minutes_until_next_look(health)
