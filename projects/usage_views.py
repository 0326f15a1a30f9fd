"""Lines of code in use: what they are, how they add up, where they come from and go."""

from typing import Any

from django.contrib import messages
from django.db.models import BigIntegerField, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bindings.views import frame_of
from core.http import Request
from core.paging import keyset_page
from organizations.access import organization_for_member, organization_for_owner
from organizations.models import Organization
from projects.errors import CountedOften
from projects.figures import (
    language_bars,
    left_out_bars,
    past_of,
    project_rows,
    since,
    up_to_now,
)
from projects.models import Project
from projects.requests import request_counts
from projects.sums import InUse
from projects.usage import counting_in, explain_usage, readings_of, usage_of

PAGE = 50
RANGES = (30, 90, 365)
USUAL, OVERVIEW = 90, 30
# Of the projects that could not be counted, so many are named.
NAMED = 25


@never_cache
def lines(request: Request, key: str) -> HttpResponse:
    """The page, and the parts of it that htmx asks for: the table, and how far counting is."""
    organization = organization_for_member(request.user, key)
    if request.htmx and "panel" in request.GET:
        return _panel(request, organization)
    if request.htmx and "counting" in request.GET:
        return _counting(request, organization)
    if request.htmx and "q" in request.GET:
        table = _table(request, organization, usage_of(organization.pk))
        context = frame_of(organization, "lines") | table
        return render(request, "projects/lines.html#list", context)
    return render(request, "projects/lines.html", _context(request, organization))


@require_POST
def count(request: Request, key: str) -> HttpResponse:
    """Count every project now, instead of tonight."""
    organization = organization_for_owner(request.user, key)
    try:
        request_counts(organization, by=request.user)
    except CountedOften as error:
        messages.error(request, error.message)
    return redirect("projects:lines", key)


def _context(request: Request, organization: Organization) -> dict[str, Any]:
    usage, days = explain_usage(organization.pk), days_of(request)
    readings = up_to_now(readings_of(organization.pk, since=since(days)), usage.loc)
    return {
        **frame_of(organization, "lines"),
        **_table(request, organization, usage.in_use),
        "usage": usage,
        "counting": counting_in(organization.pk),
        "past": past_of(readings),
        "days": days,
        "ranges": RANGES,
        "languages": language_bars(usage.languages),
        "left_out": left_out_bars(usage.left_out),
        "uncounted": usage.uncounted[:NAMED],
        "more_uncounted": max(0, len(usage.uncounted) - NAMED),
    }


def _table(request: Request, organization: Organization, in_use: InUse) -> dict[str, Any]:
    """The projects, the largest first, and those that were never counted last."""
    text, after = request.GET.get("q", "")[:100], request.GET.get("after", "")
    projects = largest_first(organization.projects.shown().search(text))
    page = keyset_page(projects, by=("-loc", "-id"), after=after, length=PAGE)
    rows = project_rows(page.rows, in_use)
    return {"rows": rows, "after": page.after, "is_first": not after, "q": text}


def largest_first(projects: QuerySet[Project]) -> QuerySet[Project]:
    """With `loc` to be ordered by, and their sizes."""
    loc = Coalesce("size__loc", Value(-1), output_field=BigIntegerField())
    return projects.select_related("size").defer("size__left_out").annotate(loc=loc)


def _counting(request: Request, organization: Organization) -> HttpResponse:
    """How far it is; and once it is done, everything that has changed by it."""
    counting = counting_in(organization.pk)
    if counting.waiting:
        context = frame_of(organization, "lines") | {"counting": counting, "days": days_of(request)}
        return render(request, "projects/lines.html#counting", context)
    response = render(request, "projects/lines.html#usage", _context(request, organization))
    response["HX-Retarget"], response["HX-Reswap"] = "#usage", "outerHTML"
    return response


def _panel(request: Request, organization: Organization) -> HttpResponse:
    """For the overview."""
    in_use = usage_of(organization.pk)
    readings = up_to_now(readings_of(organization.pk, since=since(OVERVIEW)), in_use.loc)
    context = {"organization": organization, "in_use": in_use}
    context["past"] = past_of(readings, small=True)
    return render(request, "projects/lines_panel.html", context)


def days_of(request: Request) -> int:
    """How far back a page is to go."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, RANGES) else USUAL
