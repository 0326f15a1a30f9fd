"""Products, prices, customers and cards for the tests of Stripe's billing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.stripe.billing.clock import advance
from sandbox.stripe.billing.starting import create_subscription
from sandbox.stripe.calls import Call
from sandbox.stripe.cards import BY_NUMBER
from sandbox.stripe.resources.customers import create as create_customer
from sandbox.stripe.resources.payment_methods import attach, make_method
from sandbox.stripe.resources.prices import create as create_price
from sandbox.stripe.resources.products import create as create_product
from sandbox.stripe.world import StripeWorld

DAY, HOUR = 86400, 3600
GOOD, DECLINED, AFTER_KEEPING = "4242424242424242", "4000000000000002", "4000000000000341"
ASKS, ASKS_FIRST = "4000002760003184", "4000002500003155"


def moment(year: int, month: int, day: int) -> int:
    """`moment(2027, 1, 31)`: midnight there, in UTC."""
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


@dataclass
class Shop:
    """What is sold, and who buys it, on a clock that stands still unless it is moved: a slow
    machine changes nothing.
    """

    world: StripeWorld

    def __post_init__(self):
        self.world.pinned = self.world.now()

    def price(self, amount, interval="month", currency="eur", **more: Any):
        product = create_product(Call(self.world, {"name": f"Team {amount}"}))
        sold = {
            "product": product["id"],
            "currency": currency,
            "unit_amount": amount,
            "recurring": {"interval": interval},
            **more,
        }
        return create_price(Call(self.world, sold))

    def customer(self, card: str | None = GOOD, **more: Any):
        customer = create_customer(Call(self.world, more))
        if card:
            self.give_card(customer, card)
        return customer

    def give_card(self, customer, card):
        method = make_method(self.world, BY_NUMBER[card])
        attach(self.world, method, customer)
        customer["invoice_settings"]["default_payment_method"] = method["id"]
        return method

    def subscribe(self, customer, *prices, **more: Any):
        items = [{"price": price["id"]} for price in prices]
        params = {"customer": customer["id"], "items": items, **more}
        return create_subscription(self.world, params)

    def advance(self, **by):
        """`advance(days=3)`, or `advance(to=…)`."""
        seconds = by.get("days", 0) * DAY + by.get("hours", 0) * HOUR + by.get("seconds", 0)
        to = by.get("to", self.world.now() + seconds)
        advance(self.world, to)

    def invoice(self, subscription):
        return self.world.get("invoice", subscription["latest_invoice"])

    def events(self, *kinds):
        found = [each["type"] for each in self.world.all("event")]
        return [each for each in found if not kinds or each in kinds]

    def kept(self, kind, **values):
        return list(self.world.all(kind, **values))


def amounts(invoice):
    return [line["amount"] for line in invoice["lines"]["data"]]


def without_ids(lines):
    """What lines say, for two invoices that should say the same."""
    return [(each["description"], each["amount"], each["period"]) for each in lines["data"]]
