"""Subscriptions from their start to their end, through Stripe's own library."""

import pytest
import stripe as library

from tests.sandbox.stripe_cast import AFTER_KEEPING, ASKS, Shop

PAID_AT_ONCE = [
    "customer.subscription.created",
    "invoice.created",
    "payment_intent.created",
    "invoice.finalized",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice.paid",
    "invoice.payment_succeeded",
    "customer.subscription.updated",
]


@pytest.fixture
def shop(stripe):
    return Shop(stripe.world)


def bought(ask_stripe, customer, price, **more):
    params = {"customer": customer["id"], "items": [{"price": price["id"]}], **more}
    return ask_stripe.subscriptions.create(params)


def test_it_is_active_once_its_first_invoice_is_paid(ask_stripe, shop):
    customer, price = shop.customer(), shop.price(3000)
    before = len(shop.events())

    made = bought(ask_stripe, customer, price, metadata={"account": "7"}, expand=["latest_invoice"])

    invoice = made.latest_invoice
    assert (made.status, invoice.status, invoice.amount_paid) == ("active", "paid", 3000)
    assert invoice.parent.subscription_details.metadata.to_dict() == {"account": "7"}
    assert made["items"].data[0].current_period_end == invoice.lines.data[0].period.end
    assert shop.events()[before:] == PAID_AT_ONCE


def test_a_declined_first_payment_leaves_it_incomplete_until_its_time_is_up(ask_stripe, shop):
    customer, price = shop.customer(AFTER_KEEPING), shop.price(3000)

    made = bought(ask_stripe, customer, price)

    assert made.status == "incomplete"
    shop.advance(hours=23)
    gone = ask_stripe.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (gone.status, gone.latest_invoice.status) == ("incomplete_expired", "void")
    with pytest.raises(library.InvalidRequestError, match="canceled subscription can only"):
        ask_stripe.subscriptions.update(made.id, {"cancel_at_period_end": True})


def test_error_if_incomplete_leaves_nothing_behind(ask_stripe, shop):
    customer, price = shop.customer(AFTER_KEEPING), shop.price(3000)

    with pytest.raises(library.CardError) as refused:
        bought(ask_stripe, customer, price, payment_behavior="error_if_incomplete")

    assert (refused.value.code, refused.value.http_status) == ("card_declined", 402)
    assert shop.kept("subscription") == shop.kept("invoice") == []


def test_without_a_card_nothing_is_sold_unless_it_may_wait(ask_stripe, shop):
    customer, price = shop.customer(card=None), shop.price(3000)

    with pytest.raises(library.InvalidRequestError, match="no attached payment source"):
        bought(ask_stripe, customer, price)
    waiting = bought(
        ask_stripe,
        customer,
        price,
        payment_behavior="default_incomplete",
        expand=["latest_invoice.confirmation_secret", "latest_invoice.payments"],
    )

    invoice = waiting.latest_invoice
    assert (waiting.status, invoice.status) == ("incomplete", "open")
    assert invoice.confirmation_secret.client_secret.startswith("pi_")
    assert invoice.payments.data[0].payment.payment_intent
    shop.give_card(customer, "4242424242424242")
    ask_stripe.invoices.pay(invoice.id)
    assert ask_stripe.subscriptions.retrieve(waiting.id).status == "active"


def test_a_trial_costs_nothing_and_tells_its_end_three_days_before(ask_stripe, shop):
    customer, price = shop.customer(), shop.price(3000)

    made = bought(ask_stripe, customer, price, trial_period_days=14, expand=["latest_invoice"])

    assert (made.status, made.latest_invoice.total) == ("trialing", 0)
    shop.advance(days=10)
    assert shop.events("customer.subscription.trial_will_end") == []
    shop.advance(days=1)
    shop.advance(days=2)
    assert len(shop.events("customer.subscription.trial_will_end")) == 1
    shop.advance(days=1, hours=1)
    paid = ask_stripe.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (paid.status, paid.latest_invoice.amount_paid) == ("active", 3000)
    assert paid["items"].data[0].current_period_start == made.trial_end


@pytest.mark.parametrize(
    ("behavior", "status", "event"),
    [
        ("cancel", "canceled", "customer.subscription.deleted"),
        ("pause", "paused", "customer.subscription.paused"),
    ],
)
def test_a_trial_without_a_card_ends_as_it_was_told_to(ask_stripe, shop, behavior, status, event):
    customer, price = shop.customer(card=None), shop.price(3000)
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    made = bought(ask_stripe, customer, price, trial_period_days=14, trial_settings=settings)

    shop.advance(days=14, hours=2)

    assert ask_stripe.subscriptions.retrieve(made.id).status == status
    assert shop.events(event) == [event]
    assert [each["total"] for each in shop.kept("invoice")] == [0]


