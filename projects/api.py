"""`organizations/{key}/projects`: list, make, look, delete."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import Permission, organization_for, organization_for_member
from projects.access import project_for_member, project_for_owner
from projects.operations import (
    NewProject,
    create_from_repository,
    create_project,
    delete_project,
)
from projects.serializers import ProjectIn, ProjectOut


class Projects(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ, "POST": Scope.ORGANIZATIONS_WRITE}
    pagination_class = ApiPage

    @extend_schema(
        operation_id="list_projects",
        parameters=[
            OpenApiParameter("q", str, description="Words in project or repository."),
            *PAGE_PARAMETERS,
        ],
        responses={200: ProjectOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """The projects of an organization, by name."""
        organization, pages = organization_for_member(request.user, key), ApiPage()
        found = organization.projects.shown().search(request.query_params.get("q", "")[:100])
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(ProjectOut(page, many=True).data)

    @extend_schema(
        operation_id="create_project",
        request=ProjectIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: ProjectOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Make a project of a repository, or one without.

        A repository that is one already is a 409, `repository-already-a-project`, with that
        project's key in `project`. A taken key is a 409, `project-key-taken`, with `suggestions`.
        """
        organization = organization_for(request.user, key, Permission.CREATE_PROJECTS)
        body = ProjectIn(data=request.data)
        body.is_valid(raise_exception=True)
        sent = dict(body.validated_data)
        if repository_id := sent.pop("repository", None):
            project = create_from_repository(organization, repository_id, by=request.user, **sent)
        else:
            project = create_project(organization, NewProject(**sent), by=request.user)
        return Response(ProjectOut(project).data, status=201)


class ProjectDetail(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ, "DELETE": Scope.ORGANIZATIONS_WRITE}

    @extend_schema(operation_id="get_project", responses={200: ProjectOut, **problems(404)})
    def get(self, request: ApiRequest, key: str, project_key: str) -> Response:
        """One project."""
        return Response(ProjectOut(project_for_member(request.user, key, project_key)).data)

    @extend_schema(operation_id="delete_project", responses={204: None, **problems(404)})
    def delete(self, request: ApiRequest, key: str, project_key: str) -> Response:
        """Delete a project. Its repository is not touched, and can become one again."""
        delete_project(project_for_owner(request.user, key, project_key), by=request.user)
        return Response(status=204)
