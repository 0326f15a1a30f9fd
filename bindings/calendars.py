"""Expiry dates as a calendar that other programs subscribe to.

They can't sign in, so the address itself is the key: long, random, of one person for one
organization, stored as a digest, and worth nothing once that person has left.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from icalendar import Alarm, Calendar, Event

from accounts.models import User, digest_of
from bindings.models import CalendarFeed, DevOpsBinding, PersonalAccessToken
from bindings.platforms import token_page
from bindings.providers.base import Verdict
from organizations.models import Organization

REMINDERS = (30, 7, 1)


def make_address(organization: Organization, user: User) -> str:
    """The secret part of a new address, which nobody can see again. The old one ends."""
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        organization=organization, user=user, defaults={"digest": digest_of(secret)}
    )
    return secret


def has_address(organization: Organization, user: User) -> bool:
    return CalendarFeed.objects.filter(organization=organization, user=user).exists()


def path_of(secret: str) -> str:
    return reverse("calendar", args=[secret])


def binding_of(secret: str) -> DevOpsBinding | None:
    """The binding whose dates an address shows; None unless its person still belongs there."""
    feeds = CalendarFeed.objects.filter(digest=digest_of(secret), user__is_active=True)
    feed = feeds.select_related("user").first()
    if feed is None:
        return None
    visible = Organization.objects.visible_to(feed.user).filter(pk=feed.organization_id)
    return (
        DevOpsBinding.objects.filter(organization__in=visible)
        .select_related("organization")
        .first()
    )


def render(binding: DevOpsBinding) -> bytes:
    """The calendar of a binding: one day-long event for each token that expires."""
    calendar = Calendar()
    calendar.add("prodid", "-//Mooring//Token expiry//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{binding.organization.name}: access tokens")
    calendar.add("refresh-interval;value=duration", "PT12H")
    # One that waits is there when it has proven itself; a refused one will never be used.
    kept = Q(slot=PersonalAccessToken.Slot.CURRENT) | Q(
        slot=PersonalAccessToken.Slot.NEXT, verdict=Verdict.HEALTHY, unreadable_since=None
    )
    dated = binding.tokens.filter(kept).exclude(expires_on=None)
    for token in dated.defer("secret").order_by("expires_on"):
        calendar.add_component(_event(binding, token))
    return bytes(calendar.to_ical())


def _event(binding: DevOpsBinding, token: PersonalAccessToken) -> Event:
    name, expires_on = binding.organization.name, token.expires_on
    event = Event()
    event.add("uid", f"token-{token.pk}@mooring")
    # As it is now: of two with one UID, programs keep the later, and the date may be corrected.
    now = timezone.now()
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("dtstart", expires_on)
    if expires_on:
        event.add("dtend", expires_on + timedelta(days=1))
    event.add("summary", f"{name}: token …{token.last_four} expires")
    here = reverse("bindings:detail", args=[binding.organization.key])
    event.add(
        "description",
        f"Create a new token as {token.owner_name or 'its account'} at "
        f"{token_page(binding.external_name)} and paste it at {settings.SITE_URL}{here} by "
        f"this day: after it {name} can't be reached and its pipelines fail. "
        f"The date is {token.get_expiry_source_display()}.",
    )
    event.add("url", f"{settings.SITE_URL}{here}")
    event.add("transp", "TRANSPARENT")
    for days in REMINDERS:
        when = "tomorrow" if days == 1 else f"in {days} days"
        event.add_component(_alarm(f"{name}: token expires {when}", days))
    return event


def _alarm(words: str, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", timedelta(days=-days))
    return alarm
