"""What may be done to a subscription as it is, in the words of the one who asks."""

from billing.directions import Way, kind_of_change
from billing.errors import (
    ChangedByAgreement,
    ChangeUnpaid,
    CurrencyFixed,
    NothingToChange,
    NotSubscribed,
    PaymentOwed,
    SubscriptionEnding,
    SubscriptionPaused,
)
from billing.models import BillingAccount, CatalogPrice, Plan, Subscription


def subscription_of_account(account: BillingAccount) -> Subscription:
    """The live one. Raises NotSubscribed."""
    found = account.subscriptions.live().first()
    if found is None:
        raise NotSubscribed
    return found


def way_to(subscription: Subscription, price: CatalogPrice) -> Way:
    """Now or later. Raises what speaks against a change to that price."""
    refuse_unless_changeable(subscription)
    if subscription.currency and price.currency != subscription.currency:
        raise CurrencyFixed
    way = kind_of_change(subscription, price, on_trial=subscription.status == "trialing")
    if way == Way.NONE:
        raise NothingToChange
    return way


def refuse_unless_changeable(subscription: Subscription) -> None:
    refuse_agreed(subscription)
    if subscription.status == "paused":
        raise SubscriptionPaused
    if subscription.status not in ("active", "trialing"):
        raise PaymentOwed
    if subscription.cancels_at:
        raise SubscriptionEnding
    if subscription.awaits_payment:
        raise ChangeUnpaid


def refuse_agreed(subscription: Subscription) -> None:
    if subscription.is_sent_as_invoice or subscription.plan == Plan.ENTERPRISE:
        raise ChangedByAgreement
