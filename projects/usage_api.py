"""The days of `organizations/{key}/usage`, and a project's `counts`."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import Scope
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import organization_for_member
from projects.access import project_for_member, project_for_owner
from projects.counts import current_counts, size_of
from projects.models import Project
from projects.requests import request_count
from projects.usage_serializers import CountsOut, ReadingOut

DAYS = 90


class NewestFirst(ApiPage):
    ordering = ("-day", "-id")


class Readings(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}
    pagination_class = NewestFirst

    @extend_schema(
        operation_id="list_usage_readings",
        parameters=[
            OpenApiParameter("from", date, description="The first day; 90 days ago if left out."),
            OpenApiParameter("to", date, description="The last day; today if left out."),
            *PAGE_PARAMETERS,
        ],
        responses={200: ReadingOut(many=True), **problems(404, 422)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """Lines of code in use day by day (UTC), the newest first."""
        organization, pages = organization_for_member(request.user, key), NewestFirst()
        last = _day(request, "to") or timezone.now().date()
        first = _day(request, "from") or last - timedelta(days=min(DAYS, last.toordinal() - 1))
        days = organization.usage_readings.filter(project=None, day__range=(first, last))
        page = pages.paginate_queryset(days, request, view=self)
        return pages.get_paginated_response(ReadingOut(page, many=True).data)


class Counts(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ, "POST": Scope.ORGANIZATIONS_WRITE}

    @extend_schema(operation_id="get_counts", responses={200: CountsOut, **problems(404)})
    def get(self, request: ApiRequest, key: str, project_key: str) -> Response:
        """What was counted of a project, branch by branch, and what the rules left out."""
        return Response(_counts(project_for_member(request.user, key, project_key)))

    @extend_schema(
        operation_id="count_project",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={202: CountsOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str, project_key: str) -> Response:
        """Count a project now, instead of tonight. Ask for its counts until `is_counting` is
        false; asking twice meanwhile counts once.
        """
        project = project_for_owner(request.user, key, project_key)
        request_count(project, by=request.user)
        return Response(_counts(project), status=202)


def _counts(project: Project) -> dict[str, Any]:
    size = size_of(project)
    shown = {
        "project": project.key,
        "loc": size.loc if size else None,
        "is_counting": bool(size and size.is_requested),
        "counted_at": size.counted_at if size else None,
        "skipped": size.skipped or None if size else None,
        "uncounted_branches": size.uncounted if size else 0,
        "branches": current_counts(project),
    }
    return dict(CountsOut(shown).data)


def _day(request: ApiRequest, name: str) -> date | None:
    text = request.query_params.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValidationError({name: ["Send a day like this: 2026-11-26."]}) from error
