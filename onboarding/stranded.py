"""Paid imports that can't become organizations until somebody pastes another token. Whoever paid is
told, and told again; what nobody has mended in a week is cancelled and given back.
"""

import uuid
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.notifications import Notice, notify, withdraw
from billing.operations import give_back
from onboarding.creating import change
from onboarding.models import GIVEN_BACK_AFTER, Import
from organizations import audit

logger = structlog.get_logger(__name__)

# Before that, so much earlier, it is said once more.
LAST_CALL = timedelta(days=2)
REASON = "Paid, but no token of its import worked within a week."


def unnoticed() -> QuerySet[Import]:
    """Whose task was lost before it could tell."""
    return Import.objects.stranded().filter(stuck_since=None)


def note(import_id: uuid.UUID) -> None:
    """Tell who paid, if it is so. Twice is once."""
    with transaction.atomic():
        locked = Import.objects.select_for_update().stranded().filter(pk=import_id).first()
        if locked is None or locked.given_back_at:
            return
        if locked.stuck_since is None:
            change(locked, stuck_since=timezone.now())
            audit.record(None, "import.stuck", by=None, import_id=str(locked.pk))
            logger.error("paid_import_without_token", import_id=str(locked.pk))
        _tell(locked)


def overdue() -> QuerySet[Import]:
    """About which something is to be done or said: the last call, giving back, and giving back
    again what failed.
    """
    soon = timezone.now() - GIVEN_BACK_AFTER + LAST_CALL
    stuck = Q(pk__in=Import.objects.stranded().filter(stuck_since__lte=soon))
    return Import.objects.filter(stuck | Q(given_back_at__isnull=False, is_reserved=True))


def look_after(import_id: uuid.UUID) -> None:
    """Do or say what its time has come for."""
    with transaction.atomic():
        locked = Import.objects.select_for_update().filter(pk=import_id).first()
        if locked is None or not locked.is_reserved or locked.billing is None:
            return
        is_due = locked.given_back_on is not None and locked.given_back_on <= timezone.now()
        if locked.is_stranded and not locked.given_back_at and is_due:
            _give_up(locked)
        elif locked.is_stranded and not locked.given_back_at:
            _tell(locked, again=", last call")
        if locked.given_back_at:
            give_back(locked.billing, reason=REASON)


def _give_up(import_: Import) -> None:
    """From here on no token opens it: whoever pasted one now would get what is paid no more."""
    change(import_, given_back_at=timezone.now())
    audit.record(None, "import.given_back", by=None, import_id=str(import_.pk))
    withdraw(Kind.IMPORT_STUCK, str(import_.pk))
    text = (
        "Nobody has to do anything. No token that works was pasted within a week, so the "
        "subscription is cancelled and all that was paid is given back to the card. You can import "
        f"{import_.external_name} again at any time."
    )
    notice = Notice(
        kind=Kind.IMPORT_GIVEN_BACK,
        subject=str(import_.pk),
        threshold=_which_time(import_),
        severity=Severity.WARNING,
        title=f"{import_.name}: cancelled, and what was paid is given back",
        text=text,
    )
    notify([import_.user], notice)


def _tell(import_: Import, *, again: str = "") -> None:
    until = f"{import_.given_back_on:%A %-d %B %Y, %H:%M} UTC"
    text = (
        f"You have to paste another token by {until.split(',')[0]}. {import_.name} is paid, but "
        "the token of its import can't be used, so the organization could not be opened. Create "
        "one with Code → Read & write at Azure DevOps and paste it on the page of the import; the "
        f"organization opens by itself then.\n\nWithout one, at {until} the subscription is "
        "cancelled and what you paid is given back."
    )
    notice = Notice(
        kind=Kind.IMPORT_STUCK,
        subject=str(import_.pk),
        threshold=f"{_which_time(import_)}{again}",
        severity=Severity.DANGER,
        title=f"{import_.name}: it is paid, and needs another token",
        text=text,
        action_label="Paste a token",
        action_path=reverse("onboarding:import", args=[import_.pk]),
        urgent=True,
    )
    notify([import_.user], notice)


def _which_time(import_: Import) -> str:
    """It may strand again, with another payment."""
    return f"{import_.stuck_since:%Y-%m-%dT%H:%M:%S}"
