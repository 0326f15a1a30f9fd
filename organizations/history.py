"""The record, read again: narrowed, the newest first, all of it in pieces."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from core.paging import Page, keyset_page
from organizations.actions import Family, family_of
from organizations.models import AuditEvent, Organization

NEWEST_FIRST = ("-at", "-id")
LENGTH = 50
# So many are in memory at a time while all of them go out.
AT_ONCE = 1000


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see; what is empty narrows nothing. Both days are in it, in UTC."""

    family: str = ""
    email: str = ""
    channel: str = ""
    since: date | None = None
    until: date | None = None


def events_of(organization: Organization, wanted: Wanted) -> QuerySet[AuditEvent]:
    events = organization.audit_events.all()
    if wanted.family:
        events = events.filter(action__in=Family(wanted.family).actions)
    if wanted.email:
        events = events.filter(actor_email=wanted.email.lower())
    if wanted.channel:
        events = events.filter(channel=wanted.channel)
    if wanted.since:
        events = events.filter(at__gte=_midnight(wanted.since))
    if wanted.until and wanted.until < date.max:
        events = events.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return events


def page_of(events: QuerySet[AuditEvent], *, after: str, length: int = LENGTH) -> Page:
    return keyset_page(events, by=NEWEST_FIRST, after=after, length=length)


def in_pieces(events: QuerySet[AuditEvent]) -> Iterator[list[AuditEvent]]:
    """All of them, the newest first. What is recorded meanwhile is not among them."""
    after = ""
    while True:
        page = page_of(events, after=after, length=AT_ONCE)
        yield page.rows
        if not (after := page.after):
            return


def as_data(event: AuditEvent) -> dict[str, Any]:
    """One event for programs, the same in the API and in exports."""
    return {
        "id": str(public_id(event)),
        "at": event.at,
        "action": event.action,
        "family": family_of(event.action),
        "title": event.title,
        "who": event.who,
        "email": event.actor_email or None,
        "by_support": event.is_by_support,
        "channel": event.channel,
        "data": event.data,
        "request_id": event.request_id or None,
    }


def public_id(event: AuditEvent) -> uuid.UUID:
    """The same for an event wherever it is read. Our own numbers would tell how much goes on
    elsewhere.
    """
    digest = salted_hmac("audit event", str(event.pk), algorithm="sha256").digest()
    return uuid.UUID(bytes=digest[:16], version=5)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
