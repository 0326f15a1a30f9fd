"""Trouble of the platform itself: when many organizations fail at once, no token is blamed."""

from datetime import timedelta

import structlog
from django.db.models import Count, Q
from django.utils import timezone

from bindings.models import PersonalAccessToken, PlatformIncident
from bindings.providers.base import Verdict

logger = structlog.get_logger(__name__)

WINDOW = timedelta(minutes=20)
# Fewer may be a coincidence; and it has to be a good part of everybody we asked.
FEWEST = 5
BEGINS, ENDS = 0.5, 0.25


def watch() -> None:
    """Begin or end an incident by what was heard of late."""
    asked, troubled = _count()
    share = troubled / asked if asked else 0.0
    is_now_open = is_open()
    if not is_now_open and troubled >= FEWEST and share >= BEGINS:
        _begin(troubled)
    elif is_now_open and share < ENDS:
        PlatformIncident.objects.filter(ended_at=None).update(ended_at=timezone.now())
        logger.warning("platform_incident_ended")


def is_open() -> bool:
    return PlatformIncident.objects.filter(ended_at=None).exists()


def _begin(troubled: int) -> None:
    # Of two that see it at once, the constraint lets one in.
    PlatformIncident.objects.bulk_create(
        [PlatformIncident(platform="azure_devops", affected=troubled)], ignore_conflicts=True
    )
    logger.error("platform_incident_began", affected=troubled)


def _count() -> tuple[int, int]:
    """Of the tokens we asked about lately: all, and those that were well and now are not.

    A token whose end was known, as that of all global ones was, is no sign of trouble.
    """
    today = timezone.now().date()
    lately = PersonalAccessToken.objects.in_use().filter(asked_at__gte=timezone.now() - WINDOW)
    silent = Q(silent_since__isnull=False)
    refused = ~Q(suspect="") & ~Q(expires_on__lte=today)
    was_well = Q(verdict__in=["", Verdict.HEALTHY])
    found = lately.aggregate(
        asked=Count("pk"), troubled=Count("pk", filter=was_well & (silent | refused))
    )
    return found["asked"], found["troubled"]
