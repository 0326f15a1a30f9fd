"""Invoices as their payer sees them: open ones are paid, all are printed."""

import pytest


@pytest.fixture
def open_invoice(stripe, ask_stripe, customer, price):
    """The first invoice of a subscription that nothing has paid yet."""
    bought = ask_stripe.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": price.id}],
            "payment_behavior": "default_incomplete",
        }
    )
    return stripe.get("invoice", bought.latest_invoice)


def test_an_open_invoice_is_paid_with_a_card(stripe, open_invoice):
    url = open_invoice["hosted_invoice_url"]
    assert "€30.00" in stripe.look(url)

    landed = stripe.pay(url)

    assert landed == url
    assert "Paid. Thank you." in stripe.look(url)
    assert stripe.get("invoice", open_invoice["id"])["status"] == "paid"
    [subscription] = stripe.all("subscription")
    assert subscription["status"] == "active"


@pytest.mark.parametrize("card", ["4000000000000002", "4000000000000341"])
def test_a_declined_card_leaves_it_open(stripe, open_invoice, card):
    url = open_invoice["hosted_invoice_url"]

    assert "Your card was declined." in stripe.decline(url, card)

    assert stripe.get("invoice", open_invoice["id"])["status"] == "open"
    stripe.pay(url)
    assert stripe.get("invoice", open_invoice["id"])["status"] == "paid"


def test_the_bank_is_asked_and_its_answer_counts(stripe, open_invoice):
    url = open_invoice["hosted_invoice_url"]
    back = stripe.authenticate(stripe.pay(url, "4000002760003184"), passes=False)

    assert "failed authentication" in stripe.look(back)
    assert stripe.get("invoice", open_invoice["id"])["status"] == "open"

    assert stripe.authenticate(stripe.pay(url, "4000002760003184")) == url
    assert stripe.get("invoice", open_invoice["id"])["status"] == "paid"


def test_a_payment_that_waits_for_its_bank_is_taken_up_again(stripe, open_invoice):
    url = open_invoice["hosted_invoice_url"]
    bank = stripe.pay(url, "4000002760003184")

    assert bank.removeprefix(stripe.url.removesuffix("/stripe")) in stripe.look(url)

    assert stripe.authenticate(bank) == stripe.authenticate(bank) == url
    assert stripe.get("invoice", open_invoice["id"])["status"] == "paid"


def test_a_void_invoice_asks_for_nothing(stripe, ask_stripe, open_invoice):
    ask_stripe.invoices.void_invoice(open_invoice["id"])

    page = stripe.look(open_invoice["hosted_invoice_url"])

    assert "nothing is owed" in page
    assert "Card number" not in page


def test_it_is_printed(stripe, ask, open_invoice):
    path = open_invoice["invoice_pdf"].removeprefix(stripe.url.removesuffix("/stripe"))

    answer = ask(None, path, headers={})

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.body.startswith(b"%PDF-1.4")
    assert answer.body.endswith(b"%%EOF\n")
    assert open_invoice["number"].encode() in answer.body
    assert "€30.00".encode("cp1252") in answer.body


def test_an_invoice_nobody_made_has_no_page(ask):
    for path in ("/stripe/invoices/in_unknown", "/stripe/invoices/in_unknown/pdf"):
        assert ask(None, path, headers={}).status == 404
