"""What was quoted is what is charged."""

from billing.changes import accept_quote
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
