"""The banner under the bar, where a payment can be what somebody must act on; whether anything is
sold here at all; and which plan has no limit of members.
"""

from typing import Any

from django.conf import settings
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from billing.catalogue import PLANS, catalogue
from billing.models import Subscription
from billing.showing import need_of
from bindings.context import Banner
from bindings.context import banner as token_banner
from bindings.state import State
from organizations.models import Group

LOOKED_AT = 10


def billing(request: HttpRequest) -> dict[str, Any]:
    """`banner`, or None: the gravest of tokens and payments; `sells`, and `roomy_plan`. One query
    more.
    """
    of_tokens = token_banner(request)["banner"]
    if not settings.BILLING:
        return {"banner": of_tokens, "sells": False}
    banner = SimpleLazyObject(lambda: _gravest(request, of_tokens))
    return {"banner": banner, "sells": True, "roomy_plan": _roomy_plan()}


def _roomy_plan() -> str:
    """The smallest plan without a limit of members, as people call it; empty where none is."""
    every = map(catalogue().plan, PLANS)
    return next((each.plan.title() for each in every if each.members is None), "")


def _gravest(request: HttpRequest, of_tokens: Any) -> Banner | None:
    ours = _of_payments(request)
    both = [each for each in (of_tokens, ours) if each]
    return min(both, key=lambda each: each.state.tone != "danger", default=None)


def _of_payments(request: HttpRequest) -> Banner | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    here = getattr(request.resolver_match, "kwargs", {}).get("key", "")
    elsewhere = Case(
        When(account__organization__key=here, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    owing = Q(status__in=("past_due", "unpaid", "incomplete", "paused"))
    mine = (
        Subscription.objects.live()
        .filter(
            owing | Q(pending_until__isnull=False) | Q(status="trialing", account__card={}),
            account__organization__closed_at=None,
            account__organization__deletion_due_at=None,
            account__organization__groups__kind=Group.Kind.OWNERS,
            account__organization__groups__members__user=user,
        )
        .select_related("account__organization")
        .order_by(elsewhere, "past_due_since", "pk")
    )
    needs = [(each, need_of(each)) for each in mine[:LOOKED_AT]]
    found = [(each, need) for each, need in needs if need]
    if not found:
        return None
    subscription, need = min(found, key=lambda each: each[1].tone != "danger")
    organization = subscription.account.organization
    if organization is None:
        return None
    state = State(need.word, need.tone, need.text, needs_owner=True, short=need.short or need.text)
    return Banner(organization.name, state, reverse("billing:detail", args=[organization.key]))
