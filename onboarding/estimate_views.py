"""Lines of code while they are counted for an import: watched, stopped, counted again."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from core.http import Request
from onboarding.access import import_of
from onboarding.fits import fit_of
from onboarding.operations import estimate_again, stop_estimate
from projects.models import Estimate
from projects.showing import show


@never_cache
def estimate(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """The estimate alone, which the plan's page looks at again and again."""
    import_ = import_of(request.user, import_id)
    if request.method == "POST":
        act = estimate_again if request.POST.get("act") == "again" else stop_estimate
        act(import_, by=request.user)
        return redirect("onboarding:plan", import_id)
    if import_.estimate is None or not request.htmx:
        return redirect("onboarding:plan", import_id)
    context = shown(import_.estimate, import_id)
    return render(request, "onboarding/counted.html", context | {"is_part": True})


def shown(estimate: Estimate | None, import_id: uuid.UUID) -> dict[str, Any]:
    """What the template wants to know."""
    if estimate is None:
        return {}
    here, found = reverse("onboarding:estimate", args=[import_id]), show(estimate)
    fit = fit_of(found.progress, is_counting=estimate.is_counting)
    return {"shown": found, "here": here, "may_steer": True, "fit": fit}
