"""`organizations/{key}/subscription/quotes` and `…/changes`."""

from typing import ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope, User
from billing.access import selling_to
from billing.change_serializers import ChangeIn, ChangeOut, QuoteIn, QuoteOut
from billing.changes import (
    accept_quote,
    cancel_subscription,
    plan_change,
    resume_subscription,
    undo_change,
)
from billing.errors import NotSubscribed
from billing.models import BillingAccount, Operation, Plan
from billing.prices import price_for
from billing.quotes import quote_upgrade
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from organizations.access import organization_for_owner


class Quotes(ApiView):
    scopes: ClassVar = {"POST": Scope.ORGANIZATIONS_WRITE}

    @extend_schema(
        operation_id="quote_upgrade",
        request=QuoteIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: QuoteOut, **problems(404, 409, 503, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """What a change that takes effect now would cost. Nothing happens until it is accepted."""
        account = _account(request.user, key)
        body = QuoteIn(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        price = price_for(Plan.TEAM, wanted["loc_limit"], wanted["interval"], account.currency)
        return Response(QuoteOut(quote_upgrade(account, price, by=request.user)).data, status=201)


class Changes(ApiView):
    scopes: ClassVar = {"POST": Scope.ORGANIZATIONS_WRITE}

    @extend_schema(
        operation_id="change_subscription",
        request=ChangeIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={202: ChangeOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Ask for a change; ask for it by its id until it is done.

        `upgrade` accepts a quote. `downgrade` takes effect with the next period, `undo` calls it
        off, and an upgrade that waits for its payment too. `cancel` ends the subscription with its
        period, and `resume` goes on after all.
        """
        account = _account(request.user, key)
        body = ChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        operation = _ask(account, body, by=request.user)
        operation.refresh_from_db()
        return Response(ChangeOut(operation).data, status=202)


class OneChange(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}

    @extend_schema(operation_id="get_change", responses={200: ChangeOut, **problems(404)})
    def get(self, request: ApiRequest, key: str, change_id: UUID) -> Response:
        """How a change stands. `url` is where a person has to pay or confirm, if somebody has."""
        organization = selling_to(organization_for_owner(request.user, key))
        asked = Operation.objects.filter(account__organization=organization)
        return Response(ChangeOut(get_object_or_404(asked, pk=change_id)).data)


def _account(user: User, key: str) -> BillingAccount:
    organization = selling_to(organization_for_owner(user, key))
    account = BillingAccount.objects.filter(organization=organization).first()
    if account is None:
        raise NotSubscribed
    return account


def _ask(account: BillingAccount, body: ChangeIn, *, by: User) -> Operation:
    wanted = body.validated_data
    match wanted["kind"]:
        case "upgrade":
            return accept_quote(account, wanted["quote"], by=by)
        case "downgrade":
            price = price_for(Plan.TEAM, wanted["loc_limit"], wanted["interval"], account.currency)
            return plan_change(account, price, by=by, confirmed=wanted["confirmed"])
        case "undo":
            return undo_change(account, by=by)
        case "cancel":
            feedback = {name: wanted[name] for name in ("feedback", "comment")}
            return cancel_subscription(account, by=by, **feedback)
    return resume_subscription(account, by=by)
