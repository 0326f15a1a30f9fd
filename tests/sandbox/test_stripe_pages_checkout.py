"""Checkout: sessions over the API, and the page that pays them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe as library

from sandbox.stripe.billing.clock import advance
from sandbox.stripe.driving import PageSaid

DAY = 86400


def test_a_paid_session_is_a_subscription(stripe, ask_stripe, session_for, customer):
    session = session_for(
        customer=customer.id,
        client_reference_id="account-7",
        metadata={"account": "7"},
        subscription_data={"metadata": {"account": "7"}},
    )

    landed = stripe.pay(session.url)

    paid = ask_stripe.checkout.sessions.retrieve(session.id)
    assert landed == f"http://shop.example.com/paid?session_id={session.id}"
    assert (session.status, session.payment_status, session.amount_total) == (
        "open",
        "unpaid",
        3000,
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    [subscription] = stripe.all("subscription", customer=customer.id)
    assert (subscription["id"], subscription["status"]) == (paid.subscription, "active")
    assert subscription["metadata"] == {"account": "7"}
    [event] = stripe.events("checkout.session.completed")
    assert event["data"]["object"]["client_reference_id"] == "account-7"


@pytest.mark.parametrize(
    ("card", "message"),
    [
        ("4000000000000002", "Your card was declined."),
        ("4000000000009995", "Your card has insufficient funds."),
        ("4000000000000069", "Your card has expired."),
        ("4000000000000127", "Your card's security code is incorrect."),
        ("4000000000000341", "Your card was declined."),
        ("4000000000000000", "not one of the test cards"),
    ],
)
def test_a_declined_card_leaves_the_session_open(stripe, session_for, customer, card, message):
    session = session_for(customer=customer.id)

    assert message in stripe.decline(session.url, card)

    assert stripe.get("checkout.session", session.id)["status"] == "open"
    assert stripe.all("subscription") == []
    assert "office@example.com" in stripe.look(session.url)
    assert stripe.pay(session.url).endswith(session.id)


def test_3d_secure_passed_is_a_subscription_with_one_invoice(stripe, session_for, customer):
    session = session_for(customer=customer.id)

    bank = stripe.pay(session.url, "4000002760003184")
    assert stripe.all("subscription") == []
    landed = stripe.authenticate(bank)

    assert landed.endswith(session.id)
    [subscription] = stripe.all("subscription")
    [invoice] = stripe.all("invoice")
    assert (subscription["status"], invoice["status"]) == ("active", "paid")


def test_3d_secure_failed_grants_nothing_and_says_so(stripe, session_for, customer):
    session = session_for(customer=customer.id)

    back = stripe.authenticate(stripe.pay(session.url, "4000002760003184"), passes=False)

    assert back.startswith(session.url)
    assert "unable to authenticate" in stripe.look(back)
    assert stripe.get("checkout.session", session.id)["status"] == "open"
    assert stripe.all("subscription") == []
    assert stripe.pay(back).endswith(session.id)


def test_a_double_click_at_the_bank_leads_on_all_the_same(stripe, session_for, customer):
    bank = stripe.pay(session_for(customer=customer.id).url, "4000002760003184")

    assert stripe.authenticate(bank) == stripe.authenticate(bank)

    assert len(stripe.all("subscription")) == 1


def test_a_card_may_be_declined_after_3d_secure(stripe, session_for, customer):
    session = session_for(customer=customer.id)

    back = stripe.authenticate(stripe.pay(session.url, "4000008400001629"))

    assert "Your card was declined." in stripe.look(back)
    assert stripe.all("subscription") == []


def test_paying_twice_at_once_is_paying_once(stripe, session_for, customer):
    session = session_for(customer=customer.id)

    with ThreadPoolExecutor(4) as pool:
        landed = list(pool.map(lambda _: stripe.pay(session.url), range(4)))

    assert {each.rpartition("=")[2] for each in landed} == {session.id}
    assert len(stripe.all("subscription")) == len(stripe.all("invoice")) == 1
    assert len(stripe.events("checkout.session.completed")) == 1


def test_what_is_paid_cannot_be_paid_again(stripe, session_for, customer):
    session = session_for(customer=customer.id)
    stripe.pay(session.url)

    page = stripe.look(session.url)

    assert "You have paid already" in page
    assert f"session_id={session.id}" in page


def test_cancelling_leads_back_and_changes_nothing(stripe, session_for, customer):
    session = session_for(customer=customer.id)

    assert stripe.cancel(session.url) == "http://shop.example.com/plans"

    assert stripe.get("checkout.session", session.id)["status"] == "open"


def test_a_session_expires_with_the_clock(stripe, ask_stripe, session_for, customer):
    session = session_for(customer=customer.id, expires_at=stripe.world.now() + 3600)
    stripe.world.ahead += 3601

    page = stripe.look(session.url)

    assert "This page has expired" in page
    assert "http://shop.example.com/plans" in page
    assert ask_stripe.checkout.sessions.retrieve(session.id).status == "expired"
    assert len(stripe.events("checkout.session.expired")) == 1
    assert stripe.all("subscription") == []


def test_the_clock_expires_a_session_at_its_own_time(stripe, session_for, customer):
    session = session_for(customer=customer.id)

    advance(stripe.world, stripe.world.now() + 3 * DAY)

    [event] = stripe.events("checkout.session.expired")
    assert event["created"] == session.expires_at
    assert event["data"]["object"]["status"] == "expired"


def test_a_payment_that_comes_too_late_is_none(stripe, session_for, customer):
    session = session_for(customer=customer.id, expires_at=stripe.world.now() + 3600)
    bank = stripe.pay(session.url, "4000002760003184")
    stripe.world.ahead += 3601

    back = stripe.authenticate(bank)

    assert "This page has expired" in stripe.look(back)
    assert stripe.all("subscription") == []


def test_a_session_is_expired_on_request_once(stripe, ask_stripe, session_for, customer):
    session = session_for(customer=customer.id)

    gone = ask_stripe.checkout.sessions.expire(session.id)

    assert (gone.status, gone.url) == ("expired", None)
    with pytest.raises(library.InvalidRequestError, match="status of expired"):
        ask_stripe.checkout.sessions.expire(session.id)


def test_a_trial_takes_a_card_and_no_money(stripe, session_for, customer):
    session = session_for(customer=customer.id, subscription_data={"trial_period_days": 14})

    page = stripe.look(session.url)
    stripe.pay(session.url)

    assert "€0.00" in page
    assert "€30.00" in page
    paid = stripe.get("checkout.session", session.id)
    assert (paid["amount_total"], paid["payment_status"]) == (0, "no_payment_required")
    [subscription] = stripe.all("subscription")
    assert subscription["status"] == "trialing"
    assert subscription["trial_end"] - subscription["created"] == 14 * DAY
    assert subscription["default_payment_method"]


def test_a_trial_needs_no_card_where_it_need_not(stripe, session_for, customer):
    session = session_for(
        customer=customer.id,
        payment_method_collection="if_required",
        subscription_data={
            "trial_period_days": 14,
            "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
        },
    )

    assert "Card number" not in stripe.look(session.url)
    stripe.pay(session.url)

    [subscription] = stripe.all("subscription")
    assert (subscription["status"], subscription["default_payment_method"]) == ("trialing", None)


def test_a_declined_card_gets_no_trial_either(stripe, session_for, customer):
    session = session_for(customer=customer.id, subscription_data={"trial_period_days": 14})

    assert "declined" in stripe.decline(session.url)

    assert stripe.all("subscription") == []


def test_who_buys_is_asked_for_and_kept(stripe, ask_stripe, session_for):
    session = session_for(
        billing_address_collection="required", tax_id_collection={"enabled": True}
    )

    stripe.pay(session.url, tax_id_type="eu_vat", tax_id="DE123456789", business_name="Harbour Ltd")

    paid = ask_stripe.checkout.sessions.retrieve(session.id)
    assert paid.customer_details.to_dict(for_json=True)["tax_ids"] == [
        {"type": "eu_vat", "value": "DE123456789"}
    ]
    [customer] = stripe.all("customer")
    assert (customer["email"], customer["name"]) == ("payer@example.com", "Harbour Ltd")
    assert (customer["address"]["country"], customer["id"]) == ("DE", paid.customer)


def test_a_customer_keeps_what_the_session_may_not_change(stripe, session_for, customer):
    session = session_for(customer=customer.id, billing_address_collection="required")

    stripe.pay(session.url, name="Somebody Else")

    [kept] = stripe.all("customer")
    assert (kept["name"], kept["address"], kept["email"]) == ("Harbour", None, "office@example.com")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"email": "nobody"}, "Enter an email address"),
        ({"name": ""}, "Enter the name"),
        ({"line1": ""}, "Enter the street"),
        ({"country": ""}, "Choose a country"),
        ({"expiry": "12 / 19"}, "expiration date is in the past"),
        ({"cvc": ""}, "security code is incomplete"),
        ({"number": ""}, "card number is incomplete"),
        ({"tax_id_type": "eu_vat", "tax_id": "12"}, "Invalid value for eu_vat"),
        ({"tax_id": "DE123456789"}, "Choose the kind of tax id"),
    ],
)
def test_a_form_that_lacks_something_says_what(stripe, session_for, typed, message):
    session = session_for(
        billing_address_collection="required", tax_id_collection={"enabled": True}
    )

    with pytest.raises(PageSaid, match=message):
        stripe.pay(session.url, **typed)

    assert stripe.all("subscription") == stripe.all("customer") == []


def test_the_tax_is_shown_before_it_is_paid(stripe, session_for, customer):
    session = session_for(
        customer=customer.id,
        automatic_tax={"enabled": True},
        billing_address_collection="required",
        customer_update={"address": "auto", "name": "auto"},
    )
    assert "by your address" in stripe.look(session.url)

    stripe.pay(session.url)

    paid = stripe.get("checkout.session", session.id)
    [invoice] = stripe.all("invoice")
    assert (paid["amount_total"], paid["total_details"]["amount_tax"]) == (3570, 570)
    assert (invoice["total"], invoice["amount_paid"]) == (3570, 3570)


@pytest.fixture
def half_price(ask_stripe):
    coupon = ask_stripe.coupons.create({"percent_off": 50, "duration": "once"})
    return ask_stripe.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "ANCHOR"}
    )


def test_a_promotion_code_is_shown_before_it_is_used(stripe, session_for, customer, half_price):
    session = session_for(customer=customer.id, allow_promotion_codes=True)

    shown = stripe.press(session.url, "apply", promotion_code="anchor")
    wrong = stripe.press(session.url, "apply", promotion_code="nothing")
    stripe.pay(session.url, promotion_code="anchor")

    assert "−€15.00" in shown
    assert "This code is invalid." in wrong
    paid = stripe.get("checkout.session", session.id)
    assert (paid["amount_total"], paid["total_details"]["amount_discount"]) == (1500, 1500)
    [invoice] = stripe.all("invoice")
    assert invoice["amount_paid"] == 1500


def test_a_purchase_that_costs_nothing_needs_no_card(stripe, ask_stripe, session_for, customer):
    coupon = ask_stripe.coupons.create({"percent_off": 100, "duration": "forever"})
    session = session_for(
        customer=customer.id,
        discounts=[{"coupon": coupon.id}],
        payment_method_collection="if_required",
    )

    assert "Card number" not in stripe.look(session.url)
    stripe.pay(session.url)

    [subscription] = stripe.all("subscription")
    assert (subscription["status"], subscription["default_payment_method"]) == ("active", None)


def test_credit_is_used_up_first(stripe, ask_stripe, session_for, customer):
    ask_stripe.customers.balance_transactions.create(
        customer.id, {"amount": -1000, "currency": "eur"}
    )
    session = session_for(customer=customer.id)

    page = stripe.look(session.url)
    stripe.pay(session.url)

    assert "€20.00 <small>due today" in page
    [invoice] = stripe.all("invoice")
    assert (invoice["total"], invoice["amount_paid"]) == (3000, 2000)


def test_a_test_card_is_filled_in_and_nothing_paid(stripe, session_for):
    session = session_for()

    page = stripe.press(session.url, "fill", "4000000000009995", name="Alice")

    assert 'value="4000 0000 0000 9995"' in page
    assert 'value="Alice"' in page
    assert stripe.all("subscription") == []


def test_the_page_runs_nothing_and_may_lead_to_the_shop_only(stripe, ask, session_for):
    session = session_for()

    page = ask(None, session.url.removeprefix(stripe.url.removesuffix("/stripe")), headers={})

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://shop.example.com;" in policy
    assert page.headers["Cache-Control"] == "no-store"


def test_there_is_no_page_for_a_session_nobody_made(stripe, ask):
    assert ask(None, "/stripe/checkout/cs_test_unknown", headers={}).status == 404
    assert ask(None, "/stripe/authenticate/attempt_unknown", headers={}).status == 404
