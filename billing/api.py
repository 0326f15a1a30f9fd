"""`organizations/{key}/entitlements`, `subscription` and `invoices`."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from billing.models import Invoice
from billing.serializers import EntitlementsOut, InvoiceOut, SubscriptionOut
from billing.standing import entitlements_for, subscription_of
from core.api import ApiRequest, ApiView, problems
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import organization_for_member, organization_for_owner


class EntitlementsOfOrganization(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}

    @extend_schema(
        operation_id="get_entitlements", responses={200: EntitlementsOut, **problems(404)}
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """What the organization may do now. Meant to be asked often."""
        organization = organization_for_member(request.user, key)
        return Response(EntitlementsOut(entitlements_for(organization.pk)).data)


class SubscriptionOfOrganization(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}

    @extend_schema(
        operation_id="get_subscription", responses={200: SubscriptionOut, **problems(404)}
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """What was bought, when it is paid next, and what changes then."""
        organization = organization_for_member(request.user, key)
        return Response(SubscriptionOut(subscription_of(organization.pk)).data)


class NewestFirst(ApiPage):
    ordering = ("-created_at", "-id")


class Invoices(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}
    pagination_class = NewestFirst

    @extend_schema(
        operation_id="list_invoices",
        parameters=PAGE_PARAMETERS,
        responses={200: InvoiceOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """What was billed, the newest first. For owners."""
        organization, pages = organization_for_owner(request.user, key), NewestFirst()
        invoices = Invoice.objects.filter(account__organization=organization).exclude(
            status="draft"
        )
        page = pages.paginate_queryset(invoices, request, view=self)
        return pages.get_paginated_response(InvoiceOut(page, many=True).data)
