"""The desk's list of claims: what has to be decided first, and what narrows it."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from claims.hours import work_between
from claims.models import AccessClaim, Objection, Strength
from core.panels import to_the_minute

State = AccessClaim.State

# In review come those that are due, then those that wait for an answer or for their owners.
DUE_FIRST = [F("due_at").asc(nulls_last=True), "waits_until", "id"]
# The same where nothing is due yet.
SOONEST_FIRST = ["waits_until", "id"]
NEWEST_FIRST = ["-opened_at", "-id"]
ORDERINGS: dict[str, list[Any]] = {
    "open": DUE_FIRST,
    State.IN_REVIEW: DUE_FIRST,
    State.WAITING: SOONEST_FIRST,
    State.GATHERING: SOONEST_FIRST,
}
IN_WORDS = {Strength.NONE: "none yet", Strength.WEAK: "weak", Strength.STRONG: "strong"}

OPEN_OBJECTIONS = Objection.objects.filter(answer=None)
IS_OBJECTED_TO = Exists(OPEN_OBJECTIONS.filter(claim=OuterRef("pk")))


def state_wanted(request: HttpRequest) -> str:
    """Of which state claims are listed. Who searches finds those that are over, too."""
    return request.GET.get("state", "") or ("all" if request.GET.get("q") else "open")


def ordering_of(state: str) -> list[Any]:
    return ORDERINGS.get(state, NEWEST_FIRST)


def listed(claims: QuerySet[AccessClaim]) -> QuerySet[AccessClaim]:
    """With the objections of a page's claims, in one query for all of them."""
    unanswered = Prefetch("objections", OPEN_OBJECTIONS, to_attr="open_objections")
    return claims.defer("secret", "nonce").prefetch_related(unanswered)


def found(claims: QuerySet[AccessClaim], words: str) -> QuerySet[AccessClaim]:
    """By a part of the claimant's address, the beginning of the organization's key, or the id."""
    for word in words.lower().split():
        with suppress(ValueError):  # most words are no id
            claims = claims.filter(pk=uuid.UUID(word))
            continue
        # Each found by an index, and only then one of both.
        of_person = AccessClaim.objects.filter(user__email__contains=word).values("pk")
        of_key = AccessClaim.objects.filter(organization__key__startswith=word).values("pk")
        claims = claims.filter(pk__in=of_person.union(of_key))
    return claims


def due_in_words(claim: AccessClaim) -> str:
    """Until when support has to have looked, by its own hours; or what it waits for."""
    if not claim.is_open:
        return "–"
    if claim.due_at:
        return f"{to_the_minute(claim.due_at)}, {_left(claim.due_at)}"
    if claim.state == State.IN_REVIEW:
        return "when the claimant answers"
    if claim.state == State.WAITING:
        return f"after {to_the_minute(claim.waits_until)}"
    return "when there is evidence"


def is_overdue(claim: AccessClaim) -> bool:
    return claim.is_open and claim.due_at is not None and claim.due_at <= timezone.now()


def _left(due: datetime) -> str:
    now, zone = timezone.now(), ZoneInfo(settings.SUPPORT_TIME_ZONE)
    if due > now:
        return f"in {_hours(now, due, zone)}"
    return f"overdue by {_hours(due, now, zone)}"


def _hours(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    hours = int(work_between(start, end, zone).total_seconds() // 3600)
    return f"{hours} business hour{'s' * (hours != 1)}" if hours else "less than a business hour"


class Narrowing(admin.SimpleListFilter):
    """A filter of a few choices: what each is called, and what it keeps for who asks."""

    ways: dict[str, tuple[str, Callable[[Any], Q]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.ways.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AccessClaim]
    ) -> QuerySet[AccessClaim]:
        way = self.ways.get(self.value() or "")
        return queryset.filter(way[1](request.user)) if way else queryset


class StateFilter(admin.SimpleListFilter):
    """Open ones, unless something else is asked for."""

    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        self.wanted = state_wanted(request)
        return [("open", "Open"), *State.choices, ("all", "All")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AccessClaim]
    ) -> QuerySet[AccessClaim]:
        if self.wanted in ORDERINGS:  # open, in the words of the indexes for it
            queryset = queryset.filter(decided_at=None)
        return queryset.filter(state=self.wanted) if self.wanted in State.values else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            place = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == self.wanted, "query_string": place, "display": label}


class DeskFilter(Narrowing):
    title, parameter_name = "desk", "desk"
    ways = {
        "mine": ("Mine", lambda by: Q(assignee=by)),
        "nobodys": ("Nobody's", lambda by: Q(assignee=None)),
    }


class DueFilter(Narrowing):
    title, parameter_name = "due", "due"
    ways = {"overdue": ("Overdue", lambda by: Q(due_at__lt=timezone.now()))}


def _of_strength(strength: Strength) -> Callable[[Any], Q]:
    return lambda by: Q(strength=strength)


class EvidenceFilter(Narrowing):
    title, parameter_name = "evidence", "evidence"
    ways = {each.value: (IN_WORDS[each].capitalize(), _of_strength(each)) for each in Strength}


class ObjectionFilter(Narrowing):
    title, parameter_name = "objections", "objections"
    ways = {
        "open": ("With an open one", lambda by: Q(IS_OBJECTED_TO)),
        "none": ("Without an open one", lambda by: ~Q(IS_OBJECTED_TO)),
    }


FILTERS: list[Any] = [StateFilter, DeskFilter, DueFilter, EvidenceFilter, ObjectionFilter]
