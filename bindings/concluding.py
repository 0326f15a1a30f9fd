"""What follows from an answer: the token's health, the history, and who is told."""

import random
from typing import Any

from django.db import transaction
from django.utils import timezone

from bindings import slots, told
from bindings.checks import Outcome, capabilities_in, in_order, merged
from bindings.health import Health, next_look, settle
from bindings.inventory import repository_row, store_repositories
from bindings.models import DevOpsBinding, PersonalAccessToken, Verification
from bindings.probing import Answer
from bindings.providers.base import Verdict
from bindings.slots import ABOUT_THE_TOKEN
from bindings.verdicts import NOT_VERDICTS
from organizations import audit

Slot = PersonalAccessToken.Slot
Reason = Verification.Reason

# Whoever waits for an answer is told after so many tries that there is none.
PATIENCE = 3
HEALTH = tuple(Health.__dataclass_fields__)


@transaction.atomic
def conclude(claimed: PersonalAccessToken, answer: Answer, *, doubtful: bool) -> None:
    """Write down what was heard about a claimed token, unless another worker has it now."""
    token = _held(claimed)
    if token is None:
        return
    before = health_of(token)
    after = settle(
        before,
        answer.verdict,
        at=timezone.now(),
        doubtful=doubtful,
        at_once=token.slot == Slot.NEXT,
    )
    reason, request = _reason(token), token.request
    if is_answer := answer.verdict not in NOT_VERDICTS:
        _learn(token, answer)
    if is_answer or after.silences >= PATIENCE:
        token.request = token.requested_at = None
    _save(token, after, answer)
    _add_verification(token, after, answer, reason, request)
    if is_answer:
        _react(token, before, answer, doubtful=doubtful)


def _held(claimed: PersonalAccessToken) -> PersonalAccessToken | None:
    """The token as it is now, if it is still ours. The binding is locked first, as everywhere.

    Binding and organization are read by whoever needs them, which few answers do.
    """
    binding = DevOpsBinding.objects.filter(pk=claimed.binding_id).order_by()
    list(binding.select_for_update().values_list("pk"))
    held = PersonalAccessToken.objects.filter(pk=claimed.pk, lease=claimed.lease)
    return next(iter(held), None)


def health_of(token: PersonalAccessToken) -> Health:
    return Health(**{name: getattr(token, name) for name in HEALTH})


def _reason(token: PersonalAccessToken) -> Reason:
    if token.slot == Slot.NEXT and token.verified_at is None:
        return Reason.REPLACEMENT
    if token.request:
        return Reason.REQUEST
    return Reason.SCHEDULE


def _learn(token: PersonalAccessToken, answer: Answer) -> None:
    """Take over everything that was found out, and leave the rest as it was known."""
    _learn_checks(token, answer)
    token.questions = (token.questions + 1) % 1000
    token.wants_everything = answer.needs_everything
    if token.slot == Slot.CURRENT:
        token.accepts_differences = False
    token.last_access_at = answer.last_access or token.last_access_at
    if answer.connection and not token.owner_id:
        token.owner_id = answer.connection.user_id
        token.owner_name = (answer.connection.user_name or answer.connection.user_account)[:255]
    if answer.is_global is not None:
        _learn_reach(token, is_global=answer.is_global)
    if answer.inventory:
        rows = [repository_row(found) for found in answer.inventory.repositories]
        store_repositories(token.binding, rows)


def _learn_checks(token: PersonalAccessToken, answer: Answer) -> None:
    """A refused token is known by its refusal alone; what it could do stays in `proven`."""
    found = [check.as_dict() for check in answer.checks]
    if answer.verdict == Verdict.HEALTHY or answer.verdict not in ABOUT_THE_TOKEN:
        token.checks = merged(token.checks, found)
    else:
        token.checks = in_order(found)
    if answer.verdict == Verdict.HEALTHY:
        token.proven = capabilities_in(token.checks)


def _learn_reach(token: PersonalAccessToken, *, is_global: bool) -> None:
    """A token for all organizations ends with all others of its kind."""
    token.is_global = is_global
    if not is_global:
        return
    declared = token.expires_on if token.is_expiry_declared else None
    secret = token.secret.reveal(token)
    expires_on, source = slots.settle_expiry(secret, declared, is_global=True)
    if (expires_on, source) != (token.expires_on, token.expiry_source):
        token.expires_on, token.expiry_source, token.noticed_days = expires_on, source, None


