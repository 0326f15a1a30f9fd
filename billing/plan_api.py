"""`plans`: the catalogue, which needs no organization."""

from itertools import groupby
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from billing.catalogue import Catalogue, catalogue
from billing.models import CatalogPrice, Plan
from billing.plan_serializers import PlansOut
from billing.prices import sold
from core.api import ApiRequest, ApiView, problems


class Plans(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}

    @extend_schema(operation_id="list_plans", responses={200: PlansOut, **problems()})
    def get(self, request: ApiRequest) -> Response:
        """The plans, with the tiers and prices that are sold now. There is one page of them."""
        known, prices = catalogue(), sold() if settings.BILLING else []
        results = [_as_data(known, plan, prices) for plan in Plan]
        return Response(PlansOut({"results": results, "next": None, "previous": None}).data)


def _as_data(known: Catalogue, plan: Plan, prices: list[CatalogPrice]) -> dict[str, Any]:
    facts = known.plan(plan)
    tiers = groupby((p for p in prices if p.plan == plan), key=lambda p: p.loc_limit)
    return {
        "plan": plan,
        "loc_limit": facts.loc_limit,
        "loc_from": known.enterprise_from if plan == Plan.ENTERPRISE else None,
        "members": facts.members,
        "trial_days": known.trial_days if plan == Plan.TEAM else 0,
        "features": [{"code": code, "title": known.features[code]} for code in facts.features],
        "tiers": [{"loc_limit": limit, "prices": list(of)} for limit, of in tiers],
        "contact": settings.BILLING_CONTACT if plan == Plan.ENTERPRISE else None,
    }
