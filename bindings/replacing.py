"""What an owner can do about the token of an organization."""

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bindings import checks, expiry, slots, told
from bindings.errors import (
    ChecksTooOften,
    NothingToAccept,
    NothingToUndo,
    NoToken,
    SameToken,
    StandbyWaits,
)
from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.providers.azure_names import parse_organization
from bindings.providers.azure_tokens import check_token
from bindings.slots import Slot, settle_expiry
from bindings.tasks import sweep_tokens
from core.limits import is_within
from core.queue import queue_on_commit
from core.secrets import fingerprint
from organizations import audit
from organizations.errors import OrganizationGone, OwnersOnly
from organizations.models import Organization

MOST_CHECKS = 60
OVERTAKEN = "Another token was pasted before Azure DevOps had answered about this one."
LOST_FOR_A_NAME = (
    "A token stands by for this organization, and would be lost on the way to the new name. Use it "
    "or wipe it first, then type the name again."
)
ACCEPTED = "Somebody accepted what is different about the token, so it is verified anew."
# What changes where somebody asks for a verification.
REQUESTED = ("request", "requested_at", "next_check_at", "wants_everything")


@dataclass(frozen=True)
class Replacement:
    """A pasted token. `organization` is its name there now, empty when it is as before;
    `is_standby` keeps the token until it is needed; `accepts_differences` takes a token of
    another account, or one that may do less; `replaces_standby` wipes a sound one that waits.
    """

    secret: str = field(repr=False)
    expires_on: date | None = None
    organization: str = ""
    is_standby: bool = False
    accepts_differences: bool = False
    replaces_standby: bool = False


def replace_token(
    binding: DevOpsBinding, replacement: Replacement, *, by: User
) -> PersonalAccessToken:
    """Take in the next token and have it verified; it is put into use when all is well.

    Raises TokenMalformed, OrganizationMalformed, ExpiryImpossible, SameToken, StandbyWaits,
    ChecksTooOften, OrganizationGone, OwnersOnly.
    """
    secret = check_token(replacement.secret)
    name = parse_organization(replacement.organization) if replacement.organization else ""
    expiry.check(replacement.expires_on)
    _limit(binding)
    return _take_in(binding, secret, name, replacement, by=by)


@transaction.atomic
def _take_in(
    binding: DevOpsBinding, secret: str, name: str, replacement: Replacement, *, by: User
) -> PersonalAccessToken:
    DevOpsBinding.objects.select_for_update().get(pk=binding.pk)
    # Under the lock that wiping takes: what is being deleted keeps no token.
    alive = Organization.objects.alive().filter(pk=binding.organization_id)
    if not alive.exists():
        raise OrganizationGone
    if not alive.owned_by(by).exists():  # any more
        raise OwnersOnly
    mark = fingerprint(secret)
    is_renamed = name.casefold() not in ("", binding.external_name.casefold())
    tokens = {token.slot: token for token in binding.tokens.all()}
    current, waiting = tokens.get(Slot.CURRENT), tokens.get(Slot.NEXT)
    if current and current.fingerprint == mark and not is_renamed and current.is_healthy:
        raise SameToken
    if waiting:
        _make_room(waiting, mark, replacement, by=by)
    expires_on, source = settle_expiry(secret, replacement.expires_on)
    token = PersonalAccessToken.objects.create(
        binding=binding,
        slot=Slot.NEXT,
        secret=secret,
        last_four=secret[-4:],
        fingerprint=mark,
        owner_id="",
        expires_on=expires_on,
        expiry_source=source,
        noticed_days=expiry.already_crossed(expires_on, source),
        external_name=name,
        is_standby=replacement.is_standby,
        accepts_differences=replacement.accepts_differences,
        wants_everything=True,
        request=uuid.uuid4(),
        requested_at=timezone.now(),
    )
    _record(binding, "token.submitted", by=by, token=token, standby=token.is_standby)
    queue_on_commit(sweep_tokens)
    return token


def _make_room(
    waiting: PersonalAccessToken, mark: str, replacement: Replacement, *, by: User
) -> None:
    """Only one token can wait. Where the new one may turn out refused, one that works is wiped by
    nobody who does not mean it: there would be nothing left to switch to.
    """
    is_of_use = waiting.is_standby and waiting.is_healthy and waiting.fingerprint != mark
    if is_of_use and not replacement.replaces_standby:
        raise StandbyWaits
    slots.wipe(waiting, by=by, why=OVERTAKEN)


def rename(binding: DevOpsBinding, name: str, *, by: User) -> PersonalAccessToken:
    """Follow the organization to its new name there, with the token that is in use.

    It is believed when the token finds the same organization under that name. Raises
    NoToken, StandbyWaits, and what `replace_token` raises.
    """
    current = _in_use(binding)
    if binding.tokens.filter(slot=Slot.NEXT, is_standby=True).exists():
        raise StandbyWaits(LOST_FOR_A_NAME)
    is_known = current.is_expiry_declared and not current.is_over
    declared = current.expires_on if is_known else None
    replacement = Replacement(current.secret.reveal(current), declared, organization=name)
    return replace_token(binding, replacement, by=by)


