"""The limit, where lines in use are shown: how far it is, and who hears of it when."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from billing.access import selling_to
from billing.forms import LimitNoticesForm
from billing.limits import choose_notices, watch_of
from billing.room import room_of
from bindings.views import frame_of
from core.http import Request, render_form
from organizations.access import organization_for_member, organization_for_owner
from projects.figures import past_of
from projects.usage_views import OVERVIEW, days_of


@never_cache
def limit(request: Request, key: str) -> HttpResponse:
    """Bar, words and chart: a page, and what those about lines of code and the overview fetch."""
    organization = selling_to(organization_for_member(request.user, key))
    is_panel = bool(request.htmx) and "panel" in request.GET
    days = OVERVIEW if is_panel else days_of(request)
    room = room_of(organization.pk, days=days)
    context = {**frame_of(organization, "lines"), "room": room}
    context["past"] = past_of(room.since(days), limit=room.limit, small=is_panel)
    if is_panel:
        context["summed"] = room.in_use.projects
        return render(request, "billing/limit.html#panel", context)
    context["watch"] = watch_of(organization)
    template = "billing/limit.html#strip" if request.htmx else "billing/limit.html"
    return render(request, template, context)


@never_cache
def notices(request: Request, key: str) -> HttpResponse:
    """When owners hear of the limit."""
    organization = selling_to(organization_for_owner(request.user, key))
    watch = watch_of(organization)
    known = ", ".join(map(str, watch.thresholds))
    form = LimitNoticesForm(
        request.POST or None, initial={"thresholds": known, "by_forecast": watch.by_forecast}
    )
    if request.method == "POST" and form.is_valid():
        choose_notices(organization, by=request.user, **form.cleaned_data)
        messages.success(request, "Saved. All owners are told at these points from now on.")
        return redirect("projects:lines", key)
    context = frame_of(organization, "billing")
    return render_form(request, "billing/limit_notices.html", form, **context)
