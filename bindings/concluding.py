"""What follows from an answer: the token's health, the history, and who is told."""

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from bindings import slots, told
from bindings.checks import Outcome, capabilities_in, merged, secret_unreadable
from bindings.health import FIRST_SILENCE, Health, next_look, settle
from bindings.inventory import repository_row, store_repositories
from bindings.judging import PATIENCE, Look, compare, verdict_on
from bindings.lasting import outlasts, why_relieve
from bindings.models import DevOpsBinding, PersonalAccessToken, Verification
from bindings.probing import Answer
from bindings.providers.base import Verdict
from bindings.verdicts import ABOUT_THE_TOKEN, NOT_VERDICTS
from core.rows import insert, save_fields
from organizations import audit

Slot = PersonalAccessToken.Slot
Reason = Verification.Reason

# What failed while we were looking is looked at again after so long.
SOON = timedelta(minutes=5)
HEALTH = tuple(Health.__dataclass_fields__)


@transaction.atomic
def conclude(looks: Sequence[Look]) -> None:
    """Write down what was heard, save about tokens that another worker has now.

    All of it or nothing, and of each binding no more than one look: what follows from one may
    concern the binding's other token.
    """
    held = _held([look.claimed for look in looks])
    ours = [(held[look.claimed.pk], look) for look in looks if look.claimed.pk in held]
    known = [_saved_of(token) for token, _ in ours]
    rows = [_take_over(token, look) for token, look in ours]
    insert(rows)
    _save_changed([token for token, _ in ours], known)
    for (token, look), was, row in zip(ours, known, rows, strict=True):
        before = Health(**{name: was[name] for name in HEALTH})
        if row.verdict not in NOT_VERDICTS:
            _react(token, before, look)


def _take_over(token: PersonalAccessToken, look: Look) -> Verification:
    """Take over what the token is known for now. Returns the look as history tells it."""
    answer, found = look.answer, look.found
    is_new = token.slot == Slot.NEXT and not token.verdict
    reason, request = _reason(look.claimed), token.request
    verdict = verdict_on(token, look)
    if verdict not in NOT_VERDICTS:
        _learn(token, verdict, answer, found)
    if verdict == Verdict.HEALTHY and token.slot == Slot.NEXT:
        verdict = compare(token, _current(token), look)
    after = settle(
        health_of(token), verdict, at=timezone.now(), doubtful=look.doubtful, at_once=is_new
    )
    _settle(token, after, look)
    is_waited_for = verdict in NOT_VERDICTS and after.silences < PATIENCE
    # What was asked for while we were looking is another look.
    if request != look.claimed.request:
        token.wants_everything, token.next_check_at = True, timezone.now()
    elif not is_waited_for:
        token.request = token.requested_at = None
    if token.failed_at != look.claimed.failed_at:
        token.next_check_at = min(token.next_check_at, timezone.now() + SOON)
    return Verification(
        **({"id": request} if request and not token.request else {}),
        binding_id=token.binding_id,
        token_fingerprint=token.fingerprint,
        slot=token.slot,
        reason=reason,
        verdict=verdict,
        is_doubted=bool(after.suspect),
        checks=found,
        latency_ms=answer.latency_ms,
        activity_id=answer.activity_id,
    )


def _held(claimed: Sequence[PersonalAccessToken]) -> dict[uuid.UUID, PersonalAccessToken]:
    """The tokens as they are now, those that are still ours. Bindings are locked first, as
    everywhere, and in one order, so that two who lock several wait for each other in turn. Then
    the tokens: who notes a refusal, or claims what was held for too long, locks no binding.

    Binding and organization are read by whoever needs them, which few answers do.
    """
    bindings = DevOpsBinding.objects.filter(pk__in=[each.binding_id for each in claimed])
    list(bindings.order_by("pk").select_for_update().values_list("pk"))
    leases = {each.pk: each.lease for each in claimed}
    found = PersonalAccessToken.objects.filter(pk__in=leases).order_by("pk").select_for_update()
    return {token.pk: token for token in found if token.lease == leases[token.pk]}


def health_of(token: PersonalAccessToken) -> Health:
    return Health(**{name: getattr(token, name) for name in HEALTH})


def _reason(token: PersonalAccessToken) -> Reason:
    if token.slot == Slot.NEXT and token.verified_at is None:
        return Reason.REPLACEMENT
    if token.request:
        return Reason.REQUEST
    return Reason.SCHEDULE


