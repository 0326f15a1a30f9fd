"""What was quoted is what is charged."""

import pytest

from billing import stripe_api
from billing.changes import accept_quote
from billing.models import Quote
from billing.quotes import quote_upgrade
from tests.billing.subscribers import price


def test_a_quote_says_in_words_what_the_card_will_be_charged(subscriber, alice):
    them = subscriber()

    quote = quote_upgrade(them.account, price(250_000), by=alice)

    assert [line["amount"] for line in quote.lines] == [-3200, 7500]
    assert quote.lines[0]["text"].startswith("Team 100k, monthly, ")
    assert quote.lines[0]["text"].endswith(", not used")
    assert quote.lines[1]["text"].startswith("Team 250k, monthly, ")
    assert (quote.subtotal, quote.tax, quote.total, quote.amount_due) == (4300, 0, 4300, 4300)
    assert quote.next_at == them.subscription.period_end
    assert len(them.invoices()) == 1


def test_the_charge_is_the_quote(subscriber, alice):
    them = subscriber()
    quote = quote_upgrade(them.account, price(250_000), by=alice)

    operation = them.does(accept_quote, quote.pk, by=alice)

    invoice = them.invoices()[-1]
    assert operation.state == "done", operation.error
    assert (invoice["total"], invoice["amount_paid"]) == (quote.total, quote.amount_due)
    assert invoice["status"] == "paid"
    assert them.subscription.loc_limit == 250_000


def staff_bill(them, amount, description):
    """On the customer's next invoice, whatever that is for, in Stripe's dashboard."""
    about = {"customer": them.account.customer_id, "currency": "eur", "description": description}
    stripe_api.ask(lambda v1: v1.invoice_items.create({**about, "amount": amount}))


@pytest.mark.parametrize("amount", [900, -900])
def test_what_staff_put_on_the_next_invoice_is_quoted_and_charged(subscriber, alice, amount):
    them = subscriber()
    staff_bill(them, amount, "Help with the move")

    quote = quote_upgrade(them.account, price(250_000), by=alice)
    operation = them.does(accept_quote, quote.pk, by=alice)

    waited = {"text": "Help with the move, which waited for your next invoice", "amount": amount}
    assert waited in quote.lines
    assert quote.amount_due == 4300 + amount
    assert quote.next_at == them.subscription.period_end
    assert operation.state == "done", operation.error
    assert them.invoices()[-1]["amount_paid"] == quote.amount_due
    assert them.subscription.loc_limit == 250_000


def test_what_staff_bill_after_the_quote_is_not_charged_with_it(subscriber, alice):
    them = subscriber()
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    staff_bill(them, 900, "Help with the move")

    operation = them.does(accept_quote, quote.pk, by=alice)

    assert (operation.state, operation.error_code) == ("failed", "quote-void")
    assert len(them.invoices()) == 1


@pytest.mark.parametrize(
    ("balance", "credit", "carried_over", "said"),
    [
        (-5000, 4300, 0, "Your credit pays all of it."),
        (-4280, 4280, 20, "0.20 is too little for a card to be charged"),
        (-1000, 1000, 0, "Upgrade and pay €\N{NO-BREAK SPACE}33.00"),
    ],
)
def test_what_credit_pays_is_not_called_too_little(
    subscriber, alice, browser_of, balance, credit, carried_over, said
):
    them = subscriber()
    with them.stripe.world.lock:
        them.stripe.world.get("customer", them.account.customer_id)["balance"] = balance
    price(250_000)

    asked = {"loc_limit": 250_000, "interval": "month"}
    page = browser_of(alice).post("/organizations/harbour/billing/change/", asked)

    quote = Quote.objects.get()
    assert (quote.credit, quote.carried_over) == (credit, carried_over)
    assert said in page.text
