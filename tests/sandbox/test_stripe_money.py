"""Whatever is changed and whenever: a quote is the charge, and no cent is lost."""

import json
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.stripe.billing.changing import update_subscription
from sandbox.stripe.billing.ending import cancel
from sandbox.stripe.billing.previewing import preview
from sandbox.stripe.calls import Call
from sandbox.stripe.errors import StripeError
from sandbox.stripe.resources.coupons import create_balance_transaction, create_coupon
from sandbox.stripe.world import StripeWorld, shown
from tests.sandbox.stripe_cast import AFTER_KEEPING, ASKS, DAY, GOOD, HOUR, Shop, moment

AMOUNTS = (0, 1, 49, 50, 999, 1000, 3000, 6500, 9999, 12000, 199999)
STARTS = [
    moment(2043, 1, 31),
    moment(2043, 12, 31) + 86399,
    moment(2044, 2, 28),
    moment(2044, 2, 29) + 12345,
    moment(2044, 3, 30),
]
seconds = st.integers(0, 45 * DAY)
changes = st.fixed_dictionaries(
    {
        "price": st.integers(0, len(AMOUNTS) * 2 - 1),
        "quantity": st.sampled_from([1, 1, 1, 3]),
        "proration_behavior": st.sampled_from(["always_invoice", "create_prorations", "none"]),
        "payment_behavior": st.sampled_from(["allow_incomplete", "pending_if_incomplete"]),
        "starts_again": st.sampled_from([False, False, True]),
        "wait": seconds,
        "late": st.integers(0, 2 * HOUR),
        "card": st.sampled_from([GOOD, GOOD, GOOD, AFTER_KEEPING, ASKS]),
    }
)
plots = st.fixed_dictionaries(
    {
        "start": st.sampled_from(STARTS) | st.integers(moment(2043, 1, 1), moment(2044, 12, 31)),
        "credit": st.sampled_from([0, 0, -1, -700, -250000, 37]),
        "coupon": st.sampled_from([None, None, 100, 33.3, 12.5]),
        "country": st.sampled_from([None, "DE", "CH"]),
        "trial": st.sampled_from([None, None, 14]),
        "changes": st.lists(changes, min_size=1, max_size=4),
    }
)
slowly = settings(max_examples=100, deadline=timedelta(seconds=20))


