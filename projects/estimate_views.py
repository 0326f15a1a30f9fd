"""What repositories would add as projects: of all that are none, and of one."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bindings.models import DevOpsBinding, Repository
from bindings.views import bound, frame_of
from core.errors import DomainError
from core.http import Request
from organizations.access import organization_for_owner
from projects.estimates import (
    estimate_all,
    estimate_one,
    newest_of,
    newest_of_all,
    running,
    stop_estimate,
    unclaimed,
)
from projects.models import Estimate, EstimatedRepository
from projects.showing import show
from projects.sums import Measured
from projects.usage import usage_of


@never_cache
def every(request: Request, key: str) -> HttpResponse:
    """An estimate of all repositories that are no projects. Owners start and stop it."""
    organization, binding = bound(request, key)
    here = reverse("projects:estimate", args=[key])
    if request.method == "POST":
        organization_for_owner(request.user, key)
        _steer(request, newest_of_all(binding), lambda: estimate_all(binding, by=request.user))
        return redirect(here)
    estimate = newest_of_all(binding)
    context = frame_of(organization, "lines") | _shown(estimate, here)
    context |= {"may_steer": context["can_administer"]}
    if request.htmx and estimate:
        return render(request, "projects/estimate.html#estimate", context)
    context |= {"free": unclaimed(binding).count(), "other": _other(binding, estimate)}
    return render(request, "projects/estimate_all.html", context)


@never_cache
def one(request: Request, key: str, repository_id: uuid.UUID) -> HttpResponse:
    """What one repository would add. One that is a project has its lines on its own page."""
    organization, binding = bound(request, key)
    seen = binding.repositories.filter(vanished_at=None).select_related("as_project")
    repository = get_object_or_404(seen, pk=repository_id)
    here = reverse("projects:repository-lines", args=[key, repository_id])
    if project := getattr(repository, "as_project", None):
        return redirect("projects:detail", key, project.key)
    if request.method == "POST":
        organization_for_owner(request.user, key)
        said = newest_of(repository)
        own = said.estimate if said and said.estimate.repository_id else None
        _steer(request, own, lambda: estimate_one(repository, by=request.user))
        return redirect(here)
    frame = frame_of(organization, "repositories")
    return _answer(request, frame | _said(binding, repository, here), here)


def _answer(request: Request, context: dict[str, Any], here: str) -> HttpResponse:
    """The page; for htmx the estimate as it grows, and all of the answer once it is there."""
    context |= {"may_steer": context["can_administer"], "here": here}
    if not request.htmx:
        return render(request, "projects/repository_lines.html", context)
    if "shown" in context and context["shown"].estimate.is_counting:
        return render(request, "projects/estimate.html#estimate", context)
    response = render(request, "projects/repository_lines.html#answer", context)
    response["HX-Retarget"], response["HX-Reswap"] = "#answer", "outerHTML"
    return response


def _said(binding: DevOpsBinding, repository: Repository, here: str) -> dict[str, Any]:
    """What is known of a repository, and what it would make of the sum."""
    row = newest_of(repository)
    own = row.estimate if row and row.estimate.repository_id else None
    context: dict[str, Any] = {"repository": repository, "row": row}
    context |= {"other": _other(binding, own)}
    context |= _shown(own, here)
    if row and row.code is not None:
        context |= _adds(binding, row)
    return context


def _adds(binding: DevOpsBinding, row: EstimatedRepository) -> dict[str, int]:
    before = usage_of(binding.organization_id)
    after = before.with_one(Measured(str(row), row.is_public, {row.branch: row.code or 0}))
    return {"adds": after.loc - before.loc, "before": before.loc, "after": after.loc}


def _shown(estimate: Estimate | None, here: str) -> dict[str, Any]:
    return {"shown": show(estimate), "here": here} if estimate else {}


def _other(binding: DevOpsBinding, estimate: Estimate | None) -> Estimate | None:
    """An estimate that is counted, and is not this one: there may be one at a time."""
    other = running(binding)
    return other if other != estimate else None


def _steer(request: Request, estimate: Estimate | None, start: Callable[[], Any]) -> None:
    """Stop, or start again; what is refused is said on the page that follows."""
    try:
        if request.POST.get("act") != "stop":
            start()
        elif estimate:
            stop_estimate(estimate, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
