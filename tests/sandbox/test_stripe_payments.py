"""Invoices and what pays them: retries, authentication, credit, tax, refunds and disputes."""

import pytest
import stripe as library

from sandbox.stripe.billing.cycling import settings_of
from sandbox.stripe.billing.invoicing import authenticate
from sandbox.stripe.billing.returning import close_dispute, dispute
from tests.sandbox.stripe_cast import AFTER_KEEPING, ASKS, ASKS_FIRST, DAY, GOOD, HOUR, Shop


@pytest.fixture
def shop(stripe):
    return Shop(stripe.world)


@pytest.fixture
def subscription(shop):
    return shop.subscribe(shop.customer(), shop.price(3000))


def renewed(shop, subscription, card):
    """An hour after the next period began, with this card."""
    shop.give_card(shop.world.get("customer", subscription["customer"]), card)
    shop.advance(to=subscription["items"]["data"][0]["current_period_end"] + HOUR)
    return shop.invoice(subscription)


def test_a_renewal_is_a_draft_for_an_hour(shop, subscription):
    end = subscription["items"]["data"][0]["current_period_end"]

    shop.advance(to=end + HOUR - 1)

    invoice = shop.invoice(subscription)
    assert (invoice["status"], invoice["number"], invoice["created"]) == ("draft", None, end)
    shop.advance(hours=1)
    assert (invoice["status"], invoice["billing_reason"]) == ("paid", "subscription_cycle")
    assert invoice["number"].endswith("-0002")
    assert invoice["status_transitions"]["finalized_at"] == end + HOUR
    assert shop.events("invoice.upcoming") == ["invoice.upcoming"]


