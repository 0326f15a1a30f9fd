"""How long owners may object, and when support is to have looked."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models.functions import Coalesce
from django.utils import timezone

from claims import telling
from claims.hours import A_BUSINESS_DAY, due_after
from claims.models import AccessClaim
from claims.moving import change, note
from claims.ownership import owners_of

SHORTENED = timedelta(days=2)
ABSENT_FOR = timedelta(days=90)
BECAUSE = (
    "The waiting period is two days, because no owner has signed in for 90 days and the evidence "
    "is strong."
)


def full_wait() -> timedelta:
    return timedelta(days=settings.CLAIM_WAITING_DAYS)


def due_now() -> datetime:
    """When support has to have answered what is new now: within a business day."""
    zone = ZoneInfo(settings.SUPPORT_TIME_ZONE)
    return due_after(timezone.now(), A_BUSINESS_DAY, zone)


def settle_wait(claim: AccessClaim) -> None:
    """Shorten or lengthen the wait of an open claim, which is locked, by what is so now. Nobody
    is left to find that out by themselves.
    """
    until, because = _wait_of(claim)
    if until == claim.waits_until:
        return
    action = "wait_shortened" if because else "wait_lengthened"
    change(claim, waits_until=until, shortened_because=because)
    note(claim, action, by=None, until=until.isoformat())
    telling.of_new_date(claim)


def _wait_of(claim: AccessClaim) -> tuple[datetime, str]:
    """Until when, and why not longer."""
    full = full_wait()
    if full > SHORTENED and claim.is_strong and not _somebody_signed_in(claim):
        return claim.opened_at + SHORTENED, BECAUSE
    return claim.opened_at + full, ""


def _somebody_signed_in(claim: AccessClaim) -> bool:
    """Any owner, of late. Who never did came when they signed up."""
    seen = owners_of(claim.organization_id).annotate(seen=Coalesce("last_login", "date_joined"))
    return seen.filter(seen__gt=timezone.now() - ABSENT_FOR).exists()
