"""The token that stands by: it takes over when it must, and its owners know when it can't."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Notification
from bindings import slots, sweeping, unreadable
from bindings.concluding import Look, conclude
from bindings.errors import StandbyWaits
from bindings.models import PersonalAccessToken
from bindings.probing import Answer
from bindings.providers.base import Verdict
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


def hear(binding, verdict, *, minutes=0):
    """Azure DevOps says this of the standby, so much later."""
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        waits = PersonalAccessToken.objects.filter(binding=binding)
        waits.update(next_check_at=timezone.now() + timedelta(days=1))
        waits.filter(slot="next").update(next_check_at=timezone.now())
        [claimed] = sweeping.claim(1)
        conclude([Look(claimed, Answer(verdict))])
    return standby_of(binding)


def refuse(binding, verdict=Verdict.TOKEN_REVOKED_OR_EXPIRED):
    """Twice, so that it is believed."""
    hear(binding, verdict)
    return hear(binding, verdict, minutes=6)


def test_one_that_is_refused_is_told_until_it_works_again(waiting):
    refuse(waiting)
    assert "stands by is refused" in failures(read_at=None).get().title

    standby = hear(waiting, Verdict.HEALTHY, minutes=60)

    assert standby.is_healthy
    assert not failures(read_at=None).exists()


def test_it_is_told_until_it_is_wiped(waiting, alice):
    standby = refuse(waiting)

    slots.discard(waiting, standby.fingerprint, by=alice)

    assert not failures(read_at=None).exists()


def test_it_is_told_until_another_one_is_pasted(waiting, sandbox, replace):
    refuse(waiting)

    replace(waiting, sandbox.issue_token("contoso"), is_standby=True)

    assert not failures(read_at=None).exists()


def test_it_is_told_until_it_is_in_use(waiting):
    standby = refuse(waiting)

    slots.promote(standby, by=None, reason="replaced")

    assert not failures(read_at=None).exists()


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({}, "The token in use works."),
        ({"verdict": "organization_stopped"}, "The token in use does not work either."),
    ],
)
def test_what_is_said_of_the_token_in_use_is_so(waiting, known, words):
    waiting.tokens.filter(slot="current").update(**known)

    refuse(waiting)

    assert words in failures().get().text


def test_what_ails_the_account_is_told_of_the_token_in_use_alone(waiting):
    standby = refuse(waiting, Verdict.CONDITIONAL_ACCESS)

    assert standby.verdict == "conditional_access"
    assert not failures().exists()
    standby = refuse(waiting)
    assert standby.verdict == "token_revoked_or_expired"
    assert "stands by is refused" in failures().get().title


def test_who_waits_for_the_answer_is_not_told_besides(bound, sandbox, replace):
    binding, dead = bound(), sandbox.issue_token("contoso")
    sandbox.spoil(dead)

    replace(binding, dead, is_standby=True)

    assert standby_of(binding).verdict == "token_revoked_or_expired"
    assert not failures().exists()


@pytest.mark.parametrize("is_standby", [True, False])
def test_another_one_costs_it_only_where_that_is_meant(
    waiting, sandbox, replace, slots_of, is_standby
):
    before, dead = slots_of(waiting), sandbox.issue_token("contoso")
    sandbox.spoil(dead)

    with pytest.raises(StandbyWaits):
        replace(waiting, dead, is_standby=is_standby)
    assert slots_of(waiting) == before
    assert standby_of(waiting).is_healthy
    replace(waiting, dead, is_standby=is_standby, replaces_standby=True)

    assert slots_of(waiting) == before | {"next": fingerprint(dead)}


def test_the_same_one_may_be_pasted_again(waiting, replace, slots_of):
    before, standby = slots_of(waiting), standby_of(waiting)

    replace(waiting, standby.secret.reveal(standby), is_standby=True)

    assert slots_of(waiting) == before
    assert standby_of(waiting).is_healthy and standby_of(waiting).pk != standby.pk


@pytest.mark.parametrize(
    "known",
    [{"verdict": "token_expired"}, {"verdict": ""}, {"unreadable_since": timezone.now()}],
)
def test_one_that_is_of_no_use_makes_room(waiting, sandbox, replace, slots_of, known):
    waiting.tokens.filter(slot="next").update(**known)
    another = sandbox.issue_token("contoso")

    replace(waiting, another, is_standby=True)

    assert slots_of(waiting)["next"] == fingerprint(another)


def test_the_page_asks_before_it_is_wiped(waiting, browser_of, alice, sandbox, committed, slots_of):
    place = f"/organizations/{waiting.organization.key}/binding/token/"
    browser, before = browser_of(alice), slots_of(waiting)
    typed = {"token": sandbox.issue_token("contoso"), "when": "now"}
    label = f"Wipe the token that stands by, …{standby_of(waiting).last_four}"
    assert label in browser.get(place).text

    refused = browser.post(place, typed)
    assert refused.status_code == 422
    assert "so nothing was done" in refused.text and label in refused.text
    assert slots_of(waiting) == before
    with committed():
        done = browser.post(place, typed | {"replace_standby": "on"})

    assert done.status_code == 302
    assert slots_of(waiting) == {
        "current": fingerprint(typed["token"]),
        "previous": before["current"],
    }


def test_the_page_asks_nothing_where_none_stands_by(bound, browser_of, alice):
    place = f"/organizations/{bound().organization.key}/binding/token/"

    assert "replace_standby" not in browser_of(alice).get(place).text


def test_a_program_is_asked_as_well(waiting, program_of, alice, sandbox, committed, slots_of):
    address = f"/api/v1/organizations/{waiting.organization.key}/binding/token"
    before, program = slots_of(waiting), program_of(alice)
    body = {"token": sandbox.issue_token("contoso"), "when": "when_needed"}

    refused = program.put(address, body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "standby-waits")
    assert list(refused.json()["errors"]) == ["replace_standby"]
    assert slots_of(waiting) == before
    with committed():
        meant = body | {"replace_standby": True}
        done = program.put(address, meant, content_type="application/json")

    assert done.status_code == 202
    assert slots_of(waiting)["next"] == fingerprint(body["token"])
