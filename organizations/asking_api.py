"""`organizations/{key}/join-requests`: list, approve, decline."""

import uuid
from collections.abc import Callable
from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from core.api import IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations import asking
from organizations.access import organization_for_owner
from organizations.people_serializers import JoinRequestOut

READ, WRITE = Scope.ORGANIZATIONS_READ, Scope.ORGANIZATIONS_WRITE


class OldestFirst(ApiPage):
    ordering = ("created_at", "id")


class JoinRequests(ApiView):
    scopes: ClassVar = {"GET": READ}
    pagination_class = OldestFirst

    @extend_schema(
        operation_id="list_join_requests",
        parameters=PAGE_PARAMETERS,
        responses={200: JoinRequestOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """Who waits for an owner's answer, the oldest first."""
        organization, pages = organization_for_owner(request.user, key), OldestFirst()
        waiting = organization.join_requests.open().select_related("user")
        page = pages.paginate_queryset(waiting, request, view=self)
        return pages.get_paginated_response(JoinRequestOut(page, many=True).data)


class Approve(ApiView):
    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="approve_join_request",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: JoinRequestOut, **problems(402, 404, 409)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str, request_id: uuid.UUID) -> Response:
        """Let the asker in as a member, and tell them."""
        return _answered(request, key, request_id, asking.approve)


class Decline(ApiView):
    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="decline_join_request",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: JoinRequestOut, **problems(404, 409)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str, request_id: uuid.UUID) -> Response:
        """Don't let the asker in, and tell them. They may ask again after seven days."""
        return _answered(request, key, request_id, asking.decline)


def _answered(
    request: ApiRequest, key: str, request_id: uuid.UUID, answer: Callable[..., None]
) -> Response:
    organization = organization_for_owner(request.user, key)
    known = organization.join_requests.select_related("organization", "user")
    wanted = get_object_or_404(known, pk=request_id)
    answer(wanted, by=request.user)
    wanted.refresh_from_db(fields=["state", "decided_at"])
    return Response(JoinRequestOut(wanted).data)
