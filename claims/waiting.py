"""How long owners may object, and when support is to have looked."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from claims import telling
from claims.hours import A_BUSINESS_DAY, due_after
from claims.models import AccessClaim
from claims.moving import change, note
from claims.standing import standing_of
from organizations.owners import owners_of

SHORTENED = timedelta(days=2)
ABSENT_FOR = timedelta(days=90)
BECAUSE = (
    "The waiting period is two days from this notice, because no owner has signed in for 90 days "
    "and a token of an administrator was shown."
)


def full_wait() -> timedelta:
    return timedelta(days=settings.CLAIM_WAITING_DAYS)


def due_now() -> datetime:
    """When support has to have answered what is new now: within a business day."""
    zone = ZoneInfo(settings.SUPPORT_TIME_ZONE)
    return due_after(timezone.now(), A_BUSINESS_DAY, zone)


def settle_wait(claim: AccessClaim) -> None:
    """Shorten or lengthen the wait of a claim that is locked, by what is so now. Owners
    hear of it where they have less time.
    """
    if not claim.is_open:
        return
    until, because = _wait_of(claim)
    if until == claim.waits_until:
        return
    action = "wait_shortened" if because else "wait_lengthened"
    change(claim, waits_until=until, shortened_because=because)
    note(claim, action, by=None, until=until.isoformat())
    if because:
        telling.of_new_date(claim)


def longest_wait(claim: AccessClaim) -> datetime:
    """Until when owners may object at the most."""
    return claim.opened_at + full_wait()


def _wait_of(claim: AccessClaim) -> tuple[datetime, str]:
    """Until when, and why not longer. Words that somebody placed shorten nothing: whoever
    administers one project can place them.
    """
    longest = longest_wait(claim)
    # Owners have their two days from when they are told of them.
    until = claim.waits_until if claim.shortened_because else timezone.now() + SHORTENED
    if until < longest and standing_of(claim).by_token and not _somebody_came(claim):
        return until, BECAUSE
    return longest, ""


def _somebody_came(claim: AccessClaim) -> bool:
    return who_signed_in(claim.organization_id).exists()


def who_signed_in(organization: uuid.UUID | OuterRef) -> QuerySet[User]:
    """Owners, of late. Who never did came when they signed up."""
    seen = owners_of(organization).annotate(seen=Coalesce("last_login", "date_joined"))
    return seen.filter(seen__gt=timezone.now() - ABSENT_FOR)
