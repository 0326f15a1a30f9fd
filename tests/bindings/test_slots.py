"""What may go wrong between the tokens of one organization, and does not."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import Notification
from bindings import expiry, slots, sweeping
from bindings.concluding import Look, conclude
from bindings.errors import NothingToAccept, StandbyWaits, TokenChanged
from bindings.models import PersonalAccessToken, PlatformIncident, Verification
from bindings.probing import Answer
from bindings.providers.base import Refused, Verdict
from bindings.replacing import (
    accept_differences,
    rename,
    request_verification,
    undo_replacement,
    use_standby,
)
from bindings.use import note_refusal, use_token
from core.secrets import fingerprint
from organizations.models import AuditEvent
from tests.bindings.conftest import add_token

MINUTES = timedelta(minutes=15)


def next_of(binding):
    return PersonalAccessToken.objects.get(binding=binding, slot="next")


def titles():
    return list(Notification.objects.order_by("created_at").values_list("title", flat=True))


def sweep_after(**time):
    """What a worker finds so much later."""
    with time_machine.travel(timezone.now() + timedelta(**time)):
        sweeping.sweep(seconds=20)


def answer(token, verdict, **checks):
    found = [FakeCheck(code, outcome) for code, outcome in checks.items()]
    return Look(token, Answer(verdict, checks=found))


class FakeCheck:
    latency_ms, activity_id = 7, ""

    def __init__(self, code, outcome):
        self.code, self.outcome = code, outcome

    def as_dict(self):
        return {"code": self.code, "outcome": self.outcome, "message": "…", "remedy": ""}


def test_a_token_that_is_not_taken_changes_no_repository(bound, sandbox, replace):
    binding = bound(wants_everything=True)
    sweeping.sweep(seconds=20)
    known = set(binding.repositories.filter(vanished_at=None).values_list("name", flat=True))

    replace(binding, sandbox.token("sees-nothing"))

    assert len(known) > 1
    found = binding.repositories.filter(vanished_at=None).values_list("name", flat=True)
    assert set(found) == known


def test_whoever_takes_over_is_looked_at_at_once(bound, sandbox, replace, current):
    binding, second = bound(), sandbox.issue_token("contoso")
    first = current(binding)
    replace(binding, second, is_standby=True)
    for secret in (first.secret.reveal(first), second):
        sandbox.spoil(secret)

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        sweeping.sweep(seconds=20)
        assert current(binding).fingerprint == fingerprint(second)
        assert current(binding).suspect
    sweep_after(days=1, minutes=6)

    assert current(binding).verdict == "token_revoked_or_expired"
    assert any("refuses the token" in title for title in titles())


def test_what_fails_while_it_is_looked_at_is_looked_at_again(bound, current):
    binding = bound()
    [claimed] = sweeping.claim(1)

    note_refusal(current(binding))
    conclude([answer(claimed, Verdict.HEALTHY)])

    assert current(binding).next_check_at <= timezone.now() + MINUTES


@pytest.mark.django_db(transaction=True)
def test_what_fails_while_an_answer_is_written_down_is_looked_at_again(bound, current):
    binding = bound(asked_at=timezone.now())
    [claimed] = sweeping.claim(1)
    threads = []

    def note():
        note_refusal(claimed)
        connection.close()

    def note_meanwhile(execute, sql, params, many, context):
        if sql.startswith("INSERT") and "bindings_verification" in sql:
            threads.append(threading.Thread(target=note))
            threads[0].start()
            # Time enough for whom nothing holds up.
            threads[0].join(timeout=1)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note_meanwhile):
        conclude([answer(claimed, Verdict.HEALTHY)])
    [thread] = threads
    thread.join()

    assert current(binding).failed_at is not None
    assert current(binding).next_check_at <= timezone.now() + MINUTES


@pytest.mark.parametrize("verdict", [Verdict.CONDITIONAL_ACCESS, Verdict.ORGANIZATION_NOT_FOUND])
def test_every_refusal_brings_the_next_look_forward(bound, current, verdict):
    binding = bound()
    sweeping.sweep(seconds=20)

    def fail(azure):
        raise Refused(verdict)

    with pytest.raises(Refused):
        use_token(binding.pk, fail)

    assert current(binding).next_check_at <= timezone.now() + MINUTES


def test_who_fails_on_and_on_makes_no_look_each_time(bound, current):
    binding = bound()
    sweeping.sweep(seconds=20)

    for _ in range(3):
        note_refusal(current(binding))
        sweeping.sweep(seconds=20)

    assert Verification.objects.filter(binding=binding).count() == 1


def test_what_could_not_be_tried_is_tried_again_before_anybody_is_asked(bound, replace, sandbox):
    binding = bound(proven=["code_read", "code_write"])
    replace(binding, sandbox.issue_token("contoso"), is_standby=True)
    token = next_of(binding)
    PersonalAccessToken.objects.filter(pk=token.pk).update(
        verdict="", checks=[], proven=[], questions=0
    )

    for judged in ("", "", "missing_scope"):
        PersonalAccessToken.objects.filter(pk=token.pk).update(next_check_at=timezone.now())
        claimed = next(each for each in sweeping.claim(5) if each.pk == token.pk)
        conclude([answer(claimed, Verdict.HEALTHY, code_read="pass", code_write="unknown")])
        assert next_of(binding).verdict == judged
        is_soon = next_of(binding).next_check_at <= timezone.now() + MINUTES
        assert is_soon or judged
    assert next_of(binding).has_differences


def test_what_could_not_be_tried_once_stays_proven(bound, current):
    proven = [{"code": "code_write", "outcome": "pass", "message": "…", "remedy": ""}]
    binding = bound(proven=["code_read", "code_write"], checks=proven)
    [claimed] = sweeping.claim(1)

    conclude([answer(claimed, Verdict.HEALTHY, code_read="pass", code_write="unknown")])

    assert sorted(current(binding).proven) == ["code_read", "code_write"]


def test_a_verification_tells_that_a_smaller_token_was_refused(bound, sandbox, replace):
    binding = bound(proven=["code_read", "code_write"])

    token = replace(binding, sandbox.issue_token("contoso", person="reader"))

    assert next_of(binding).verdict == "missing_scope"
    assert Verification.objects.get(pk=token.request).verdict == "missing_scope"


def test_an_owner_may_take_a_token_that_only_reads(
    bound, sandbox, replace, committed, alice, current
):
    binding, less = bound(proven=["code_read", "code_write"]), sandbox.token("read-only")
    replace(binding, less)

    with committed():
        accept_differences(binding, fingerprint(less), by=alice)
    for days in (1, 2, 3):
        sweep_after(days=days)

    token = current(binding)
    assert (token.fingerprint, token.verdict) == (fingerprint(less), "healthy")
    assert not Notification.objects.filter(kind="token_failing").exists()


def test_a_refused_token_that_works_later_replaces_nothing(bound, sandbox, replace, slots_of):
    binding, new = bound(), sandbox.issue_token("contoso")
    before = slots_of(binding)["current"]
    sandbox.spoil(new)
    replace(binding, new)

    sandbox.spoil(new, None)
    sweep_after(days=1)

    assert slots_of(binding) == {"current": before, "next": fingerprint(new)}
    assert next_of(binding).is_standby


def test_a_refused_token_is_wiped_after_a_week(bound, sandbox, replace, slots_of):
    binding, new = bound(), sandbox.issue_token("contoso")
    sandbox.spoil(new)
    replace(binding, new)

    assert slots.wipe_leftovers() == 0
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert slots.wipe_leftovers() == 1

    assert list(slots_of(binding)) == ["current"]
    assert AuditEvent.objects.filter(action="token.wiped").count() == 1


def test_the_name_goes_with_the_binding_and_not_with_the_token(bound, sandbox, replace, current):
    binding = bound()
    token = current(binding)
    PersonalAccessToken.objects.filter(pk=token.pk).update(external_name="before-the-rename")

    sweep_after(days=1)

    assert (current(binding).verdict, current(binding).suspect) == ("healthy", "")


def test_a_new_name_costs_no_token_that_stands_by(bound, sandbox, replace, alice, slots_of):
    binding = bound()
    replace(binding, sandbox.issue_token("contoso"), is_standby=True)

    with pytest.raises(StandbyWaits):
        rename(binding, "contoso-harbour", by=alice)

    assert "next" in slots_of(binding)


def test_what_is_done_is_done_to_the_token_that_was_seen(bound, sandbox, replace, slots_of, alice):
    binding = bound()
    replace(binding, sandbox.issue_token("contoso"))
    replace(binding, sandbox.token("other-owner"))
    before = slots_of(binding)

    for act, refusal in [
        (undo_replacement, TokenChanged),
        (slots.discard, TokenChanged),
        (use_standby, NothingToAccept),
        (accept_differences, NothingToAccept),
    ]:
        with pytest.raises(refusal):
            act(binding, "0123456789abcdef", by=alice)

    assert slots_of(binding) == before


def test_an_earlier_token_that_is_dead_is_told_again(bound, sandbox, replace, current, alice):
    binding = bound()
    first = current(binding)
    sandbox.spoil(first.secret.reveal(first))
    replace(binding, sandbox.issue_token("contoso"))

    undo_replacement(binding, first.fingerprint, by=alice)
    sweeping.sweep(seconds=20)
    sweep_after(minutes=6)

    assert current(binding).verdict == "token_revoked_or_expired"
    assert "refuses the token" in titles()[-1]


def test_a_death_is_told_where_something_else_was_the_matter(bound, sandbox, current):
    binding = bound(verdict="organization_stopped", verdict_since=timezone.now())
    token = current(binding)
    sandbox.spoil(token.secret.reveal(token))

    sweeping.sweep(seconds=20)
    assert current(binding).verdict == "organization_stopped"
    sweep_after(minutes=6)

    assert current(binding).verdict == "token_revoked_or_expired"
    assert "refuses the token" in titles()[-1]


def test_one_that_stands_by_is_believed_to_be_dead_only_twice(bound, sandbox, replace):
    binding, second = bound(), sandbox.issue_token("contoso")
    replace(binding, second, is_standby=True)
    sandbox.spoil(second)

    sweep_after(days=1)
    assert next_of(binding).verdict == "healthy"
    sweep_after(days=1, minutes=6)

    assert next_of(binding).verdict == "token_revoked_or_expired"
    assert "the token that stands by is refused" in titles()[-1]


@pytest.mark.parametrize(("days", "is_settled"), [(300, True), (3, False)])
def test_one_that_stands_by_for_longer_settles_that_the_present_one_ends(
    bound, sandbox, replace, current, days, is_settled
):
    binding = bound()
    end = timezone.now().date() + timedelta(days=5)
    PersonalAccessToken.objects.update(expires_on=end, expiry_source="declared")
    expiry.give_notice()

    lasts_until = timezone.now().date() + timedelta(days=days)
    replace(binding, sandbox.issue_token("contoso"), is_standby=True, expires_on=lasts_until)

    notice = Notification.objects.get(kind="token_expiring", subject=str(current(binding).pk))
    assert (notice.read_at is not None) == is_settled


def test_nobody_takes_over_while_the_platform_has_trouble(bound, sandbox, replace, slots_of):
    binding = bound()
    replace(binding, sandbox.issue_token("contoso"), is_standby=True)
    before = slots_of(binding)
    PlatformIncident.objects.create(platform="azure_devops", affected=40)

    def fail(azure):
        raise Refused(Verdict.TOKEN_REVOKED_OR_EXPIRED)

    with pytest.raises(Refused):
        use_token(binding.pk, fail)

    assert slots_of(binding) == before


def test_what_was_asked_of_the_old_one_is_answered_by_the_new(bound, sandbox, alice, slots_of):
    binding = bound()
    second = add_token(binding, sandbox.issue_token("contoso"), slot="next", is_standby=True)

    asked = request_verification(binding, by=alice).request
    use_standby(binding, second.fingerprint, by=alice)
    sweeping.sweep(seconds=20)

    assert not PersonalAccessToken.objects.exclude(request=None).exists()
    told = Verification.objects.get(pk=asked)
    assert told.token_fingerprint == slots_of(binding)["current"] == second.fingerprint
