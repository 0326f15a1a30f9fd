"""What an organization may do, decided from our copy of its subscription and nothing else.

| Status               | Access                                                         |
|----------------------|----------------------------------------------------------------|
| trialing, active     | the plan                                                       |
| past_due             | the plan while the grace lasts, then it can only be looked at  |
| unpaid               | can only be looked at, unless support gave grace               |
| incomplete           | Free: it never had more                                        |
| canceled, paused     | Free, unless support gave grace                                |
| incomplete_expired   | Free                                                           |
| one we don't know    | as with the last status that we knew                           |
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FREE, UNLIMITED = "free", "unlimited"
KNOWN_STATUSES = (
    "trialing", "active", "past_due", "unpaid", "incomplete", "incomplete_expired", "canceled",
    "paused",
)  # fmt: skip
# They have had more than Free, and get it back for as long as support says.
_REVIVED_BY_SUPPORT = ("unpaid", "canceled", "paused")


class Access(StrEnum):
    FULL = "full"
    READ_ONLY = "read_only"


@dataclass(frozen=True)
class Terms:
    """What belongs to a plan; None is without a limit."""

    loc_limit: int | None = None
    members: int | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class SubscriptionFacts:
    """A subscription as far as access goes. `status` is the last one that we knew."""

    status: str
    plan: str
    loc_limit: int
    trial_end: datetime | None = None
    cancels_at: datetime | None = None
    past_due_since: datetime | None = None
    grace_until: datetime | None = None


@dataclass(frozen=True)
class Entitlements:
    """`reason` is the status that this follows from; `until`, when it changes by itself."""

    plan: str
    loc_limit: int | None
    members: int | None
    features: tuple[str, ...]
    access: Access = Access.FULL
    reason: str = FREE
    until: datetime | None = None

    @property
    def is_read_only(self) -> bool:
        return self.access == Access.READ_ONLY


def entitlements_of(
    subscription: SubscriptionFacts | None,
    *,
    terms: dict[str, Terms],
    grace: timedelta,
    now: datetime,
) -> Entitlements:
    """What follows from a subscription at this moment. `grace` is how long a failed payment
    takes nothing away.
    """
    if subscription is None:
        return _free(terms)
    match subscription.status:
        case "trialing":
            return _paid(subscription, terms, until=subscription.trial_end)
        case "active":
            return _paid(subscription, terms, until=subscription.cancels_at)
        case "past_due":
            return _past_due(subscription, terms, grace, now)
        case status if status in _REVIVED_BY_SUPPORT:
            return _ended(subscription, terms, now)
        case status:
            return _free(terms, reason=status or "unknown")


def everything(features: tuple[str, ...]) -> Entitlements:
    """Where nothing is sold, nothing is withheld."""
    return Entitlements(UNLIMITED, None, None, features, reason="not_sold")


def _past_due(
    subscription: SubscriptionFacts, terms: dict[str, Terms], grace: timedelta, now: datetime
) -> Entitlements:
    until = (subscription.past_due_since or now) + grace
    if subscription.grace_until:
        until = max(until, subscription.grace_until)
    return _paid(subscription, terms, until=until) if now < until else _locked(subscription, terms)


def _ended(subscription: SubscriptionFacts, terms: dict[str, Terms], now: datetime) -> Entitlements:
    until = subscription.grace_until
    if until and now < until:
        return _paid(subscription, terms, until=until)
    if subscription.status == "unpaid":
        return _locked(subscription, terms)
    return _free(terms, reason=subscription.status)


def _paid(
    subscription: SubscriptionFacts,
    terms: dict[str, Terms],
    *,
    until: datetime | None = None,
    access: Access = Access.FULL,
) -> Entitlements:
    of_plan = terms.get(subscription.plan, terms[FREE])
    # Nobody pays for less than what is free.
    loc_limit = max(subscription.loc_limit, terms[FREE].loc_limit or 0)
    return Entitlements(
        plan=subscription.plan,
        loc_limit=loc_limit,
        members=of_plan.members,
        features=of_plan.features,
        access=access,
        reason=subscription.status,
        until=until,
    )


def _locked(subscription: SubscriptionFacts, terms: dict[str, Terms]) -> Entitlements:
    return _paid(subscription, terms, access=Access.READ_ONLY)


def _free(terms: dict[str, Terms], *, reason: str = FREE) -> Entitlements:
    of_free = terms[FREE]
    return Entitlements(FREE, of_free.loc_limit, of_free.members, of_free.features, reason=reason)