def begun(plot):
    """A shop with the prices that will be wanted, and a subscription to one of them."""
    shop = Shop(StripeWorld())
    shop.world.pinned = plot["start"]
    chosen = {each["price"] for each in plot["changes"]} | {plot["changes"][0]["price"] // 2}
    prices = {
        number: shop.price(AMOUNTS[number // 2], ("month", "year")[number % 2]) for number in chosen
    }
    address = {"address": {"country": plot["country"]}} if plot["country"] else {}
    customer = shop.customer(**address)
    if plot["credit"]:
        params = {"amount": plot["credit"], "currency": "eur"}
        create_balance_transaction(Call(shop.world, params, {"customer": customer["id"]}))
    more = {"automatic_tax": {"enabled": bool(address)}}
    if plot["coupon"]:
        coupon = {"percent_off": plot["coupon"], "duration": "forever"}
        more["discounts"] = [{"coupon": create_coupon(Call(shop.world, coupon))["id"]}]
    if plot["trial"]:
        more["trial_period_days"] = plot["trial"]
    return shop, prices, shop.subscribe(customer, prices[plot["changes"][0]["price"] // 2], **more)


def quoted_and_charged(shop, subscription, prices, change):
    """The total of the quote and of the invoice that follows; None where none does."""
    shop.give_card(shop.world.get("customer", subscription["customer"]), change["card"])
    details = {
        "items": [
            {
                "id": subscription["items"]["data"][0]["id"],
                "price": prices[change["price"]]["id"],
                "quantity": change["quantity"],
            }
        ],
        "proration_behavior": change["proration_behavior"],
        "proration_date": shop.world.now(),
    }
    if change["starts_again"] and subscription["status"] == "trialing":
        details["trial_end"] = "now"
    elif change["starts_again"]:
        details["billing_cycle_anchor"] = {"type": "now"}
    before = subscription["latest_invoice"]
    asked = {"subscription": subscription["id"], "subscription_details": details}
    quote = preview(shop.world, asked)
    shop.advance(seconds=change["late"])
    quote_is_old = (
        subscription["latest_invoice"] != before or shop.invoice(subscription)["status"] == "draft"
    )
    try:
        behavior = {"payment_behavior": change["payment_behavior"]}
        update_subscription(shop.world, subscription, {**details, **behavior})
    except StripeError as refused:
        assert refused.error.get("param") == "proration_date"
        return None
    if quote_is_old or subscription["latest_invoice"] == before:
        return None
    return quote, shop.invoice(subscription)


def books(world, customer):
    """Each invoice's total is charged or taken from the balance, and the balance tells all."""
    for invoice in world.all("invoice"):
        if invoice["status"] in ("paid", "open"):
            taken = invoice["ending_balance"] - invoice["starting_balance"]
            assert invoice["total"] == invoice["amount_due"] + taken
        if invoice["status"] == "paid":
            assert invoice["amount_paid"] == invoice["amount_due"]
    rows = list(world.all("customer_balance_transaction"))
    assert sum(each["amount"] for each in rows) == customer["balance"]
    charged = sum(each["amount"] for each in world.all("charge", status="succeeded"))
    assert charged == sum(each["amount_paid"] for each in world.all("invoice"))


@slowly
@given(plots)
def test_a_quote_is_the_charge_and_no_cent_is_lost(plot):
    shop, prices, subscription = begun(plot)

    for change in plot["changes"]:
        shop.advance(seconds=change["wait"])
        if subscription["status"] in ("canceled", "incomplete", "incomplete_expired"):
            break
        if pair := quoted_and_charged(shop, subscription, prices, change):
            quote, invoice = pair
            for name in ("subtotal", "total", "amount_due", "starting_balance"):
                assert invoice[name] == quote[name], name
            assert [line["amount"] for line in invoice["lines"]["data"]] == [
                line["amount"] for line in quote["lines"]["data"]
            ]
        books(shop.world, shop.world.get("customer", subscription["customer"]))


@slowly
@given(plots)
def test_an_end_can_be_quoted_too(plot):
    shop, _, subscription = begun(plot)
    shop.advance(seconds=plot["changes"][0]["wait"])
    if subscription["status"] not in ("active", "trialing"):
        return
    details = {"cancel_now": True}

    quote = preview(
        shop.world, {"subscription": subscription["id"], "subscription_details": details}
    )
    before = subscription["latest_invoice"]
    cancel(shop.world, subscription, {"prorate": True, "invoice_now": True}, "")

    if subscription["latest_invoice"] != before:
        assert shop.invoice(subscription)["total"] == quote["total"]
    books(shop.world, shop.world.get("customer", subscription["customer"]))


# One step of the clock or many


KINDS = ("customer", "subscription", "invoice", "charge", "payment_intent", "event")
AN_ID = re.compile(r"[a-z_]+_[0-9a-f]{24}")


def told(world):
    """Everything that is kept, line by line, without ids: they differ from world to world."""
    kept = [[shown(each) for each in world.all(kind)] for kind in KINDS]
    return AN_ID.sub("id", json.dumps(kept, indent=1)).splitlines()


lives = st.fixed_dictionaries(
    {
        "trial": st.sampled_from([None, 2, 14]),
        "interval": st.sampled_from(["week", "month", "year"]),
        "cards": st.lists(st.sampled_from([GOOD, AFTER_KEEPING, ASKS]), min_size=1, max_size=4),
        "ends": st.booleans(),
        "steps": st.lists(st.integers(1, 40 * DAY), min_size=1, max_size=12),
    }
)


def lived(life, steps):
    shop = Shop(StripeWorld())
    shop.world.pinned = moment(2044, 1, 31)
    customer = shop.customer(invoice_prefix="HARBOUR")
    more = {"trial_period_days": life["trial"]} if life["trial"] else {}
    subscription = shop.subscribe(customer, shop.price(3000, life["interval"]), **more)
    shop.give_card(customer, life["cards"][-1])
    if life["ends"]:
        update_subscription(shop.world, subscription, {"cancel_at_period_end": True})
    for step in steps:
        shop.advance(seconds=step)
    return told(shop.world)


@settings(max_examples=40, deadline=timedelta(seconds=30))
@given(lives)
def test_one_step_of_the_clock_does_what_many_do(life):
    assert lived(life, [sum(life["steps"])]) == lived(life, life["steps"])


def test_years_go_by_in_seconds():
    shop = Shop(StripeWorld())
    subscription = shop.subscribe(shop.customer(), shop.price(3000, "week"))

    shop.advance(days=5 * 365)

    assert len(shop.kept("invoice")) == 261
    assert subscription["status"] == "active"


@pytest.mark.parametrize("card", [GOOD, AFTER_KEEPING])
def test_events_are_stamped_with_the_time_they_are_about(card):
    shop = Shop(StripeWorld())
    subscription = shop.subscribe(shop.customer(), shop.price(3000))
    end = subscription["items"]["data"][0]["current_period_end"]
    shop.give_card(shop.world.get("customer", subscription["customer"]), card)

    shop.advance(days=60)

    stamps = [each["created"] for each in shop.kept("event")]
    assert stamps == sorted(stamps)
    upcoming, finalized = (
        [each["created"] for each in shop.kept("event", type=kind)]
        for kind in ("invoice.upcoming", "invoice.finalized")
    )
    assert upcoming[0] == end - 7 * DAY
    assert finalized[1] == end + HOUR
