"""Organizations that pay, with a subscription at Stripe and our copy of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from billing import stripe_api
from billing.models import BillingAccount, CatalogPrice, Operation, Subscription
from billing.syncing import sync_account
from billing.turns import account_turn
from sandbox.stripe.billing.clock import catch_up
from tests.billing.shop import sell

# What a monthly tier costs, and a yearly one.
AMOUNTS = {100_000: 3200, 250_000: 7500, 500_000: 14500}
GOOD, DECLINED, ASKS = (
    "pm_card_visa",
    "pm_card_chargeCustomerFail",
    "pm_card_authenticationRequired",
)


def price(loc_limit: int = 100_000, interval: str = "month", **values) -> CatalogPrice:
    known = {"loc_limit": loc_limit, "interval": interval, "currency": "eur"} | values
    found = CatalogPrice.objects.filter(is_sold=True, **known).first()
    amount = AMOUNTS[loc_limit] * (10 if interval == "year" else 1)
    return found or sell(amount=amount, **known)


@dataclass
class Subscriber:
    """`stripe` is the sandbox, `committed` runs what waits for a commit."""

    account: BillingAccount
    stripe: Any
    committed: Any
    cards: list[str] = field(default_factory=list)

    @property
    def subscription(self) -> Any:
        return Subscription.objects.filter(account=self.account).newest_first().first()

    @property
    def there(self) -> dict:
        """The subscription as Stripe has it."""
        return self.stripe.get("subscription", self.subscription.stripe_id)

    def invoices(self, **values) -> list[dict]:
        return self.stripe.all("invoice", customer=self.account.customer_id, **values)

    def uses(self, card: str) -> str:
        """What is charged from now on."""
        customer = self.account.customer_id
        made = stripe_api.ask(lambda v1: v1.payment_methods.attach(card, {"customer": customer}))
        chosen = {"invoice_settings": {"default_payment_method": made["id"]}}
        stripe_api.ask(lambda v1: v1.customers.update(customer, chosen))
        self.sync()
        return made["id"]

    def sync(self) -> None:
        with account_turn(self.account.pk) as mine:
            sync_account(mine)
        self.account.refresh_from_db()

    def later(self, clock, **duration) -> None:
        """Time goes by, here and at Stripe, where everything happens that falls due."""
        clock.shift(timedelta(**duration))
        catch_up(self.stripe.world)
        self.sync()

    def pays(self, **values) -> None:
        """Somebody finishes the payment that is open, on Stripe's page."""
        invoice = self.invoices(status="open")[-1]
        landed = self.stripe.pay(invoice["hosted_invoice_url"], **values)
        if "authenticate" in landed or "3d" in landed:
            self.stripe.authenticate(landed)
        self.sync()

    def does(self, ask, *arguments, **values) -> Operation:
        """Something is asked for, and a worker does it."""
        with self.committed():
            operation = ask(self.account, *arguments, **values)
        operation.refresh_from_db()
        self.account.refresh_from_db()
        return operation


def subscribe(subscriber: Subscriber, wanted: CatalogPrice, **values) -> None:
    """As a checkout ends."""
    account = subscriber.account
    named = {"metadata": {"account": str(account.pk)}}
    customer = stripe_api.ask(
        lambda v1: v1.customers.create({"email": "billing@example.com", **named})
    )
    account.customer_id = customer["id"]
    account.save(update_fields=["customer_id"])
    subscriber.uses(GOOD)
    params = {"customer": customer["id"], "items": [{"price": wanted.price_id}], **named, **values}
    stripe_api.ask(lambda v1: v1.subscriptions.create(params))
    subscriber.sync()


def in_germany(them: Subscriber) -> None:
    """Where tax is added."""
    with them.stripe.world.lock:
        customer = them.stripe.world.get("customer", them.account.customer_id)
        customer["address"] = {"country": "DE", "city": "Kiel"}
        there = them.stripe.world.get("subscription", them.subscription.stripe_id)
        there["automatic_tax"] = there["automatic_tax"] | {"enabled": True}


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
