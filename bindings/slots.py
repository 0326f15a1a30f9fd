"""The three places a token may have: current, next and previous, and the ways between them.

Each change is one transaction under a lock on the binding, so that whoever uses the token
finds either the old one or the new one, and never none.
"""

import uuid
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from bindings import checks, told
from bindings.checks import Check
from bindings.errors import TokenChanged
from bindings.models import DevOpsBinding, PersonalAccessToken, Verification
from bindings.providers.azure_tokens import GLOBAL_TOKENS_END, format_of
from bindings.providers.base import Verdict
from organizations import audit
from organizations.models import Organization

Slot = PersonalAccessToken.Slot
Source = PersonalAccessToken.ExpirySource
Reason = Verification.Reason

KEPT_FOR_UNDO = timedelta(hours=24)
KEPT_THOUGH_REFUSED = timedelta(days=7)
WIPED = "The token was wiped before Azure DevOps had answered about it."
TO_BE_DELETED = "The token was wiped, because the organization is being deleted."
# Holds a row for a moment while two others change places.
BETWEEN = "between"
UNJUDGED = {
    "verdict": "",
    "verdict_since": None,
    "suspect": "",
    "suspect_since": None,
    "unreadable_since": None,
}


def settle_expiry(
    secret: str, declared: date | None, *, is_global: bool = False
) -> tuple[date | None, PersonalAccessToken.ExpirySource]:
    """The earliest of what we were told, what the token's own format allows, and the end of
    all global tokens.
    """
    latest, source = format_of(secret).latest_expiry, Source.FORMAT
    if is_global and (latest is None or latest > GLOBAL_TOKENS_END):
        latest, source = GLOBAL_TOKENS_END, Source.RETIREMENT
    if declared and (latest is None or declared <= latest):
        return declared, Source.DECLARED
    return (latest, source) if latest else (None, Source.UNKNOWN)


@transaction.atomic
def promote(
    next_: PersonalAccessToken, *, by: User | None, reason: str
) -> PersonalAccessToken | None:
    """Put the next token into use; what was in use is kept for a day. None when it is gone.

    `reason`: replaced, failover, expiry or unreadable; the same token once more has its own. It
    is looked at once more, whole: it may have died since, and sees other repositories.
    """
    slots = _lock(next_.binding_id)
    new = slots.get(Slot.NEXT)
    if new is None or new.pk != next_.pk:
        return None
    old = slots.get(Slot.CURRENT)
    kept: dict[str, Any] = {}
    # It was told of as one that waits.
    told.withdraw_failure(new)
    if old:
        told.settle(old, new)
    if old and old.fingerprint == new.fingerprint:
        reason, kept = _why_again(new), _known_of(old, new)
        # It needs no undo of itself: what was in use before it stays for that.
        old.delete()
    elif old:
        kept = _put_away(slots, by=by)
    _move(new, Slot.CURRENT, is_standby=False, accepts_differences=False, **kept, **_anew())
    binding = new.binding
    if new.external_name and new.external_name != binding.external_name:
        binding.external_name = new.external_name
        binding.save(update_fields=["external_name"])
    _record(binding, "token.replaced", by=by, new=new, old=old, reason=reason)
    told.of_replacement(new, reason=reason, by=by)
    return new


def _why_again(token: PersonalAccessToken) -> str:
    """The token in use was pasted once more: under a new name, or because it did not work."""
    known = token.binding.external_name.casefold()
    return "renamed" if token.external_name.casefold() not in ("", known) else "pasted_again"


def _known_of(old: PersonalAccessToken, new: PersonalAccessToken) -> dict[str, Any]:
    """What holds for the same token in its new row: what was asked of it, and what its owners
    were told, which they are not told again.
    """
    kept = _asked_of(old)
    if old.expires_on == new.expires_on:
        noticed = [days for days in (old.noticed_days, new.noticed_days) if days is not None]
        kept["noticed_days"] = min(noticed, default=None)
    if told.absence_lasts(old, new):
        kept["noticed_absence"] = old.noticed_absence
    return kept


def _put_away(slots: dict[str, PersonalAccessToken], *, by: User | None) -> dict[str, Any]:
    """Keep what was in use for undo. Returns what somebody asked of it, which concerns the
    token in use, whichever that is.
    """
    old = slots[Slot.CURRENT]
    if previous := slots.get(Slot.PREVIOUS):
        wipe(previous, by=by)
    asked_for = _asked_of(old)
    wipe_at = timezone.now() + KEPT_FOR_UNDO
    _move(old, Slot.PREVIOUS, wipe_at=wipe_at, request=None, requested_at=None)
    return asked_for


