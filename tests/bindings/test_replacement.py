"""Replacing the token: verified first, put into use at once, and never a gap."""

import threading
import time
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import Notification
from bindings import slots, sweeping
from bindings.errors import ExpiryImpossible, NothingToUndo, SameToken
from bindings.models import PersonalAccessToken, Verification
from bindings.providers.azure_tokens import TokenMalformed
from bindings.replacing import (
    Replacement,
    accept_differences,
    declare_expiry,
    rename,
    replace_token,
    undo_replacement,
    use_standby,
)
from bindings.tasks import sweep_tokens
from bindings.use import use_token
from core.secrets import fingerprint
from organizations.models import AuditEvent
from sandbox.testing import Flaw
from tests.tokens import make_token


def outcome_of(token, code):
    return next(check for check in token.checks if check["code"] == code)


def next_of(binding):
    return PersonalAccessToken.objects.get(binding=binding, slot="next")


def test_a_good_token_is_put_into_use_and_the_old_one_kept(bound, sandbox, replace, slots_of):
    binding = bound()
    before, new = slots_of(binding)["current"], sandbox.issue_token("contoso")

    replace(binding, new)

    assert slots_of(binding) == {"current": fingerprint(new), "previous": before}
    assert AuditEvent.objects.filter(action="token.replaced").count() == 1
    made = Verification.objects.get(binding=binding, reason="replacement")
    assert (made.slot, made.verdict) == ("next", "healthy")


@pytest.mark.parametrize(
    ("label", "verdict"),
    [
        ("revoked", "token_revoked_or_expired"),
        ("expired-json", "token_expired"),
        ("no-useful-scope", "missing_scope"),
        ("other-organization", "token_revoked_or_expired"),
    ],
)
def test_a_bad_token_leaves_the_good_one_in_use(bound, sandbox, replace, slots_of, label, verdict):
    binding = bound()
    before = slots_of(binding)["current"]

    replace(binding, sandbox.token(label))

    assert slots_of(binding)["current"] == before
    assert next_of(binding).verdict == verdict
    assert not next_of(binding).is_running


def test_a_token_of_another_organization_is_refused_with_both_names(bound, sandbox, replace):
    binding = bound()

    replace(binding, sandbox.issue_token("fabrikam"), organization="fabrikam")

    check = outcome_of(next_of(binding), "organization")
    assert check["outcome"] == "fail"
    assert "fabrikam" in check["message"] and "contoso" in check["message"]
    binding.refresh_from_db()
    assert binding.external_name == "contoso"


def test_a_token_of_another_account_waits_for_a_word(
    bound, sandbox, replace, slots_of, current, committed, alice
):
    binding = bound()
    sweeping.sweep(seconds=20)
    new = sandbox.token("other-owner")

    replace(binding, new)
    assert next_of(binding).verdict == "token_owner_changed"
    with committed():
        accept_differences(binding, fingerprint(new), by=alice)

    assert slots_of(binding)["current"] == fingerprint(new)
    assert current(binding).verdict == "healthy"


def test_a_token_that_may_do_less_waits_for_a_word(
    bound, sandbox, replace, slots_of, committed, alice, current
):
    binding, less = bound(proven=["code_read", "code_write"]), sandbox.token("read-only")

    replace(binding, less)

    assert next_of(binding).verdict == "missing_scope"
    assert next_of(binding).has_differences
    assert current(binding).fingerprint != fingerprint(less)


def test_it_can_be_taken_back_for_a_day(bound, sandbox, replace, slots_of, alice):
    binding = bound()
    before = slots_of(binding)["current"]
    replace(binding, sandbox.issue_token("contoso"))

    undo_replacement(binding, before, by=alice)

    assert slots_of(binding)["current"] == before
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert slots.wipe_leftovers() == 1
        with pytest.raises(NothingToUndo):
            undo_replacement(binding, before, by=alice)
    assert list(slots_of(binding)) == ["current"]


def test_what_is_less_than_a_day_old_is_not_wiped(bound, sandbox, replace, slots_of):
    binding = bound()
    replace(binding, sandbox.issue_token("contoso"))

    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert slots.wipe_leftovers() == 0

    assert "previous" in slots_of(binding)


def test_the_one_that_waits_takes_over_within_one_verification(
    bound, sandbox, replace, slots_of, current
):
    binding, new = bound(), sandbox.issue_token("contoso")
    replace(binding, new, is_standby=True)
    assert slots_of(binding)["current"] != fingerprint(new)
    sandbox.spoil(current(binding).secret.reveal(current(binding)))

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        sweeping.sweep(seconds=1)

    assert slots_of(binding)["current"] == fingerprint(new)


