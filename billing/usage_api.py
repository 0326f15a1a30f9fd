"""`organizations/{key}/usage` and its projects: the lines in use that an analysis is refused by."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from billing.usage import in_use_of, with_lines
from billing.usage_serializers import UsageOfProjectOut, UsageOut
from core.api import ApiRequest, ApiView, problems
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import organization_for_member
from projects import counting
from projects.usage import counting_in, usage_of


class Usage(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}

    @extend_schema(operation_id="get_usage", responses={200: UsageOut, **problems(404)})
    def get(self, request: ApiRequest, key: str) -> Response:
        """Lines of code in use now: by the newest count of each project, and by what analyses
        said since. It is the number that an analysis is refused by.
        """
        organization = organization_for_member(request.user, key)
        in_use, state = in_use_of(organization.pk), counting_in(organization.pk)
        summed = usage_of(organization.pk).summed
        shown = {
            "loc": in_use.loc,
            "counted": in_use.counted,
            "declared": in_use.declared,
            "projects": summed,
            "public_projects": state.public,
            "uncounted_projects": state.projects - state.public - summed,
            "counting": state.waiting,
            "counted_at": state.counted_at,
            "version": counting.version(),
        }
        return Response(UsageOut(shown).data)


class ByKey(ApiPage):
    ordering = ("key", "id")


class UsageByProject(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}
    pagination_class = ByKey

    @extend_schema(
        operation_id="list_usage_by_project",
        parameters=PAGE_PARAMETERS,
        responses={200: UsageOfProjectOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """What each project adds, by key. All `adds` together are the `loc` in use."""
        organization, pages = organization_for_member(request.user, key), ByKey()
        projects = with_lines(organization.projects.shown().with_sizes())
        page = pages.paginate_queryset(projects, request, view=self)
        return pages.get_paginated_response(UsageOfProjectOut(page, many=True).data)