@pytest.mark.parametrize(("chosen", "status"), [("cancel", "canceled"), ("unpaid", "unpaid")])
def test_a_renewal_is_tried_four_times_in_fifteen_days(shop, subscription, chosen, status):
    settings_of(shop.world)["after_retries"] = chosen
    invoice = renewed(shop, subscription, AFTER_KEEPING)
    first = shop.world.now()
    tried = []

    while invoice["next_payment_attempt"]:
        assert subscription["status"] == "past_due"
        tried.append((invoice["next_payment_attempt"] - first) // DAY)
        shop.advance(to=invoice["next_payment_attempt"])

    assert tried == [3, 8, 15]
    assert (subscription["status"], invoice["status"]) == (status, "open")
    assert (invoice["attempt_count"], len(shop.events("invoice.payment_failed"))) == (4, 4)
    if chosen == "cancel":
        assert subscription["cancellation_details"]["reason"] == "payment_failed"


def test_a_retry_with_another_card_makes_up_for_it(ask_stripe, shop, subscription):
    invoice = renewed(shop, subscription, AFTER_KEEPING)
    shop.give_card(shop.world.get("customer", subscription["customer"]), GOOD)

    shop.advance(days=3)

    assert (subscription["status"], invoice["status"]) == ("active", "paid")


def test_an_unpaid_one_goes_on_once_it_is_paid(ask_stripe, shop, subscription):
    settings_of(shop.world)["after_retries"] = "unpaid"
    renewed(shop, subscription, AFTER_KEEPING)
    shop.advance(days=40)
    assert shop.invoice(subscription)["status"] == "draft"
    shop.give_card(shop.world.get("customer", subscription["customer"]), GOOD)

    ask_stripe.invoices.pay(subscription["latest_invoice"])

    assert subscription["status"] == "active"


def test_a_renewal_that_asks_is_paid_by_who_authenticates(ask_stripe, shop, subscription):
    invoice = renewed(shop, subscription, ASKS)
    asked = ["invoice.payment_failed", "invoice.payment_action_required"]

    assert (subscription["status"], shop.events(*asked)) == ("past_due", asked)
    intent = shop.world.get("payment_intent", invoice["_intent"])
    authenticate(shop.world, intent, passed=True)

    assert (subscription["status"], invoice["status"]) == ("active", "paid")
    assert ask_stripe.payment_intents.retrieve(intent["id"]).status == "succeeded"


def test_who_fails_to_authenticate_has_not_paid(ask_stripe, shop):
    subscription = shop.subscribe(shop.customer(ASKS), shop.price(3000))
    intent = shop.world.get("payment_intent", shop.invoice(subscription)["_intent"])

    authenticate(shop.world, intent, passed=False)

    assert subscription["status"] == "incomplete"
    failed = ask_stripe.payment_intents.retrieve(intent["id"])
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"


def test_a_card_that_was_set_up_asks_no_more(shop):
    subscription = shop.subscribe(shop.customer(ASKS_FIRST), shop.price(3000))
    assert subscription["status"] == "incomplete"
    intent = shop.world.get("payment_intent", shop.invoice(subscription)["_intent"])

    authenticate(shop.world, intent, passed=True)
    shop.advance(to=subscription["items"]["data"][0]["current_period_end"] + HOUR)

    assert (subscription["status"], shop.invoice(subscription)["status"]) == ("active", "paid")


def test_paying_says_why_it_failed(ask_stripe, shop, subscription):
    invoice = renewed(shop, subscription, AFTER_KEEPING)

    with pytest.raises(library.CardError) as declined:
        ask_stripe.invoices.pay(invoice["id"])
    shop.give_card(shop.world.get("customer", subscription["customer"]), ASKS)
    with pytest.raises(library.CardError) as asked:
        ask_stripe.invoices.pay(invoice["id"])
    shop.give_card(shop.world.get("customer", subscription["customer"]), GOOD)
    ask_stripe.invoices.pay(invoice["id"])

    assert declined.value.code == "card_declined"
    assert declined.value.error.decline_code == "generic_decline"
    assert asked.value.code == "invoice_payment_intent_requires_action"
    with pytest.raises(library.InvalidRequestError, match="already paid"):
        ask_stripe.invoices.pay(invoice["id"])


@pytest.mark.parametrize(
    ("given_up", "status"), [("void_invoice", "void"), ("mark_uncollectible", "uncollectible")]
)
def test_what_is_given_up_is_owed_no_more(ask_stripe, shop, subscription, given_up, status):
    invoice = renewed(shop, subscription, AFTER_KEEPING)

    getattr(ask_stripe.invoices, given_up)(invoice["id"])

    assert (invoice["status"], subscription["status"]) == (status, "active")
    shop.advance(days=5)
    assert invoice["attempt_count"] == 1


def test_a_voided_invoice_gives_back_the_credit_it_took(ask_stripe, shop, subscription):
    customer = shop.world.get("customer", subscription["customer"])
    ask_stripe.customers.balance_transactions.create(
        customer["id"], {"amount": -1000, "currency": "eur"}
    )
    invoice = renewed(shop, subscription, AFTER_KEEPING)
    assert (invoice["amount_due"], customer["balance"]) == (2000, 0)

    ask_stripe.invoices.void_invoice(invoice["id"])

    assert customer["balance"] == -1000


def test_canceling_stops_the_attempts(ask_stripe, shop, subscription):
    invoice = renewed(shop, subscription, AFTER_KEEPING)

    ask_stripe.subscriptions.cancel(subscription["id"])
    shop.advance(days=30)

    assert (invoice["status"], invoice["attempt_count"]) == ("open", 1)
    assert invoice["auto_advance"] is False


def test_a_card_that_was_taken_off_the_file_pays_no_more(ask_stripe, shop, subscription):
    card = shop.kept("payment_method")[0]["id"]
    ask_stripe.subscriptions.update(subscription["id"], {"default_payment_method": card})

    ask_stripe.payment_methods.detach(card)
    shop.advance(days=32)

    assert subscription["status"] == "past_due"


def test_a_trial_whose_card_fails_is_past_due(shop):
    made = shop.subscribe(shop.customer(AFTER_KEEPING), shop.price(3000), trial_period_days=14)

    shop.advance(days=14, hours=2)

    assert (made["status"], shop.invoice(made)["status"]) == ("past_due", "open")


def test_the_desk_decides_what_a_card_does(stripe, shop, subscription):
    card = shop.kept("payment_method")[0]["id"]

    stripe.behave(card, "expired")
    stripe.give_up_with("unpaid")
    shop.advance(days=60)
    stripe.replace_card(card)

    assert subscription["status"] == "unpaid"
    assert shop.kept("charge")[-1]["failure_code"] == "expired_card"
    renewed = stripe.events("payment_method.automatically_updated")[0]["data"]
    years = [
        each["exp_year"]
        for each in (renewed["previous_attributes"]["card"], renewed["object"]["card"])
    ]
    assert years == [2040, 2043]


# Tax and coupons


@pytest.mark.parametrize(
    ("country", "tax", "reason"),
    [
        ("DE", 570, "standard_rated"),
        ("FR", 600, "standard_rated"),
        ("US", 0, "not_collecting"),
    ],
)
def test_tax_goes_by_the_country(ask_stripe, shop, country, tax, reason):
    customer = shop.customer(address={"country": country})

    made = shop.subscribe(customer, shop.price(3000), automatic_tax={"enabled": True})

    invoice = ask_stripe.invoices.retrieve(made["latest_invoice"])
    assert (invoice.total, invoice.total_excluding_tax) == (3000 + tax, 3000)
    assert invoice.total_taxes[0].taxability_reason == reason


def test_tax_can_be_within_the_price(shop):
    customer = shop.customer(address={"country": "DE"})
    price = shop.price(11900, tax_behavior="inclusive")

    invoice = shop.invoice(shop.subscribe(customer, price, automatic_tax={"enabled": True}))

    assert (invoice["total"], invoice["total_excluding_tax"]) == (11900, 10000)


def test_a_firm_with_a_tax_id_abroad_is_charged_in_reverse(ask_stripe, shop):
    customer = shop.customer(address={"country": "DE"})
    tax_id = {"type": "eu_vat", "value": "DE123456789"}
    ask_stripe.customers.tax_ids.create(customer["id"], tax_id)

    made = shop.subscribe(customer, shop.price(3000), automatic_tax={"enabled": True})

    assert shop.invoice(made)["total_taxes"][0]["taxability_reason"] == "reverse_charge"
    assert shop.invoice(made)["total"] == 3000


def test_without_an_address_a_taxed_invoice_stays_a_draft(ask_stripe, shop):
    customer = shop.customer(address={"country": "DE"})
    made = shop.subscribe(customer, shop.price(3000), automatic_tax={"enabled": True})
    ask_stripe.customers.update(customer["id"], {"address": ""})

    shop.advance(days=32)

    invoice = ask_stripe.invoices.retrieve(made["latest_invoice"])
    assert invoice.last_finalization_error.code == "customer_tax_location_invalid"
    assert (invoice.status, invoice.automatic_tax.status) == ("draft", "requires_location_inputs")
    assert shop.events("invoice.finalization_failed") == ["invoice.finalization_failed"]
    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.invoices.finalize_invoice(invoice.id)
    assert refused.value.code == "customer_tax_location_invalid"
    ask_stripe.customers.update(customer["id"], {"address": {"country": "FR"}})
    assert ask_stripe.invoices.finalize_invoice(invoice.id).amount_paid == 3600


def test_without_an_address_nothing_taxed_is_sold(shop):
    with pytest.raises(Exception, match="location isn't recognized"):
        shop.subscribe(shop.customer(), shop.price(3000), automatic_tax={"enabled": True})

    assert shop.kept("subscription") == []


def test_a_coupon_for_everything_needs_no_card(ask_stripe, shop):
    ask_stripe.coupons.create({"id": "FREE", "percent_off": 100, "duration": "forever"})
    code = ask_stripe.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": "FREE"}, "code": "HARBOUR"}
    )

    made = shop.subscribe(
        shop.customer(card=None), shop.price(3000), discounts=[{"promotion_code": code.id}]
    )

    invoice = ask_stripe.invoices.retrieve(made["latest_invoice"])
    assert (made["status"], invoice.subtotal, invoice.total) == ("active", 3000, 0)
    shop.advance(days=32)
    assert (made["status"], shop.invoice(made)["status"]) == ("active", "paid")