@transaction.atomic
def request_verification(binding: DevOpsBinding, *, by: User) -> PersonalAccessToken:
    """Have everything about the token in use asked anew. While it runs, once is enough.

    Raises NoToken, SecretUnreadable, which an operator can heal by bringing a key back, and
    ChecksTooOften.
    """
    DevOpsBinding.objects.select_for_update().get(pk=binding.pk)
    token = _in_use(binding)
    if token.is_running:
        return token
    token.secret.reveal(token)
    _limit(binding)
    if token.unreadable_since:
        told.withdraw_failure(token)
        token.unreadable_since = None
    now = timezone.now()
    token.request, token.requested_at, token.next_check_at = uuid.uuid4(), now, now
    token.wants_everything = True
    token.save(update_fields=["unreadable_since", *REQUESTED])
    _record(binding, "token.check_requested", by=by, token=token)
    queue_on_commit(sweep_tokens)
    return token


@transaction.atomic
def accept_differences(binding: DevOpsBinding, mark: str, *, by: User) -> PersonalAccessToken:
    """Use the next token although it is another account's or may do less; or, for the token
    in use, take its new account for the right one. It is verified once more.

    `mark` is the fingerprint of the token that was looked at. Raises NothingToAccept.
    """
    DevOpsBinding.objects.select_for_update().get(pk=binding.pk)
    kept = binding.tokens.filter(slot__in=[Slot.NEXT, Slot.CURRENT], fingerprint=mark)
    readable = kept.filter(unreadable_since=None)
    token = next((token for token in readable if token.has_differences), None)
    if token is None:
        raise NothingToAccept
    now = timezone.now()
    slots.call_off(token, checks.called_off(ACCEPTED))
    token.accepts_differences, token.owner_id = True, ""
    token.request, token.requested_at, token.next_check_at = uuid.uuid4(), now, now
    token.wants_everything = True
    token.save(update_fields=["accepts_differences", "owner_id", *REQUESTED])
    _record(binding, "token.differences_accepted", by=by, token=token)
    queue_on_commit(sweep_tokens)
    return token


def use_standby(binding: DevOpsBinding, mark: str, *, by: User) -> PersonalAccessToken:
    """Put the token that waits into use now. Raises NothingToAccept where it is another one."""
    waiting = binding.tokens.filter(slot=Slot.NEXT, is_standby=True, fingerprint=mark).first()
    if waiting is None or not waiting.is_healthy:
        raise NothingToAccept
    if slots.promote(waiting, by=by, reason="replaced") is None:
        raise NothingToAccept
    return waiting


def undo_replacement(binding: DevOpsBinding, mark: str, *, by: User) -> PersonalAccessToken:
    """Bring back the token that was in use before, within a day. Raises NothingToUndo, and
    TokenChanged where it is another one by now.
    """
    restored = slots.undo(binding, mark, by=by)
    if restored is None:
        raise NothingToUndo
    queue_on_commit(sweep_tokens)
    return restored


@transaction.atomic
def declare_expiry(binding: DevOpsBinding, expires_on: date, *, by: User) -> None:
    """Tell us when the token in use expires. The earlier of this and its own bound counts.

    Raises NoToken, and ExpiryImpossible.
    """
    expiry.check(expires_on)
    DevOpsBinding.objects.select_for_update().get(pk=binding.pk)
    token = _in_use(binding)
    settled = settle_expiry(token.secret.reveal(token), expires_on, is_global=bool(token.is_global))
    if settled[0] != token.expires_on:
        told.withdraw_expiry(token)
    token.expires_on, token.expiry_source = settled
    token.noticed_days = expiry.already_crossed(*settled)
    token.save(update_fields=["expires_on", "expiry_source", "noticed_days"])
    _record(binding, "token.expiry_declared", by=by, token=token, expires_on=str(expires_on))


def _in_use(binding: DevOpsBinding) -> PersonalAccessToken:
    """Raises NoToken: after a deletion that was undone there is none."""
    token = binding.tokens.filter(slot=Slot.CURRENT).first()
    if token is None:
        raise NoToken
    return token


def _limit(binding: DevOpsBinding) -> None:
    if not is_within(MOST_CHECKS, what="token-checks", who=str(binding.pk)):
        raise ChecksTooOften


def _record(
    binding: DevOpsBinding, action: str, *, by: User, token: PersonalAccessToken, **data: Any
) -> None:
    audit.record(binding.organization, action, by=by, token_fingerprint=token.fingerprint, **data)
