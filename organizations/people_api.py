"""`organizations/{key}/members` and `…/owners`."""

import uuid
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import Scope
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import organization_for_member, organization_for_owner
from organizations.invitation_api import invited
from organizations.listing import people_of
from organizations.models import Organization
from organizations.people import change_member, leave, make_member, make_owner, remove_member
from organizations.people_serializers import (
    InvitationIn,
    InvitationOut,
    MemberIn,
    MemberOut,
    OwnerIn,
)

READ, WRITE = Scope.ORGANIZATIONS_READ, Scope.ORGANIZATIONS_WRITE


class ByJoining(ApiPage):
    ordering = ("joined_at", "id")


def _listed(view: ApiView, request: ApiRequest, organization: Any, people: Any) -> Response:
    pages = ByJoining()
    page: Any = pages.paginate_queryset(people, request, view=view)
    context = {"for_owner": organization.is_owner}
    return pages.get_paginated_response(MemberOut(page, many=True, context=context).data)


def _shown(organization: Organization, user_id: uuid.UUID, *, status: int = 200) -> Response:
    member = get_object_or_404(people_of(organization), user=user_id)
    return Response(MemberOut(member, context={"for_owner": True}).data, status=status)


class Members(ApiView):
    scopes: ClassVar = {"GET": READ, "POST": WRITE}
    pagination_class = ByJoining

    @extend_schema(
        operation_id="list_members",
        parameters=PAGE_PARAMETERS,
        responses={200: MemberOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """Everybody in the organization, owners too, by when they joined."""
        organization = organization_for_member(request.user, key)
        return _listed(self, request, organization, people_of(organization))

    @extend_schema(
        operation_id="add_member",
        request=InvitationIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: InvitationOut, **problems(402, 404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Invite an address. Nobody becomes a member without accepting, so that this is the same
        as `POST …/invitations`, whether the address has an account or not.
        """
        return invited(request, key)


class MemberDetail(ApiView):
    scopes: ClassVar = {"PATCH": WRITE, "DELETE": WRITE}

    @extend_schema(
        operation_id="change_member",
        request=MemberIn,
        responses={200: MemberOut, **problems(404, 409, *BODY)},
    )
    def patch(self, request: ApiRequest, key: str, user_id: uuid.UUID) -> Response:
        """Change role or permissions. The last owner stays one: 409, `last-owner`."""
        organization = organization_for_owner(request.user, key)
        member = get_object_or_404(people_of(organization), user=user_id)
        body = MemberIn(data=request.data)
        body.is_valid(raise_exception=True)
        change_member(organization, member.user, by=request.user, **body.validated_data)
        return _shown(organization, user_id)

    @extend_schema(operation_id="remove_member", responses={204: None, **problems(404, 409)})
    def delete(self, request: ApiRequest, key: str, user_id: uuid.UUID) -> Response:
        """Remove somebody, or leave. The last owner stays: 409, `last-owner`."""
        if user_id == request.user.pk:
            leave(organization_for_member(request.user, key), by=request.user)
            return Response(status=204)
        organization = organization_for_owner(request.user, key)
        member = get_object_or_404(people_of(organization), user=user_id)
        remove_member(organization, member.user, by=request.user)
        return Response(status=204)


class Owners(ApiView):
    scopes: ClassVar = {"GET": READ, "POST": WRITE}
    pagination_class = ByJoining

    @extend_schema(
        operation_id="list_owners",
        parameters=PAGE_PARAMETERS,
        responses={200: MemberOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """The members of the owners group."""
        organization = organization_for_member(request.user, key)
        return _listed(self, request, organization, people_of(organization).filter(is_owner=True))

    @extend_schema(
        operation_id="add_owner",
        request=OwnerIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: MemberOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Make a member an owner. Twice changes nothing."""
        organization = organization_for_owner(request.user, key)
        body = OwnerIn(data=request.data)
        body.is_valid(raise_exception=True)
        member = people_of(organization).filter(user=body.validated_data["user"]).first()
        if member is None:
            raise ValidationError({"user": ["No member has this id."]})
        make_owner(organization, member.user, by=request.user)
        return _shown(organization, member.user_id, status=201)


class OwnerDetail(ApiView):
    scopes: ClassVar = {"DELETE": WRITE}

    @extend_schema(operation_id="remove_owner", responses={204: None, **problems(404, 409)})
    def delete(self, request: ApiRequest, key: str, user_id: uuid.UUID) -> Response:
        """Take somebody out of the owners group; they stay a member. The last owner stays: 409,
        `last-owner`.
        """
        organization = organization_for_owner(request.user, key)
        owner = get_object_or_404(people_of(organization).filter(is_owner=True), user=user_id)
        make_member(organization, owner.user, by=request.user)
        return Response(status=204)