def test_the_one_that_waits_takes_over_where_the_old_one_is_used(
    bound, sandbox, replace, slots_of, current
):
    binding, new = bound(), sandbox.issue_token("contoso")
    replace(binding, new, is_standby=True)
    sandbox.spoil(current(binding).secret.reveal(current(binding)))

    assert use_token(binding.pk, lambda azure: azure.connect()).external_id == binding.external_id

    assert slots_of(binding)["current"] == fingerprint(new)


def test_the_one_that_waits_takes_over_when_the_other_expires(bound, sandbox, replace, slots_of):
    today = timezone.now().date()
    binding = bound(expires_on=today, expiry_source="declared")
    new = sandbox.issue_token("contoso")
    replace(binding, new, is_standby=True)

    sweeping.sweep(seconds=20)

    assert slots_of(binding)["current"] == fingerprint(new)


def test_an_owner_may_use_the_waiting_one_now(bound, sandbox, replace, slots_of, alice):
    binding, new = bound(), sandbox.issue_token("contoso")
    replace(binding, new, is_standby=True)

    use_standby(binding, fingerprint(new), by=alice)

    assert slots_of(binding)["current"] == fingerprint(new)


def test_the_binding_follows_a_rename(bound, sandbox, committed, alice):
    binding = bound()
    sandbox.rename("contoso", "contoso-port")

    with committed():
        rename(binding, "https://dev.azure.com/contoso-port/", by=alice)

    binding.refresh_from_db()
    assert binding.external_name == "contoso-port"


def test_a_rename_keeps_the_earlier_token(bound, sandbox, replace, committed, alice, slots_of):
    binding = bound()
    replace(binding, sandbox.issue_token("contoso"))
    before = slots_of(binding)
    sandbox.rename("contoso", "contoso-harbour")

    with committed():
        rename(binding, "contoso-harbour", by=alice)

    assert slots_of(binding) == before
    assert "brought back" not in Notification.objects.latest("created_at").text


def test_a_name_that_belongs_to_another_is_not_followed(bound, sandbox, committed, alice):
    binding = bound(token=sandbox.token("global"))

    with committed():
        rename(binding, "fabrikam", by=alice)

    binding.refresh_from_db()
    assert binding.external_name == "contoso"


def test_the_same_token_is_no_replacement(bound, replace, current):
    binding = bound()

    with pytest.raises(SameToken):
        replace(binding, current(binding).secret.reveal(current(binding)))


@pytest.mark.parametrize("expires_on", [date(2020, 1, 1), date(2199, 1, 1)])
def test_an_impossible_date_is_refused_and_nothing_is_lost(bound, replace, slots_of, expires_on):
    binding = bound()

    with pytest.raises(ExpiryImpossible):
        replace(binding, make_token(), expires_on=expires_on)

    assert list(slots_of(binding)) == ["current"]


def test_what_is_no_token_is_refused_before_anything(bound, replace, sandbox):
    binding = bound()

    with pytest.raises(TokenMalformed):
        replace(binding, "hunter2")

    assert not list(sandbox.requests)


def test_a_declared_expiry_is_bounded_by_the_tokens_own(bound, alice, current):
    binding = bound(token=make_token("C", "K"))

    declare_expiry(binding, date(2027, 11, 10), by=alice)

    assert current(binding).expires_on == date(2027, 11, 10)
    assert current(binding).expiry_source == "declared"


class Traffic:
    """Operations with the token, fifty a second, by ten threads. What went wrong is kept."""

    def __init__(self, binding):
        self.binding, self.failures, self.done = binding, [], 0
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self.run, args=[n]) for n in range(10)]
        self.never = threading.Event()

    def run(self, number):
        for turn in range(20):
            due = self.began + number * 0.02 + turn * 0.2
            self.never.wait(max(0.0, due - time.monotonic()))
            self.operate()
        connection.close()

    def operate(self):
        try:
            use_token(self.binding.pk, lambda azure: azure.connect())
            self.done += 1
        except Exception as error:
            self.failures.append(error)


@pytest.mark.django_db(transaction=True)
def test_no_operation_fails_while_the_token_is_replaced(bound, sandbox, alice):
    """Replaced again and again, and each old one revoked the moment it is out of use."""
    binding, replaced = bound(), 0
    traffic = Traffic(binding)
    for thread in traffic.threads:
        thread.start()

    while replaced < 30 and any(thread.is_alive() for thread in traffic.threads):
        before = PersonalAccessToken.objects.get(binding=binding, slot="current")
        replace_token(binding, Replacement(sandbox.issue_token("contoso")), by=alice)
        # Another thread's sweep may have it in hand, or others every place of a sweeper.
        while PersonalAccessToken.objects.in_use().filter(pk=before.pk).exists():
            traffic.never.wait(0.01)
            sweep_tokens()
        sandbox.spoil(before.secret.reveal(before), Flaw.REVOKED)
        replaced += 1
    for thread in traffic.threads:
        thread.join()

    assert (traffic.failures, traffic.done) == ([], 200)
    assert AuditEvent.objects.filter(action="token.replaced").count() == replaced > 1
