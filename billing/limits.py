"""What owners are told about their limit: at shares of it, and ahead of the day it is reached.

Each is told once for a crossing, and again when it was well below in between. What is told, and
that it was, is one transaction.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, notify, withdraw
from billing.models import Analysis, LimitWatch
from billing.room import Room, room_of
from organizations import audit
from organizations.models import Organization
from organizations.owners import active_owners_of
from projects.models import UsageReading

logger = structlog.get_logger(__name__)

FORECAST = "forecast"
# So many points below a threshold it counts as left; a forecast, when it is so far away.
WELL_BELOW = 5
AHEAD, FAR_AHEAD = timedelta(days=30), timedelta(days=45)
# Less than this is far from every limit there is.
FEWEST = 5_000
AT_THE_LIMIT = (
    "At the limit, what would make a project's largest branch larger is not analysed until it "
    "fits. Everything else goes on; nothing is deleted, and nothing more is charged."
)


def tell_all() -> int:
    """Tell whom there is something to tell. To how many organizations."""
    return sum(_told(organization) for organization in _those_to_watch())


def _those_to_watch() -> Iterator[Organization]:
    """Those with many lines, and those that were told something that may be over."""
    today = timezone.now().date()
    read = UsageReading.objects.filter(
        organization=OuterRef("pk"), project=None, day__gte=today - timedelta(days=1)
    )
    analysed = Analysis.objects.filter(
        project__organization=OuterRef("pk"), at__date__gte=today - timedelta(days=1)
    )
    watched = Q(limit_watch__isnull=False)
    many = Exists(read.filter(loc__gte=FEWEST)) | Exists(analysed)
    found = Organization.objects.alive().filter(watched | many)
    yield from found.order_by("pk").iterator(chunk_size=500)


def _told(organization: Organization) -> bool:
    try:
        return tell(organization)
    except IntegrityError:
        # It was deleted since.
        logger.info("limit_not_told", organization=str(organization.pk))
    except Exception:
        # The others are told all the same.
        logger.exception("limit_broke", organization=str(organization.pk))
    return False


@transaction.atomic
def tell(organization: Organization) -> bool:
    """Say what has come about since the last time. Whether there was anything."""
    room = room_of(organization.pk)
    watch = watch_of(organization)
    if not watch.told and not _reached(room, watch):
        return False
    watch = _locked(organization)
    lasting = {mark: at for mark, at in watch.told.items() if _lasts(mark, room, watch)}
    for mark in watch.told.keys() - lasting.keys():
        _take_back(organization, mark, watch.told[mark])
    news = [mark for mark in _reached(room, watch) if mark not in lasting]
    now = f"{timezone.now():%Y-%m-%dT%H:%M:%S.%f}"
    LimitWatch.objects.filter(pk=watch.pk).update(told=lasting | dict.fromkeys(news, now))
    gravest = next((mark for mark in news if _is_graver(mark, lasting)), None)
    if gravest is None:
        return False
    for mark, at in lasting.items():
        _take_back(organization, mark, at)
    notify(active_owners_of(organization.pk), _notice(organization, room, gravest, now))
    return True


def watch_of(organization: Organization) -> LimitWatch:
    """What was chosen; unsaved, with what is usual, where nothing was."""
    found = LimitWatch.objects.filter(organization=organization).first()
    return found or LimitWatch(organization=organization)


def _locked(organization: Organization) -> LimitWatch:
    LimitWatch.objects.get_or_create(organization=organization)
    return LimitWatch.objects.select_for_update().get(organization=organization)


def _reached(room: Room, watch: LimitWatch) -> list[str]:
    """The gravest first."""
    if room.limit is None:
        return []
    shares = [str(each) for each in sorted(watch.thresholds, reverse=True) if room.percent >= each]
    return [*shares, FORECAST] if watch.by_forecast and _is_near(room, AHEAD) else shares


def _lasts(mark: str, room: Room, watch: LimitWatch) -> bool:
    """Whether what was told is still so, or nearly."""
    if mark == FORECAST:
        return watch.by_forecast and _is_near(room, FAR_AHEAD)
    is_wanted = int(mark) in watch.thresholds
    return is_wanted and room.limit is not None and room.percent > int(mark) - WELL_BELOW


def _is_near(room: Room, ahead: timedelta) -> bool:
    return room.runs_out is not None and room.runs_out - timezone.now().date() <= ahead


def _is_graver(mark: str, lasting: dict[str, str]) -> bool:
    """A threshold below one that was told already is no news."""
    others = [int(each) for each in lasting if each != FORECAST]
    return mark == FORECAST or int(mark) > max(others, default=0)


def _kind(mark: str) -> Kind:
    is_reached = mark != FORECAST and int(mark) >= 100
    return Kind.LIMIT_REACHED if is_reached else Kind.LIMIT_NEAR


def _take_back(organization: Organization, mark: str, at: str) -> None:
    """Nobody has to act on it any more, or on something graver."""
    withdraw(_kind(mark), str(organization.pk), f"{mark}@{at}")


def _notice(organization: Organization, room: Room, mark: str, now: str) -> Notice:
    severity, urge, fact = _words(room, mark)
    when = f" At this pace the limit is reached on {_date(room)}." if room.runs_out else ""
    return Notice(
        kind=_kind(mark),
        subject=str(organization.pk),
        threshold=f"{mark}@{now}",
        severity=severity,
        title=f"{organization.name}: {fact}",
        text=f"{urge} {room.loc:,} of {room.limit:,} private lines of code are in use.{when} "
        f"{room.next_tier} would do.\n\n{AT_THE_LIMIT}",
        action_label="See larger tiers",
        action_path=reverse("billing:change", args=[organization.key]),
    )


def _words(room: Room, mark: str) -> tuple[Severity, str, str]:
    """How grave, what somebody has to do, and the fact."""
    if mark == FORECAST:
        urge = f"An owner should choose a larger tier, or make room, by {_date(room)}."
        return Severity.WARNING, urge, f"its limit is reached on {_date(room)} at this pace"
    if int(mark) >= 100:
        urge = "An owner has to act now: choose a larger tier, or make room."
        return Severity.DANGER, urge, "the limit of its lines of code is reached"
    fact = f"{room.percent} % of its lines of code are in use"
    if int(mark) >= 90:
        return Severity.WARNING, "An owner should choose a larger tier soon, or make room.", fact
    return Severity.INFO, "Nobody has to act yet.", fact


def _date(room: Room) -> str:
    return f"{room.runs_out:%A %-d %B %Y}"


@transaction.atomic
def choose_notices(
    organization: Organization, *, thresholds: Sequence[int], by_forecast: bool, by: User
) -> None:
    """When the owners want to hear of their limit."""
    watch = _locked(organization)
    chosen = {"thresholds": sorted(set(thresholds)), "by_forecast": by_forecast}
    if chosen == {name: getattr(watch, name) for name in chosen}:
        return
    LimitWatch.objects.filter(pk=watch.pk).update(**chosen)
    audit.record(organization, "billing.limit_notices_chosen", by=by, **chosen)