def test_a_coupon_for_once_is_used_up(ask_stripe, shop):
    ask_stripe.coupons.create(
        {"id": "ONCE", "amount_off": 1000, "currency": "eur", "duration": "once"}
    )
    made = shop.subscribe(shop.customer(), shop.price(3000), discounts=[{"coupon": "ONCE"}])
    assert shop.invoice(made)["amount_paid"] == 2000

    shop.advance(days=32)

    assert shop.invoice(made)["amount_paid"] == 3000


# Money that goes back


def paid_charge(shop, subscription):
    return shop.kept("charge", customer=subscription["customer"])[0]


def test_a_charge_is_refunded_in_parts_and_no_further(ask_stripe, shop, subscription):
    charge = paid_charge(shop, subscription)
    payments = ask_stripe.invoice_payments.list({"invoice": subscription["latest_invoice"]})
    intent = payments.data[0].payment.payment_intent

    ask_stripe.refunds.create({"payment_intent": intent, "amount": 1000})
    partly = ask_stripe.charges.retrieve(charge["id"])
    ask_stripe.refunds.create({"charge": charge["id"]})

    assert (partly.amount_refunded, partly.refunded) == (1000, False)
    assert [each.amount for each in ask_stripe.refunds.list({"charge": charge["id"]})] == [
        2000,
        1000,
    ]
    assert (charge["refunded"], len(shop.events("charge.refunded"))) == (True, 2)
    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.refunds.create({"charge": charge["id"]})
    assert refused.value.code == "charge_already_refunded"
    assert subscription["status"] == "active"


def test_a_dispute_is_opened_and_lost(ask_stripe, shop, subscription):
    charge = paid_charge(shop, subscription)

    opened = dispute(shop.world, charge)
    close_dispute(shop.world, opened)

    assert ask_stripe.disputes.retrieve(opened["id"]).status == "lost"
    assert charge["disputed"]
    assert shop.events("charge.dispute.created", "charge.dispute.closed") == [
        "charge.dispute.created",
        "charge.dispute.closed",
    ]
    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.refunds.create({"charge": charge["id"]})
    assert refused.value.code == "charge_disputed"