def _learn(
    token: PersonalAccessToken, verdict: Verdict, answer: Answer, found: list[dict[str, Any]]
) -> None:
    """Take over everything that was found out, and leave the rest as it was known."""
    _learn_checks(token, verdict, found)
    token.questions = (token.questions + 1) % 1000
    token.wants_everything = answer.needs_everything
    if token.slot == Slot.CURRENT:
        token.accepts_differences = False
    if answer.last_access:
        _learn_access(token, answer.last_access)
    if answer.connection and not token.owner_id:
        token.owner_id = answer.connection.user_id
        token.owner_name = (answer.connection.user_name or answer.connection.user_account)[:255]
    if answer.is_global is not None:
        _learn_reach(token, is_global=answer.is_global)
    # What another token sees is not what this organization has.
    if answer.inventory and token.slot == Slot.CURRENT:
        rows = [repository_row(found) for found in answer.inventory.repositories]
        store_repositories(token.binding, rows)


def _learn_checks(
    token: PersonalAccessToken, verdict: Verdict, found: list[dict[str, Any]]
) -> None:
    """A refused token is known by its refusal alone; what it could do stays in `proven`."""
    if verdict in ABOUT_THE_TOKEN:
        token.checks = [dict(check) for check in found]
    else:
        token.checks = merged(token.checks, found)
    if verdict == Verdict.HEALTHY:
        failed = {c["code"] for c in token.checks if c["outcome"] in (Outcome.FAIL, Outcome.WARN)}
        token.proven = sorted({*token.proven, *capabilities_in(token.checks)} - failed)


def _learn_access(token: PersonalAccessToken, last_access: datetime) -> None:
    """Somebody signed in since: the absence that owners were told of is over."""
    known = token.last_access_at
    if token.noticed_absence is not None and (known is None or last_access > known):
        told.withdraw_absence(token)
        token.noticed_absence = None
    token.last_access_at, token.last_access_learned_at = last_access, timezone.now()


def _learn_reach(token: PersonalAccessToken, *, is_global: bool) -> None:
    """A token for all organizations ends with all others of its kind."""
    token.is_global = is_global
    if not is_global:
        return
    declared = token.expires_on if token.is_expiry_declared else None
    secret = token.secret.reveal(token)
    expires_on, source = slots.settle_expiry(secret, declared, is_global=True)
    if (expires_on, source) != (token.expires_on, token.expiry_source):
        told.withdraw_expiry(token)
        token.expires_on, token.expiry_source, token.noticed_days = expires_on, source, None


def _settle(token: PersonalAccessToken, after: Health, look: Look) -> None:
    now, answer = timezone.now(), look.answer
    for name in HEALTH:
        setattr(token, name, getattr(after, name))
    chance = random.random()  # noqa: S311  # spreads the work, guards nothing
    token.next_check_at = next_look(
        after, at=now, chance=chance, retry_after=answer.retry_after, doubtful=look.doubtful
    )
    if answer.needs_everything:
        token.next_check_at = now
    elif token.wants_everything and not after.silences:
        # It is well, save for what only a look at everything may tell.
        token.next_check_at = now + FIRST_SILENCE
    token.asked_at, token.lease, token.leased_until, token.attempts = now, None, None, 0


def _save_changed(tokens: Sequence[PersonalAccessToken], known: Sequence[dict[str, Any]]) -> None:
    """Little changes from day to day, and of many tokens the same."""
    pairs = [(_saved_of(token), was) for token, was in zip(tokens, known, strict=True)]
    changed = [name for name in SAVED if any(now[name] != was[name] for now, was in pairs)]
    save_fields(tokens, changed)


def _saved_of(token: PersonalAccessToken) -> dict[str, Any]:
    return {name: getattr(token, name) for name in SAVED}


SAVED = (
    *HEALTH,
    "accepts_differences",
    "accepts_less",
    "asked_at",
    "attempts",
    "checks",
    "expires_on",
    "expiry_source",
    "is_global",
    "last_access_at",
    "last_access_learned_at",
    "lease",
    "leased_until",
    "next_check_at",
    "noticed_absence",
    "noticed_days",
    "owner_id",
    "owner_name",
    "proven",
    "questions",
    "request",
    "requested_at",
    "wants_everything",
)


