"""The three places a token may have: current, next and previous, and the ways between them.

Each change is one transaction under a lock on the binding, so that whoever uses the token
finds either the old one or the new one, and never none.
"""

import uuid
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bindings import told
from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.providers.azure_tokens import GLOBAL_TOKENS_END, format_of
from organizations import audit

Slot = PersonalAccessToken.Slot
Source = PersonalAccessToken.ExpirySource

KEPT_FOR_UNDO = timedelta(hours=24)
# Holds a row for a moment while two others change places.
BETWEEN = "between"


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

    `reason`: replaced, failover or expiry.
    """
    slots = _lock(next_.binding_id)
    new = slots.get(Slot.NEXT)
    if new is None or new.pk != next_.pk:
        return None
    if old := slots.get(Slot.CURRENT):
        if previous := slots.get(Slot.PREVIOUS):
            previous.delete()
        _move(old, Slot.PREVIOUS, wipe_at=timezone.now() + KEPT_FOR_UNDO)
    _move(new, Slot.CURRENT, is_standby=False, accepts_differences=False)
    binding = new.binding
    if new.external_name and new.external_name != binding.external_name:
        binding.external_name = new.external_name
        binding.save(update_fields=["external_name"])
    _record(binding, "token.replaced", by=by, new=new, old=old, reason=reason)
    told.of_replacement(new, old, reason=reason, by=by)
    return new


@transaction.atomic
def undo(binding: DevOpsBinding, *, by: User) -> PersonalAccessToken | None:
    """Bring the previous token back; the one in use takes its place. None when it is gone."""
    slots = _lock(binding.pk)
    previous, current = slots.get(Slot.PREVIOUS), slots.get(Slot.CURRENT)
    if previous is None or current is None:
        return None
    _move(previous, BETWEEN)
    _move(current, Slot.PREVIOUS, wipe_at=timezone.now() + KEPT_FOR_UNDO)
    _move(previous, Slot.CURRENT, wipe_at=None, next_check_at=timezone.now())
    _record(binding, "token.restored", by=by, new=previous, old=current, reason="undone")
    told.of_replacement(previous, current, reason="undone", by=by)
    return previous


@transaction.atomic
def discard(binding: DevOpsBinding, slot: str, *, by: User | None) -> bool:
    """Wipe the next or the previous token. False where there is none."""
    token = _lock(binding.pk).get(slot)
    if token is None:
        return False
    _record(binding, "token.wiped", by=by, new=None, old=token, reason=slot)
    token.delete()
    return True


def wipe_previous() -> int:
    """Wipe what was kept for undo and is a day old. Returns how many."""
    old = PersonalAccessToken.objects.filter(slot=Slot.PREVIOUS, wipe_at__lt=timezone.now())
    bindings = [token.binding for token in old.select_related("binding__organization")[:500]]
    return sum(_wipe_if_old(binding) for binding in bindings)


@transaction.atomic
def _wipe_if_old(binding: DevOpsBinding) -> bool:
    """Asked again under the lock: an undo may have come first."""
    token = _lock(binding.pk).get(Slot.PREVIOUS)
    if token is None or token.wipe_at is None or token.wipe_at >= timezone.now():
        return False
    return discard(binding, Slot.PREVIOUS, by=None)


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
