"""What an organization may do now, from our own tables: Stripe's silence locks nobody out."""

import uuid
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from billing.catalogue import PLANS, catalogue
from billing.entitlements import (
    FREE,
    UNLIMITED,
    Entitlements,
    SubscriptionFacts,
    Terms,
    entitlements_of,
    everything,
)
from billing.models import Subscription, newest_first
from core.prepared import Prepared
from organizations.models import Organization

FACTS = (
    "status", "known_status", "plan", "loc_limit", "trial_end", "cancels_at", "past_due_since",
    "account__grace_until",
)  # fmt: skip


def entitlements_for(organization_id: uuid.UUID) -> Entitlements:
    """One query; none where nothing is sold."""
    if not settings.BILLING:
        return decide(None)
    of_organization = Subscription.objects.filter(account__organization=organization_id)
    return decide(of_organization.newest_first().values(*FACTS).first())


def member_limit(organization_id: uuid.UUID) -> int | None:
    """How many members the plan has; None is without a limit. Named by `MEMBER_LIMIT_OF`."""
    return entitlements_for(organization_id).members


def asked_with_token(key: str, digest: str) -> dict[str, Any] | None:
    """FACTS of an organization and, as `token__…`, the token of a member who asks; None where that
    token opens nothing there. One query.
    """
    row = _BY_TOKEN.first(key, digest)
    if row is None:
        return None
    facts = {name: row[_OF_ORGANIZATION[name]] for name in FACTS}
    return facts | {f"token__{name}": row[f"{_TOKEN}{name}"] for name in _OF_TOKEN}


def _by_token(key: str, digest: str) -> QuerySet[Organization, dict[str, Any]]:
    subscription = "billing__subscriptions__"
    member = {f"{_TOKEN}digest": digest, "memberships__user__is_active": True}
    return (
        Organization.objects.alive()
        .filter(key=key, **member)
        .order_by(*newest_first(subscription))
        .values(*_OF_ORGANIZATION.values(), *(f"{_TOKEN}{name}" for name in _OF_TOKEN))[:1]
    )


_TOKEN = "memberships__user__api_tokens__"  # noqa: S105
_OF_TOKEN = ("id", "scopes", "expires_at", "last_used_at")
_OF_ORGANIZATION = {name: f"billing__subscriptions__{name}" for name in FACTS} | {
    "account__grace_until": "billing__grace_until"
}
_BY_TOKEN = Prepared(_by_token, 2)


def decide(row: dict[str, Any] | None) -> Entitlements:
    """What follows from the FACTS of the newest subscription, or from there being none."""
    if not settings.BILLING:
        return everything(tuple(catalogue().features))
    return entitlements_of(
        _facts(row) if row and row["status"] else None,
        terms=_terms(),
        grace=timedelta(days=settings.BILLING_GRACE_DAYS),
        now=timezone.now(),
    )


def _facts(row: dict[str, Any]) -> SubscriptionFacts:
    return SubscriptionFacts(
        # A status that we don't know changes nothing.
        status=row["known_status"] or row["status"],
        plan=row["plan"],
        loc_limit=row["loc_limit"],
        trial_end=row["trial_end"],
        cancels_at=row["cancels_at"],
        past_due_since=row["past_due_since"],
        grace_until=row["account__grace_until"],
    )


@cache
def _terms() -> dict[str, Terms]:
    known = map(catalogue().plan, PLANS)
    return {each.plan: Terms(each.loc_limit, each.members, each.features) for each in known}


def subscription_of(organization_id: uuid.UUID) -> Subscription:
    """What the organization has bought; an unsaved one of Free where it has nothing, and without
    a limit where nothing is sold.
    """
    if not settings.BILLING:
        return Subscription(plan=UNLIMITED, loc_limit=None, status="")  # type: ignore[misc]
    bought = Subscription.objects.filter(account__organization=organization_id)
    free = _terms()[FREE].loc_limit or 0
    return bought.newest_first().first() or Subscription(plan=FREE, loc_limit=free, status="")
