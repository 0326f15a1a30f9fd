"""What staff put on a customer's next invoice."""

import pytest

from tests.sandbox.stripe_cast import Shop


@pytest.fixture
def shop(stripe):
    return Shop(stripe.world)


def test_it_is_on_the_next_invoice_and_on_no_other(shop, stripe, ask_stripe):
    customer = shop.customer()
    shop.subscribe(customer, shop.price(3200))
    about = {"customer": customer["id"], "currency": "eur"}
    ask_stripe.invoice_items.create({**about, "amount": 900, "description": "Help"})

    stripe.to_next_renewal()
    stripe.to_next_renewal()

    totals = [each["total"] for each in stripe.all("invoice")]
    assert totals == [3200, 4100, 3200]
    line = stripe.all("invoice")[1]["lines"]["data"][0]
    assert (line["description"], line["parent"]["type"]) == ("Help", "invoice_item_details")