def test_a_paused_one_goes_on_once_it_is_paid(ask_stripe, shop):
    customer, price = shop.customer(card=None), shop.price(3000)
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    made = bought(ask_stripe, customer, price, trial_period_days=14, trial_settings=settings)
    shop.advance(days=20)
    shop.give_card(customer, "4242424242424242")

    resumed = ask_stripe.subscriptions.resume(made.id, {"billing_cycle_anchor": {"type": "now"}})

    assert resumed.status == "active"
    assert shop.invoice(shop.world.get("subscription", made.id))["amount_paid"] == 3000
    assert shop.events("customer.subscription.resumed") == ["customer.subscription.resumed"]


def test_an_end_that_was_asked_for_can_be_taken_back_until_it_comes(ask_stripe, shop):
    made = bought(ask_stripe, shop.customer(), shop.price(3000))
    end = made["items"].data[0].current_period_end
    details = {"feedback": "too_expensive", "comment": "Later"}

    ending = ask_stripe.subscriptions.update(
        made.id, {"cancel_at_period_end": True, "cancellation_details": details}
    )
    back = ask_stripe.subscriptions.update(made.id, {"cancel_at_period_end": False})

    assert (ending.cancel_at, ending.cancellation_details.reason) == (end, "cancellation_requested")
    assert (ending.status, ending.cancellation_details.feedback) == ("active", "too_expensive")
    assert (back.cancel_at, back.canceled_at, back.cancellation_details.reason) == (None,) * 3
    ask_stripe.subscriptions.update(made.id, {"cancel_at_period_end": True})
    shop.advance(to=end)
    gone = ask_stripe.subscriptions.retrieve(made.id)
    assert (gone.status, gone.ended_at) == ("canceled", end)
    assert len(shop.kept("invoice")) == 1


def test_canceling_now_credits_the_rest_if_asked(ask_stripe, shop):
    customer = shop.customer()
    made = bought(ask_stripe, customer, shop.price(3000))
    shop.advance(to=made["items"].data[0].current_period_end - 1)

    gone = ask_stripe.subscriptions.cancel(made.id, {"invoice_now": True, "prorate": True})

    assert gone.status == "canceled"
    assert shop.invoice(shop.world.get("subscription", made.id))["status"] == "paid"
    with pytest.raises(library.InvalidRequestError) as again:
        ask_stripe.subscriptions.cancel(made.id)
    assert again.value.code == "resource_missing"
    assert [each.id for each in ask_stripe.subscriptions.list({"status": "all"})] == [made.id]
    assert list(ask_stripe.subscriptions.list()) == []


def test_a_first_payment_can_wait_for_its_customer_to_authenticate(ask_stripe, shop):
    made = bought(
        ask_stripe, shop.customer(ASKS), shop.price(3000), expand=["latest_invoice.payments"]
    )

    payment = made.latest_invoice.payments.data[0].payment.payment_intent
    intent = shop.world.get("payment_intent", payment)

    assert (made.status, intent["status"]) == ("incomplete", "requires_action")
    assert intent["next_action"]["redirect_to_url"]["url"].endswith(payment)
    assert shop.events("invoice.payment_failed", "invoice.payment_action_required") == [
        "invoice.payment_action_required"
    ]


def test_one_customer_pays_in_one_currency(ask_stripe, shop):
    customer = shop.customer()
    bought(ask_stripe, customer, shop.price(3000))

    with pytest.raises(library.InvalidRequestError, match="cannot combine currencies"):
        bought(ask_stripe, customer, shop.price(3000, currency="usd"))


def test_a_price_that_is_sold_no_more_is_refused(ask_stripe, shop):
    with pytest.raises(library.InvalidRequestError, match="is inactive") as refused:
        bought(ask_stripe, shop.customer(), shop.price(3000, active=False))

    assert refused.value.param == "items[0][price]"


def test_what_is_sent_falls_due_and_is_paid_elsewhere(ask_stripe, shop):
    customer, price = shop.customer(card=None), shop.price(900000, "year")
    made = bought(ask_stripe, customer, price, collection_method="send_invoice", days_until_due=30)
    assert made.status == "active"

    shop.advance(days=31)
    late = ask_stripe.subscriptions.retrieve(made.id)
    ask_stripe.invoices.pay(made.latest_invoice, {"paid_out_of_band": True})

    assert late.status == "past_due"
    assert shop.events("invoice.payment_failed", "charge.failed") == []
    assert ask_stripe.subscriptions.retrieve(made.id).status == "active"


def test_what_the_sandbox_does_not_do_is_refused(ask_stripe, shop):
    made = bought(ask_stripe, shop.customer(), shop.price(3000))

    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.subscriptions.update(made.id, {"pause_collection": {"behavior": "void"}})

    assert refused.value.param == "pause_collection"


def test_deleting_a_customer_ends_what_they_bought(ask_stripe, shop):
    customer = shop.customer()
    made = bought(ask_stripe, customer, shop.price(3000))

    ask_stripe.customers.delete(customer["id"])

    assert ask_stripe.subscriptions.retrieve(made.id).status == "canceled"
    shop.advance(days=60)
    assert len(shop.kept("invoice")) == 1
