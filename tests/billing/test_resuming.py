"""What is paused goes on for exactly what was shown."""

import json

import pytest

from billing.changes import accept_quote, resume_subscription
from billing.errors import PaymentOwed, QuoteNeeded, QuoteVoid
from billing.models import Operation, Quote
from billing.quotes import quote_resumption
from tests.billing.subscribers import DECLINED, GOOD, price

PAGE = "/organizations/harbour/billing/"
API = "/api/v1/organizations/harbour/subscription/"


@pytest.fixture
def paused(subscriber, clock):
    """A trial that ended without a card, and has a card now."""
    behaviour = {"end_behavior": {"missing_payment_method": "pause"}}
    them = subscriber(trial_period_days=14, trial_settings=behaviour)
    with them.stripe.world.lock:
        customer = them.stripe.world.get("customer", them.account.customer_id)
        card = customer["invoice_settings"].pop("default_payment_method")
        customer["invoice_settings"]["default_payment_method"] = None
    them.later(clock, days=15)
    with them.stripe.world.lock:
        customer["invoice_settings"]["default_payment_method"] = card
    them.sync()
    assert them.subscription.status == "paused"
    return them


def test_nothing_is_charged_for_resuming_before_the_price_was_seen(paused, alice):
    with pytest.raises(QuoteNeeded):
        resume_subscription(paused.account, by=alice)

    assert not Operation.objects.exists()


def test_resuming_costs_what_was_quoted(paused, alice):
    quote = quote_resumption(paused.account, by=alice)

    operation = paused.does(accept_quote, quote.pk, by=alice)

    assert (operation.state, operation.kind) == ("done", "resume"), operation.error
    assert (quote.total, quote.amount_due, quote.next_amount) == (3200, 3200, 3200)
    assert paused.invoices()[-1]["amount_paid"] == 3200
    now = paused.subscription
    assert (now.status, now.period_end.date()) == ("active", quote.next_at.date())


def test_what_would_cost_something_else_by_now_is_not_resumed(paused, alice):
    quote = quote_resumption(paused.account, by=alice)
    with paused.stripe.world.lock:
        paused.stripe.world.get("customer", paused.account.customer_id)["balance"] = 700

    operation = paused.does(accept_quote, quote.pk, by=alice)

    assert (operation.state, operation.error_code) == ("failed", "quote-void")
    assert paused.subscription.status == "paused"
    assert {each["amount_due"] for each in paused.invoices()} == {0}


def test_a_resumption_is_accepted_once(paused, alice):
    first, second = (quote_resumption(paused.account, by=alice) for _ in range(2))
    paused.does(accept_quote, first.pk, by=alice)

    with pytest.raises(QuoteVoid):
        accept_quote(paused.account, second.pk, by=alice)


def test_the_page_says_what_resuming_costs_and_charges_that(paused, alice, browser_of, committed):
    browser = browser_of(alice)

    shown = browser.post(PAGE + "resume/").text
    with committed():
        answer = browser.post(PAGE + "accept/", {"quote": Quote.objects.get().pk})
    page = browser.get(answer["Location"]).text

    assert "Resume and pay €\N{NO-BREAK SPACE}32.00" in shown
    assert "It goes on." in page
    assert paused.invoices()[-1]["amount_paid"] == 3200


def test_what_is_not_paid_stays_paused_and_the_page_says_where_to_pay(
    paused, alice, browser_of, clock
):
    paused.uses(DECLINED)
    quote = quote_resumption(paused.account, by=alice)
    operation = paused.does(accept_quote, quote.pk, by=alice)

    page = browser_of(alice).get(f"{PAGE}?operation={operation.pk}").text

    (owed,) = paused.invoices(status="open")
    assert paused.subscription.status == "paused"
    assert "Resuming was not paid" in page
    assert f"{PAGE}invoices/{owed['id']}/pay/" in page
    assert "It goes on. Thank you" not in page
    with pytest.raises(PaymentOwed, match="Resuming waits for its payment"):
        quote_resumption(paused.account, by=alice)
    paused.pays(card="4242424242424242")
    assert paused.subscription.status == "active"


def test_a_program_resumes_with_a_quote(paused, alice, program_of, committed):
    paused.uses(GOOD)
    price()
    program = program_of(alice)

    def sends(address, **body):
        with committed():
            return program.post(API + address, json.dumps(body), "application/json")

    refused = sends("changes", kind="resume")
    quote = sends("quotes", tier=100_000, interval="month").json()
    asked = sends("changes", kind="resume", quote=quote["id"])

    assert (refused.status_code, refused.json()["code"]) == (422, "quote-needed")
    assert (quote["amount_due"], asked.status_code) == (3200, 202)
    assert paused.subscription.status == "active"