def _save(token: PersonalAccessToken, after: Health, answer: Answer) -> None:
    now = timezone.now()
    for name in HEALTH:
        setattr(token, name, getattr(after, name))
    chance = random.random()  # noqa: S311  # spreads the work, guards nothing
    token.next_check_at = next_look(after, at=now, chance=chance, retry_after=answer.retry_after)
    if answer.needs_everything:
        token.next_check_at = now
    token.asked_at, token.lease, token.leased_until, token.attempts = now, None, None, 0
    token.save(update_fields=[*SAVED, *HEALTH])


SAVED = (
    "accepts_differences",
    "asked_at",
    "attempts",
    "checks",
    "expires_on",
    "expiry_source",
    "is_global",
    "last_access_at",
    "lease",
    "leased_until",
    "next_check_at",
    "noticed_days",
    "owner_id",
    "owner_name",
    "proven",
    "questions",
    "request",
    "requested_at",
    "wants_everything",
)


def _add_verification(
    token: PersonalAccessToken, after: Health, answer: Answer, reason: Reason, request: Any
) -> None:
    identity = {"id": request} if request and not token.request else {}
    Verification.objects.create(
        **identity,
        binding_id=token.binding_id,
        token_fingerprint=token.fingerprint,
        slot=token.slot,
        reason=reason,
        verdict=answer.verdict,
        is_doubted=bool(after.suspect),
        checks=in_order([check.as_dict() for check in answer.checks]),
        latency_ms=answer.latency_ms,
        activity_id=answer.activity_id,
    )


def _react(token: PersonalAccessToken, before: Health, answer: Answer, *, doubtful: bool) -> None:
    if token.slot == Slot.NEXT:
        _react_to_next(token)
        return
    is_refused = answer.verdict in ABOUT_THE_TOKEN and not doubtful
    is_at_its_end = is_refused or token.is_over
    if is_at_its_end and (standby := _standby(token)):
        slots.promote(standby, by=None, reason="failover" if is_refused else "expiry")
        return
    was_well = before.verdict in ("", Verdict.HEALTHY)
    if token.verdict != before.verdict and was_well != token.is_healthy:
        _tell_of_change(token, had_trouble=not was_well)


def _tell_of_change(token: PersonalAccessToken, *, had_trouble: bool) -> None:
    if token.is_healthy:
        _record(token, "token.recovered")
        told.of_recovery(token)
    elif not had_trouble:
        _record(token, "token.failed")
        told.of_failure(token)


def _react_to_next(token: PersonalAccessToken) -> None:
    if not token.is_healthy:
        return
    current = PersonalAccessToken.objects.in_use().filter(binding=token.binding_id).first()
    lost = set(current.proven) - set(token.proven) if current else set()
    if lost and not token.accepts_differences:
        _refuse_smaller(token, lost)
    elif not token.is_standby:
        slots.promote(token, by=None, reason="replaced")
    elif current and (current.is_over or current.verdict in ABOUT_THE_TOKEN):
        slots.promote(token, by=None, reason="expiry" if current.is_over else "failover")


def _refuse_smaller(token: PersonalAccessToken, lost: set[str]) -> None:
    """It works, but what works today would stop with it: only a person may want that."""
    token.verdict = Verdict.MISSING_SCOPE
    for check in token.checks:
        if check["code"] in lost and check["outcome"] != Outcome.FAIL:
            check["outcome"] = Outcome.FAIL
            check["message"] += " The token in use was proven to do this."
    token.save(update_fields=["verdict", "checks"])


def _standby(token: PersonalAccessToken) -> PersonalAccessToken | None:
    waiting = PersonalAccessToken.objects.filter(
        binding=token.binding_id,
        slot=Slot.NEXT,
        is_standby=True,
        verdict=Verdict.HEALTHY,
        unreadable_since=None,
    )
    return waiting.first()


@transaction.atomic
def note_unreadable(claimed: PersonalAccessToken) -> None:
    """Our copy can't be read: an incident of ours, and no verdict on the token."""
    token = _held(claimed)
    if token is None:
        return
    token.unreadable_since = timezone.now()
    token.lease = token.leased_until = token.request = token.requested_at = None
    token.save(
        update_fields=["unreadable_since", "lease", "leased_until", "request", "requested_at"]
    )
    _record(token, "token.unreadable")
    if token.slot != Slot.CURRENT:
        return
    if standby := _standby(token):
        slots.promote(standby, by=None, reason="failover")
    else:
        told.of_unreadable(token)


def _record(token: PersonalAccessToken, action: str) -> None:
    audit.record(
        token.binding.organization,
        action,
        by=None,
        verdict=token.verdict,
        token_fingerprint=token.fingerprint,
    )
