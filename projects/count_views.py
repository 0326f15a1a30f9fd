"""Lines of code of one project: the panel on its page, and a count on demand."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core.http import Request
from projects.access import project_for_owner
from projects.counts import current_counts, size_of
from projects.errors import CountedOften
from projects.figures import language_bars, left_out_bars, past_of, since, up_to_now
from projects.models import Project
from projects.requests import request_count
from projects.sums import by_size
from projects.usage import readings_of

DAYS = 90


@require_POST
def count(request: Request, key: str, project_key: str) -> HttpResponse:
    """Count the project now, instead of tonight."""
    project = project_for_owner(request.user, key, project_key)
    try:
        request_count(project, by=request.user)
    except CountedOften as error:
        messages.error(request, error.message)
    return redirect("projects:detail", key, project_key)


def lines_of(project: Project) -> dict[str, Any]:
    """What the panel shows. Three queries."""
    counts = current_counts(project)
    context: dict[str, Any] = {"size": size_of(project), "counts": counts}
    if not counts:
        return context
    largest = counts[0]
    languages = {name: lines["code"] for name, lines in largest.count["languages"].items()}
    readings = readings_of(project.organization_id, since=since(DAYS), project=project)
    return context | {
        "largest": largest,
        "languages": language_bars(by_size(languages)),
        "left_out": left_out_bars(largest.count["left_out"]),
        "past": past_of(up_to_now(readings, largest.code)),
    }
