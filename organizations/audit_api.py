"""`audit-events`: what is on an organization's record, for its owners."""

from datetime import date
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import Scope
from core.api import ApiRequest, ApiView, problems
from core.context import CHANNELS
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import organization_for_owner
from organizations.actions import Family
from organizations.audit_forms import WantedForm
from organizations.history import NEWEST_FIRST, as_data, events_of
from organizations.models import AuditEvent


class AuditEventOut(serializers.Serializer[Any]):
    """Who did what, when and how."""

    id = serializers.UUIDField(help_text="The same for an event whenever it is read.")
    at = serializers.DateTimeField()
    action = serializers.CharField(help_text="Stable; for programs. There will be more of them.")
    family = serializers.CharField(help_text="What it is about.")
    title = serializers.CharField(help_text="The action in words, which may change.")
    who = serializers.CharField(help_text="In words: a person, Mooring support, or Mooring.")
    email = serializers.CharField(allow_null=True, help_text="Null where nobody asked for it.")
    by_support = serializers.BooleanField()
    channel = serializers.ChoiceField(CHANNELS)
    data = serializers.DictField(  # type: ignore[assignment]
        help_text="What the action has to say; never a secret."
    )
    request_id = serializers.CharField(allow_null=True)

    def to_representation(self, event: AuditEvent) -> dict[str, Any]:
        return dict(super().to_representation(as_data(event)))


class NewestFirst(ApiPage):
    ordering = NEWEST_FIRST


class AuditEvents(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}
    pagination_class = NewestFirst

    @extend_schema(
        operation_id="list_audit_events",
        parameters=[
            OpenApiParameter("family", str, enum=Family.values, description="What it is about."),
            OpenApiParameter("email", str, description="Who did it."),
            OpenApiParameter("channel", str, enum=CHANNELS, description="How it came in."),
            OpenApiParameter("from", date, description="The first day, in UTC."),
            OpenApiParameter("to", date, description="The last day, in UTC."),
            *PAGE_PARAMETERS,
        ],
        responses={200: AuditEventOut(many=True), **problems(404, 422)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """What happened in an organization, newest first. For its owners."""
        organization, pages = organization_for_owner(request.user, key), NewestFirst()
        form = WantedForm(request.query_params)
        if not form.is_valid():
            raise ValidationError({name: [*map(str, said)] for name, said in form.errors.items()})
        page = pages.paginate_queryset(events_of(organization, form.wanted), request, view=self)
        return pages.get_paginated_response(AuditEventOut(page, many=True).data)
