"""Trouble of the platform itself: when many organizations fail at once, no token is blamed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from bindings.models import PersonalAccessToken, PlatformIncident
from bindings.providers.base import Verdict

logger = structlog.get_logger(__name__)

# What counts are the newest answers: those of the last minutes, and a few more where it is quiet.
LATELY, NEWEST, MOST = timedelta(minutes=2), 10, 1000
WINDOW = timedelta(hours=1)
# Fewer may be a coincidence, and many tokens of one account have one fate; and it has to be a
# good part of everybody we asked.
FEWEST = 5
BEGINS, ENDS = 0.5, 0.25
WELL = ["", Verdict.HEALTHY]


def watch() -> None:
    """Begin or end an incident by what was heard of late."""
    incident = PlatformIncident.objects.filter(ended_at=None).first()
    since = (incident.began_at if incident else timezone.now()) - WINDOW
    heard = _newest_since(since)
    troubled = [each for each in heard if each.is_troubled]
    share = len(troubled) / len(heard) if heard else 0.0
    accounts = {each.account for each in troubled}
    if not incident and len(accounts) >= FEWEST and share >= BEGINS:
        _begin(len(troubled))
    elif incident and share < ENDS:
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


@dataclass(frozen=True)
class _Heard:
    """What one token was told last."""

    account: str
    asked_at: datetime
    verdict: str
    suspect: str
    silent_since: datetime | None
    expires_on: date | None

    @property
    def is_troubled(self) -> bool:
        """A token whose end was known, as that of all global ones was, is no sign of trouble."""
        is_over = self.expires_on is not None and self.expires_on <= timezone.now().date()
        is_refused = bool(self.suspect) or self.verdict not in WELL
        return self.silent_since is not None or (is_refused and not is_over)


def _newest_since(since: datetime) -> list[_Heard]:
    """The newest answers. What was broken or silent before says nothing of today."""
    now = timezone.now()
    lately = PersonalAccessToken.objects.in_use().filter(asked_at__gte=now - WINDOW)
    fresh = lately.filter(
        Q(verdict__in=WELL) | Q(verdict_since__gte=since),
        Q(silent_since=None) | Q(silent_since__gte=since),
    )
    names = ("owner_id", "asked_at", "verdict", "suspect", "silent_since", "expires_on")
    rows = fresh.order_by("-asked_at").values_list("pk", *names)[:MOST]
    heard = [_Heard(owner or str(pk), *rest) for pk, owner, *rest in rows]
    return heard[:NEWEST] + [each for each in heard[NEWEST:] if each.asked_at >= now - LATELY]
