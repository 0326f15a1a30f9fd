"""What is kept of verifications, and the strip of days that is made of it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from bindings import history
from bindings.models import Verification
from tests.factories import BindingFactory, VerificationFactory

NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def binding(db):
    return BindingFactory()


def on(binding, days_ago, verdict="healthy", hours=0, **values):
    at = NOON - timedelta(days=days_ago) + timedelta(hours=hours)
    return VerificationFactory(binding=binding, verdict=verdict, at=at, **values)


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ([], "none"),
        ([("healthy", False)], "good"),
        ([("called_off", False)], "none"),
        ([("healthy", False), ("called_off", False)], "good"),
        ([("healthy", False), ("unavailable", False)], "silent"),
        ([("healthy", False), ("token_expired", True)], "doubt"),
        ([("token_expired", False), ("token_expired", True), ("healthy", False)], "bad"),
    ],
)
def test_a_day_is_what_was_gravest_on_it(binding, verdicts, state):
    for hours, (verdict, is_doubted) in enumerate(verdicts):
        on(binding, 3, verdict, hours, is_doubted=is_doubted)

    days = history.strip(binding, days=30)

    assert (len(days), days[-4].state) == (30, state)
    assert days[-1].date == NOON.date()


def test_a_refused_replacement_is_no_trouble_of_the_one_in_use(binding):
    on(binding, 0, "token_expired", slot="next")

    assert history.strip(binding, days=1)[0].state == "none"


def test_four_hundred_days_are_kept(binding):
    kept, gone = on(binding, 399), on(binding, 401)

    history.thin_out()

    assert set(Verification.objects.all()) == {kept}
    assert gone != kept


def test_nothing_is_left_over_however_much_there_is(binding, monkeypatch):
    monkeypatch.setattr(history, "AT_ONCE", 2)
    for days in (401, 402, 403, 404, 405, 40, 41, 42):
        for hours in range(2):
            on(binding, days, hours=hours)

    history.thin_out()

    assert Verification.objects.count() == 3


def test_after_a_month_the_gravest_of_each_day_stays(binding):
    whole = [on(binding, 10, hours=hours) for hours in range(3)]
    gravest = on(binding, 40, "token_expired", 1)
    for hours in (0, 2, 3):
        on(binding, 40, hours=hours)
    replacement = on(binding, 40, slot="next")

    history.thin_out()
    history.thin_out()

    assert set(Verification.objects.all()) == {*whole, gravest, replacement}


def test_a_day_that_is_not_a_month_old_is_kept_whole(binding):
    edge = [on(binding, 30, hours=hours) for hours in (-11, 11)]

    history.thin_out()

    assert set(Verification.objects.all()) == set(edge)


def test_history_is_never_rewritten(binding):
    verification = on(binding, 1)

    with pytest.raises(DatabaseError), transaction.atomic():
        Verification.objects.filter(pk=verification.pk).update(verdict="token_expired")