def _react(token: PersonalAccessToken, before: Health, look: Look) -> None:
    if token.slot == Slot.NEXT:
        _react_to_next(token, before, look.claimed)
    # One that was replaced while it was looked at concerns nobody any more.
    if token.slot != Slot.CURRENT:
        return
    is_refused = (token.suspect or token.verdict) in ABOUT_THE_TOKEN and not look.doubtful
    is_at_its_end = is_refused or token.is_over
    if is_at_its_end and (standby := _standby(token)):
        slots.promote(standby, by=None, reason="failover" if is_refused else "expiry")
    elif token.verdict != before.verdict:
        _tell_of_change(token, before.verdict)


def _tell_of_change(token: PersonalAccessToken, before: str) -> None:
    was_well = before in ("", Verdict.HEALTHY)
    is_refused_now = token.verdict in ABOUT_THE_TOKEN and before not in ABOUT_THE_TOKEN
    if token.is_healthy and not was_well:
        _record(token, "token.recovered")
        told.of_recovery(token)
    elif not token.is_healthy and (was_well or is_refused_now):
        _record(token, "token.failed")
        told.withdraw_failure(token)
        told.of_failure(token)


def _react_to_next(
    token: PersonalAccessToken, before: Health, claimed: PersonalAccessToken
) -> None:
    if token.is_healthy and before.verdict not in ("", Verdict.HEALTHY):
        told.withdraw_failure(token)
    if not token.is_healthy:
        if token.is_standby:
            _tell_of_standby(token, before.verdict, claimed)
    elif token.is_standby:
        _stand_by(token, is_new=before.verdict != Verdict.HEALTHY)
    elif before.verdict == "" or claimed.request:
        slots.promote(token, by=None, reason="replaced")
    else:
        # It was refused, and nobody waits for it any more: not to replace what works by now.
        token.is_standby = True
        token.save(update_fields=["is_standby"])


def _tell_of_standby(token: PersonalAccessToken, before: str, claimed: PersonalAccessToken) -> None:
    """Whoever waits for an answer sees it. What ails account or organization is told of the
    token in use.
    """
    is_refused_now = token.verdict in ABOUT_THE_TOKEN and before not in ABOUT_THE_TOKEN
    is_news = is_refused_now and not claimed.request
    if is_news or (before == Verdict.HEALTHY and token.verdict):
        _record(token, "token.failed")
    if is_news and (current := _current(token)):
        told.of_standby_failure(token, current)


def _stand_by(standby: PersonalAccessToken, *, is_new: bool) -> None:
    """Take over if there is need. If not, nobody has to replace a token that ends before this."""
    current = _current(standby)
    if current is None:
        return
    if reason := why_relieve(current):
        slots.promote(standby, by=None, reason=reason)
    elif is_new and outlasts(standby, current):
        told.withdraw_expiry(current)


def _current(token: PersonalAccessToken) -> PersonalAccessToken | None:
    return PersonalAccessToken.objects.in_use().filter(binding=token.binding_id).first()


def _standby(token: PersonalAccessToken) -> PersonalAccessToken | None:
    return PersonalAccessToken.objects.standing_by().filter(binding=token.binding_id).first()


@transaction.atomic
def note_unreadable(claimed: PersonalAccessToken) -> None:
    """Our copy can't be read: an incident of ours, and no verdict on the token."""
    token = _held([claimed]).get(claimed.pk)
    if token is None:
        return
    slots.call_off(token, secret_unreadable())
    token.unreadable_since = timezone.now()
    token.lease = token.leased_until = None
    token.save(
        update_fields=["unreadable_since", "lease", "leased_until", "request", "requested_at"]
    )
    _record(token, "token.unreadable")
    if token.slot == Slot.NEXT:
        _tell_of_unreadable_next(token)
    if token.slot != Slot.CURRENT:
        return
    if standby := _standby(token):
        slots.promote(standby, by=None, reason="unreadable")
    else:
        told.of_unreadable(token)


def _tell_of_unreadable_next(token: PersonalAccessToken) -> None:
    """Where it stands by, or was to. Of one that was refused, owners have heard."""
    current = _current(token)
    if current and token.is_standby and token.verdict in ("", Verdict.HEALTHY):
        told.of_unreadable_standby(token, current)


def _record(token: PersonalAccessToken, action: str) -> None:
    audit.record(
        token.binding.organization,
        action,
        by=None,
        verdict=token.verdict,
        token_fingerprint=token.fingerprint,
    )
