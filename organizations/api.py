"""`organizations`: list, look, change, delete."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import (
    organization_for_member,
    organization_for_owner,
    organization_waiting_to_go,
)
from organizations.ending import ask_deletion, undo_deletion
from organizations.models import Organization
from organizations.renaming import change_organization
from organizations.serializers import DeletionOut, OrganizationIn, OrganizationOut


class OrganizationPage(ApiPage):
    ordering = ("key",)  # type: ignore[assignment]


class Organizations(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}
    pagination_class = OrganizationPage

    @extend_schema(
        operation_id="list_organizations",
        parameters=PAGE_PARAMETERS,
        responses={200: OrganizationOut(many=True), **problems()},
    )
    def get(self, request: ApiRequest) -> Response:
        """The organizations of the token's person, by key."""
        pages = OrganizationPage()
        mine = Organization.objects.visible_to(request.user).with_ownership(request.user)
        page = pages.paginate_queryset(mine, request, view=self)
        return pages.get_paginated_response(OrganizationOut(page, many=True).data)


class OrganizationDetail(ApiView):
    scopes: ClassVar = {
        "GET": Scope.ORGANIZATIONS_READ,
        "PATCH": Scope.ORGANIZATIONS_WRITE,
        "DELETE": Scope.ORGANIZATIONS_WRITE,
    }

    @extend_schema(
        operation_id="get_organization", responses={200: OrganizationOut, **problems(404)}
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """One organization."""
        return Response(OrganizationOut(organization_for_member(request.user, key)).data)

    @extend_schema(
        operation_id="change_organization",
        request=OrganizationIn,
        responses={200: OrganizationOut, **problems(404, 409, *BODY)},
    )
    def patch(self, request: ApiRequest, key: str) -> Response:
        """Change name, description, URL or key. For 30 days calls that name the old key are
        answered 308 with the new address.
        """
        organization = organization_for_owner(request.user, key)
        body = OrganizationIn(data=request.data)
        body.is_valid(raise_exception=True)
        change_organization(organization, by=request.user, **body.validated_data)
        return Response(OrganizationOut(organization).data)

    @extend_schema(
        operation_id="delete_organization", responses={202: DeletionOut, **problems(404, 409)}
    )
    def delete(self, request: ApiRequest, key: str) -> Response:
        """Have the organization deleted in seven days. Its tokens are wiped now; nobody gets in,
        and every other call about it answers 404, until it is restored.
        """
        organization = organization_for_owner(request.user, key)
        due_at = ask_deletion(organization, by=request.user)
        return Response(DeletionOut({"deletion_due_at": due_at}).data, status=202)


class Restore(ApiView):
    scopes: ClassVar = {"POST": Scope.ORGANIZATIONS_WRITE}

    @extend_schema(
        operation_id="restore_organization",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: OrganizationOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Bring back what waits to be deleted, all but its tokens. For its owners."""
        organization = organization_waiting_to_go(request.user, key)
        undo_deletion(organization, by=request.user)
        return Response(OrganizationOut(organization).data)
