"""`organizations/{key}/invitations`: list, send, send again, take back."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import organization_for_owner
from organizations.errors import MemberLimitReached
from organizations.inviting import invite, resend, revoke
from organizations.models import Invitation
from organizations.people_serializers import InvitationIn, InvitationOut

READ, WRITE = Scope.ORGANIZATIONS_READ, Scope.ORGANIZATIONS_WRITE


class NewestFirst(ApiPage):
    ordering = ("-created_at", "-id")


def invited(request: ApiRequest, key: str) -> Response:
    """What inviting answers, wherever it is asked for."""
    organization = organization_for_owner(request.user, key)
    body = InvitationIn(data=request.data)
    body.is_valid(raise_exception=True)
    try:
        invitation = invite(organization, by=request.user, **body.validated_data)
    except MemberLimitReached as refusal:
        refusal.details["url"] = settings.SITE_URL + reverse("billing:detail", args=[key])
        raise
    return Response(InvitationOut(invitation).data, status=201)


class Invitations(ApiView):
    scopes: ClassVar = {"GET": READ, "POST": WRITE}
    pagination_class = NewestFirst

    @extend_schema(
        operation_id="list_invitations",
        parameters=PAGE_PARAMETERS,
        responses={200: InvitationOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """Those that were neither accepted nor taken back, the newest first."""
        organization, pages = organization_for_owner(request.user, key), NewestFirst()
        waiting = organization.invitations.open().select_related("invited_by")
        page = pages.paginate_queryset(waiting, request, view=self)
        return pages.get_paginated_response(InvitationOut(page, many=True).data)

    @extend_schema(
        operation_id="invite",
        request=InvitationIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: InvitationOut, **problems(402, 404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Invite an address; it gets a mail with a link that works for seven days.

        A 402, `member-limit-reached`, tells `limit` and `used`, with those who are invited, and the
        page where an owner changes the plan, `url`.
        """
        return invited(request, key)


class InvitationDetail(ApiView):
    scopes: ClassVar = {"DELETE": WRITE}

    @extend_schema(operation_id="revoke_invitation", responses={204: None, **problems(404, 409)})
    def delete(self, request: ApiRequest, key: str, invitation_id: uuid.UUID) -> Response:
        """Take it back: its link opens nothing any more."""
        revoke(_invitation(request, key, invitation_id), by=request.user)
        return Response(status=204)


class Resend(ApiView):
    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="resend_invitation",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: InvitationOut, **problems(402, 404, 409)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str, invitation_id: uuid.UUID) -> Response:
        """Send it again, for another seven days. Links sent before end."""
        invitation = resend(_invitation(request, key, invitation_id), by=request.user)
        return Response(InvitationOut(invitation).data)


def _invitation(request: ApiRequest, key: str, invitation_id: uuid.UUID) -> Invitation:
    organization = organization_for_owner(request.user, key)
    known = organization.invitations.select_related("organization", "invited_by")
    return get_object_or_404(known, pk=invitation_id)
