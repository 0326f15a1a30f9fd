"""The token that stands by: it takes over when it must, and its owners know when it can't."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from bindings import sweeping, unreadable
from bindings.models import PersonalAccessToken
from core.secrets import fingerprint
from organizations.models import AuditEvent
from tests.bindings.conftest import add_token
from tests.factories import BindingFactory
from tests.tokens import make_token


@pytest.fixture
def waiting(bound, sandbox, replace):
    """A binding with a sound token that stands by."""
    binding = bound()
    replace(binding, sandbox.issue_token("contoso"), is_standby=True)
    return binding


def standby_of(binding):
    return PersonalAccessToken.objects.get(binding=binding, slot="next")


def spoil_copy(token):
    """The ciphertext of another row stands in this one."""
    other = add_token(BindingFactory(), make_token(), slot="previous")
    token.secret = PersonalAccessToken.objects.get(pk=other.pk).secret
    token.next_check_at = timezone.now()
    token.save()


def failures(**known):
    return Notification.objects.filter(kind="token_failing", **known)


def test_it_takes_over_from_one_that_we_can_not_read(waiting, current, slots_of):
    mark = slots_of(waiting)["next"]
    spoil_copy(current(waiting))

    sweeping.sweep(seconds=20)

    assert slots_of(waiting)["current"] == mark
    assert AuditEvent.objects.get(action="token.replaced").data["reason"] == "unreadable"
    notice = Notification.objects.get(kind="token_replaced")
    assert "copy of the old one no longer opens" in notice.text
    assert "refused" not in notice.text and "brought back" not in notice.text
    assert notice.severity == "warning"


def test_one_that_comes_later_takes_over_as_well(bound, sandbox, replace, slots_of):
    binding, later = bound(unreadable_since=timezone.now()), sandbox.issue_token("contoso")

    replace(binding, later, is_standby=True)

    assert slots_of(binding)["current"] == fingerprint(later)
    assert AuditEvent.objects.get(action="token.replaced").data["reason"] == "unreadable"


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"verdict": "token_expired"}, "failover"),
        ({"expires_on": timezone.now().date(), "expiry_source": "declared"}, "expiry"),
    ],
)
def test_what_azure_devops_said_before_is_the_reason(bound, sandbox, replace, known, reason):
    binding = bound(unreadable_since=timezone.now(), **known)

    replace(binding, sandbox.issue_token("contoso"), is_standby=True)

    assert AuditEvent.objects.get(action="token.replaced").data["reason"] == reason


def test_one_that_we_can_not_read_is_told_until_it_opens_again(waiting, current, browser_of, alice):
    standby = standby_of(waiting)
    sealed = standby.secret
    spoil_copy(standby)

    sweeping.sweep(seconds=20)

    notice = failures().get()
    assert (notice.user, notice.severity) == (alice, "warning")
    assert f"ends with …{standby.last_four} again" in notice.text
    assert "The token in use works." in notice.text
    page = browser_of(alice).get(f"/organizations/{waiting.organization.key}/binding/").text
    assert "can't be read any more, so it can't be put into use" in page
    assert "Paste it again, or another one." in page and "Ready" not in page
    PersonalAccessToken.objects.filter(pk=standby.pk).update(secret=sealed)
    assert unreadable.recover() == 1
    assert failures().get().read_at is not None


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"unreadable_since": timezone.now()}, "Our copy of the token in use can't be read either"),
        ({"verdict": "conditional_access"}, "does not work either. A conditional access policy"),
        ({"suspect": "token_expired", "suspect_since": timezone.now()}, "is in doubt"),
        ({"verdict": ""}, "is being verified"),
    ],
)
def test_how_the_token_in_use_is_is_told_as_it_is(waiting, known, words):
    later = timezone.now() + timedelta(days=3)
    waiting.tokens.filter(slot="current").update(next_check_at=later, **known)
    spoil_copy(standby_of(waiting))

    sweeping.sweep(seconds=20)

    assert words in failures(subject=str(standby_of(waiting).pk)).get().text


def test_one_that_was_refused_is_not_told_of_again(waiting):
    waiting.tokens.filter(slot="next").update(verdict="token_expired")
    spoil_copy(standby_of(waiting))

    sweeping.sweep(seconds=20)

    assert not failures().exists()