@transaction.atomic
def undo(binding: DevOpsBinding, mark: str, *, by: User) -> PersonalAccessToken | None:
    """Bring the previous token back; the one in use takes its place. None when it is gone.

    It is looked at as if for the first time, so that its owners hear of it if it is refused.
    """
    slots = _lock(binding.pk)
    previous = slots.get(Slot.PREVIOUS)
    if previous is None or Slot.CURRENT not in slots:
        return None
    if previous.fingerprint != mark:
        raise TokenChanged
    current = slots[Slot.CURRENT]
    told.settle(current, previous)
    _move(previous, BETWEEN)
    asked_for = _put_away({Slot.CURRENT: current}, by=by)
    _move(previous, Slot.CURRENT, wipe_at=None, **asked_for, **_anew(), **UNJUDGED)
    _record(binding, "token.restored", by=by, new=previous, old=current, reason="undone")
    told.of_replacement(previous, reason="undone", by=by)
    return previous


@transaction.atomic
def discard(binding: DevOpsBinding, mark: str, *, by: User | None) -> None:
    """Wipe the next token. Raises TokenChanged where it is another one by now."""
    token = _lock(binding.pk).get(Slot.NEXT)
    if token is None or token.fingerprint != mark:
        raise TokenChanged
    wipe(token, by=by)


def wipe(token: PersonalAccessToken, *, by: User | None, why: str = WIPED) -> None:
    """To be called under the lock on its binding. `why` is for who waits for an answer about it."""
    call_off(token, checks.called_off(why))
    _record(token.binding, "token.wiped", by=by, new=None, old=token, reason=token.slot)
    told.withdraw_expiry(token)
    told.withdraw_failure(token)
    token.delete()


def wipe_all(organization: Organization, *, by: User) -> None:
    """Wipe every token of an organization that is to be deleted. Nothing brings one back."""
    binding = DevOpsBinding.objects.filter(organization=organization).first()
    for token in _lock(binding.pk).values() if binding else ():
        wipe(token, by=by, why=TO_BE_DELETED)


def call_off(token: PersonalAccessToken, why: Check) -> None:
    """End the verification that somebody waits for, as there will be no answer to it.

    To be called under the lock on its binding, before the token is saved or wiped.
    """
    if token.request is None:
        return
    is_replacement = token.slot == Slot.NEXT
    Verification.objects.create(
        id=token.request,
        binding_id=token.binding_id,
        token_fingerprint=token.fingerprint,
        slot=token.slot,
        reason=Reason.REPLACEMENT if is_replacement else Reason.REQUEST,
        verdict=Verdict.CALLED_OFF,
        checks=[why.as_dict()],
    )
    token.request = token.requested_at = None


def wipe_leftovers() -> int:
    """Wipe what was kept for undo and is a day old, and what was refused and never put into
    use. Returns how many.
    """
    found = PersonalAccessToken.objects.filter(_is_left_over()).values_list("pk", "binding")
    return sum(_wipe_if_left_over(pk, binding) for pk, binding in found[:500])


def _is_left_over() -> Q:
    now = timezone.now()
    refused = ~Q(verdict__in=["", Verdict.HEALTHY]) & Q(slot=Slot.NEXT, request=None)
    return Q(slot=Slot.PREVIOUS, wipe_at__lt=now) | (
        refused & Q(verdict_since__lt=now - KEPT_THOUGH_REFUSED)
    )


@transaction.atomic
def _wipe_if_left_over(pk: uuid.UUID, binding_id: uuid.UUID) -> bool:
    """Asked again under the lock: an undo may have come first."""
    _lock(binding_id)
    found = PersonalAccessToken.objects.filter(_is_left_over(), pk=pk).first()
    if found:
        wipe(found, by=None)
    return found is not None


def _asked_of(token: PersonalAccessToken) -> dict[str, Any]:
    return {"request": token.request, "requested_at": token.requested_at}


def _anew() -> dict[str, Any]:
    return {"wants_everything": True, "next_check_at": timezone.now()}


def _lock(binding_id: uuid.UUID) -> dict[str, PersonalAccessToken]:
    DevOpsBinding.objects.select_for_update().filter(pk=binding_id).first()
    tokens = PersonalAccessToken.objects.filter(binding_id=binding_id)
    return {token.slot: token for token in tokens.select_related("binding__organization")}


def _move(token: PersonalAccessToken, slot: str, **values: Any) -> None:
    for name, value in {"slot": slot, **values}.items():
        setattr(token, name, value)
    token.save(update_fields=["slot", *values])


def _record(
    binding: DevOpsBinding,
    action: str,
    *,
    by: User | None,
    new: PersonalAccessToken | None,
    old: PersonalAccessToken | None,
    reason: str,
) -> None:
    audit.record(
        binding.organization,
        action,
        by=by,
        reason=reason,
        token_fingerprint=new.fingerprint if new else "",
        old_token_fingerprint=old.fingerprint if old else "",
    )
