"""`organizations/{key}/subscription/quotes` and `…/changes`."""

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope, User
from billing.access import selling_to
from billing.allowed import subscription_of_account
from billing.change_serializers import ChangeIn, ChangeOut, QuoteIn, QuoteOut
from billing.changes import (
    accept_quote,
    cancel_subscription,
    plan_change,
    resume_subscription,
    undo_change,
)
from billing.errors import NotSubscribed
from billing.models import BillingAccount, CatalogPrice, Operation, Plan, Subscription
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
        """What a change that takes effect now would cost, or resuming a paused subscription with
        its own tier and interval. Nothing happens until it is accepted.
        """
        subscription = _subscription(request.user, key)
        body = QuoteIn(data=request.data)
        body.is_valid(raise_exception=True)
        price = _price(subscription, body.validated_data)
        quote = quote_upgrade(subscription.account, price, by=request.user)
        return Response(QuoteOut(quote).data, status=201)


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
        period, and `resume` goes on after all: with a quote where the subscription is paused.
        """
        subscription = _subscription(request.user, key)
        body = ChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        operation = _ask(subscription, body.validated_data, by=request.user)
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


def _subscription(user: User, key: str) -> Subscription:
    organization = selling_to(organization_for_owner(user, key))
    account = BillingAccount.objects.filter(organization=organization).first()
    if account is None:
        raise NotSubscribed
    return subscription_of_account(account)


def _price(subscription: Subscription, wanted: dict[str, Any]) -> CatalogPrice:
    """In the currency of what is paid now. Raises PriceNotSold."""
    tier, interval = wanted["tier"], wanted["interval"]
    return price_for(Plan.TEAM, tier, interval, subscription.currency)


def _ask(subscription: Subscription, wanted: dict[str, Any], *, by: User) -> Operation:
    account = subscription.account
    match wanted["kind"]:
        case "upgrade":
            return accept_quote(account, wanted["quote"], by=by)
        case "downgrade":
            price = _price(subscription, wanted)
            return plan_change(account, price, by=by, confirmed=wanted["confirmed"])
        case "undo":
            return undo_change(account, by=by)
        case "cancel":
            feedback = {name: wanted[name] for name in ("feedback", "comment")}
            return cancel_subscription(account, by=by, **feedback)
    if quote := wanted.get("quote"):
        return accept_quote(account, quote, by=by)
    return resume_subscription(account, by=by)
