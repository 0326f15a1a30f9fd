"""Discounts on a customer: for all subscriptions that have none of their own."""

import pytest
import stripe as library

from tests.sandbox.stripe_cast import Shop


@pytest.fixture
def shop(stripe):
    return Shop(stripe.world)


@pytest.fixture
def customer_with(stripe, ask_stripe, shop):
    """`customer_with("forever")`: one with 25 % off."""

    def create(duration):
        coupon = ask_stripe.coupons.create({"percent_off": 25, "duration": duration})
        customer = shop.customer()
        stripe.give_discount(customer["id"], coupon.id)
        return customer

    return create


def test_it_is_taken_off_each_invoice_until_it_is_taken_away(
    stripe, ask_stripe, shop, customer_with
):
    customer = customer_with("forever")
    made = shop.subscribe(customer, shop.price(3000))
    shop.advance(days=32)
    totals = [shop.invoice(made)["total"]]

    ask_stripe.customers.delete_discount(customer["id"])
    shop.advance(days=32)

    assert [*totals, shop.invoice(made)["total"]] == [2250, 3000]
    assert ask_stripe.customers.retrieve(customer["id"]).discount is None
    with pytest.raises(library.InvalidRequestError):
        ask_stripe.customers.delete_discount(customer["id"])
    kinds = [each["type"] for each in stripe.events() if "discount" in each["type"]]
    assert kinds == ["customer.discount.created", "customer.discount.deleted"]
    assert stripe.misfits == []


def test_one_for_once_goes_with_the_invoice_it_was_taken_off(ask_stripe, shop, customer_with):
    customer = customer_with("once")
    made = shop.subscribe(customer, shop.price(3000))
    first = shop.invoice(made)["total"]

    shop.advance(days=32)

    assert (first, shop.invoice(made)["total"]) == (2250, 3000)
    assert ask_stripe.customers.retrieve(customer["id"]).discount is None


def test_a_subscriptions_own_comes_in_its_place(ask_stripe, shop, customer_with):
    half = ask_stripe.coupons.create({"percent_off": 50, "duration": "forever"})
    made = shop.subscribe(
        customer_with("forever"), shop.price(3000), discounts=[{"coupon": half.id}]
    )

    assert shop.invoice(made)["total"] == 1500


def test_a_customer_who_is_gone_has_none_to_end(stripe, ask_stripe, shop):
    customer = shop.customer()
    made = shop.subscribe(customer, shop.price(3000))
    once = ask_stripe.coupons.create({"percent_off": 25, "duration": "once"})
    stripe.give_discount(customer["id"], once.id)
    stripe.behave(customer["invoice_settings"]["default_payment_method"], "declined")
    shop.advance(days=32)
    unpaid = shop.invoice(made)
    assert (unpaid["status"], unpaid["total"]) == ("open", 2250)

    ask_stripe.customers.delete(customer["id"])
    paid = ask_stripe.invoices.pay(unpaid["id"], {"paid_out_of_band": True})

    assert paid.status == "paid"
