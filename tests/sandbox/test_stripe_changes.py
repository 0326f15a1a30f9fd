"""Changes of a subscription: quoted, billed, waiting for a payment."""

import pytest
import stripe as library

from tests.sandbox.stripe_cast import (
    AFTER_KEEPING,
    ASKS,
    DECLINED,
    GOOD,
    HOUR,
    Shop,
    amounts,
    moment,
    without_ids,
)


@pytest.fixture
def shop(stripe):
    return Shop(stripe.world)


@pytest.fixture
def subscription(shop):
    """Since 1 June, a month of 30 days, for 30.00."""
    shop.advance(to=moment(2043, 6, 1))
    return shop.subscribe(shop.customer(), shop.price(3000))


def swap(subscription, price, **more):
    item = subscription["items"]["data"][0]["id"]
    return {"items": [{"id": item, "price": price["id"]}], **more}


def preview(ask_stripe, subscription, details):
    params = {"subscription": subscription["id"], "subscription_details": details}
    return ask_stripe.invoices.create_preview(params)


def update(ask_stripe, subscription, params):
    return ask_stripe.subscriptions.update(
        subscription["id"], {**params, "expand": ["latest_invoice"]}
    )


def test_an_upgrade_credits_the_old_price_and_charges_the_new(ask_stripe, shop, subscription):
    shop.advance(to=moment(2043, 6, 11))

    invoice = update(
        ask_stripe,
        subscription,
        swap(subscription, shop.price(9000), proration_behavior="always_invoice"),
    ).latest_invoice

    assert amounts(invoice) == [-2000, 6000]
    assert [line.description for line in invoice.lines.data] == [
        "Unused time on Team 3000 after 11 Jun 2043",
        "Remaining time on Team 9000 after 11 Jun 2043",
    ]
    assert all(line.parent.subscription_item_details.proration for line in invoice.lines.data)
    assert (invoice.status, invoice.amount_paid) == ("paid", 4000)


def test_what_was_quoted_is_charged_however_late(ask_stripe, shop, subscription):
    shop.advance(days=7, hours=5)
    pinned = swap(
        subscription,
        shop.price(6500),
        proration_behavior="always_invoice",
        proration_date=shop.world.now(),
    )

    quoted = preview(ask_stripe, subscription, pinned)
    shop.advance(hours=9)
    charged = update(ask_stripe, subscription, pinned).latest_invoice

    assert quoted.amount_due == charged.amount_paid > 0
    assert without_ids(quoted.lines) == without_ids(charged.lines)
    assert quoted.id.startswith("upcoming_in_")
    assert len(shop.kept("invoice")) == 2


def test_a_quote_does_not_outlive_its_period(ask_stripe, shop, subscription):
    pinned = swap(subscription, shop.price(6500), proration_date=shop.world.now())
    shop.advance(days=31)

    with pytest.raises(library.InvalidRequestError) as refused:
        update(ask_stripe, subscription, pinned)

    assert refused.value.param == "proration_date"


def test_prorations_wait_for_the_next_invoice(ask_stripe, shop, subscription):
    shop.advance(to=moment(2043, 6, 16))
    changes = swap(subscription, shop.price(9000))

    quoted = preview(ask_stripe, subscription, changes)
    update(ask_stripe, subscription, changes)
    upcoming = ask_stripe.invoices.create_preview({"subscription": subscription["id"]})
    shop.advance(to=moment(2043, 7, 1) + HOUR)

    assert amounts(quoted) == amounts(upcoming) == [-1500, 4500, 9000]
    invoice = shop.invoice(subscription)
    assert (invoice["billing_reason"], invoice["amount_paid"]) == ("subscription_cycle", 12000)


def test_prorations_are_collected_though_it_ends_with_its_period(ask_stripe, shop, subscription):
    shop.advance(to=moment(2043, 6, 16))
    update(ask_stripe, subscription, swap(subscription, shop.price(9000)))
    update(ask_stripe, subscription, {"cancel_at_period_end": True})

    shop.advance(to=moment(2043, 7, 1))

    assert (subscription["status"], shop.invoice(subscription)["amount_paid"]) == ("canceled", 3000)
    assert amounts(shop.invoice(subscription)) == [-1500, 4500]


def test_a_year_begins_at_once_and_credits_the_rest_of_the_month(ask_stripe, shop, subscription):
    shop.advance(to=moment(2043, 6, 16))
    changes = swap(subscription, shop.price(30000, "year"))

    quoted = preview(ask_stripe, subscription, changes)
    changed = update(ask_stripe, subscription, changes)

    assert amounts(quoted) == amounts(changed.latest_invoice) == [-1500, 30000]
    item = changed["items"].data[0]
    assert item.current_period_start == changed.billing_cycle_anchor == moment(2043, 6, 16)
    assert item.current_period_end == moment(2044, 6, 16)


def test_what_is_not_used_becomes_credit_that_later_invoices_take(ask_stripe, shop, subscription):
    customer = shop.world.get("customer", subscription["customer"])
    shop.advance(to=moment(2043, 6, 16))

    invoice = update(
        ask_stripe,
        subscription,
        swap(subscription, shop.price(1000), proration_behavior="always_invoice"),
    ).latest_invoice

    assert (invoice.total, invoice.amount_due, invoice.status) == (-1000, 0, "paid")
    assert (invoice.starting_balance, invoice.ending_balance) == (0, -1000)
    assert customer["balance"] == -1000
    shop.advance(to=moment(2043, 7, 1) + HOUR)
    assert (shop.invoice(subscription)["amount_due"], customer["balance"]) == (0, 0)
    rows = ask_stripe.customers.balance_transactions.list(customer["id"])
    assert [each.amount for each in rows] == [1000, -1000]


def test_what_is_too_little_to_charge_is_carried_over(ask_stripe, shop, subscription):
    customer = shop.world.get("customer", subscription["customer"])
    shop.advance(to=moment(2043, 6, 30))

    invoice = update(
        ask_stripe,
        subscription,
        swap(subscription, shop.price(4000), proration_behavior="always_invoice"),
    ).latest_invoice

    assert (invoice.total, invoice.amount_due, invoice.status) == (33, 0, "paid")
    assert customer["balance"] == 33
    shop.advance(to=moment(2043, 7, 1) + HOUR)
    assert (shop.invoice(subscription)["amount_paid"], customer["balance"]) == (4033, 0)


def test_nothing_is_billed_for_a_change_on_trial(ask_stripe, shop):
    made = shop.subscribe(shop.customer(), shop.price(3000), trial_period_days=14)
    shop.advance(days=5)
    changes = swap(made, shop.price(30000, "year"), proration_behavior="always_invoice")

    changed = update(ask_stripe, made, changes)

    assert (changed.status, changed.latest_invoice.total) == ("trialing", 0)
    assert changed["items"].data[0].current_period_end == changed.trial_end
    shop.advance(days=9, hours=1)
    assert shop.invoice(made)["amount_paid"] == 30000


def test_a_trial_can_end_now(ask_stripe, shop):
    made = shop.subscribe(shop.customer(), shop.price(3000), trial_period_days=14)
    shop.advance(days=5)

    changed = update(ask_stripe, made, {"trial_end": "now"})

    assert (changed.status, changed.latest_invoice.amount_paid) == ("active", 3000)
    assert changed.billing_cycle_anchor == changed.trial_end == shop.invoice(made)["created"]


# Changes that wait for their payment

PENDING = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}


@pytest.mark.parametrize(
    ("card", "event"),
    [(AFTER_KEEPING, "invoice.payment_failed"), (ASKS, "invoice.payment_action_required")],
)
def test_an_upgrade_that_is_not_paid_waits(ask_stripe, shop, subscription, card, event):
    shop.give_card(shop.world.get("customer", subscription["customer"]), card)
    shop.advance(days=3)
    old = subscription["items"]["data"][0]["price"]["id"]
    new = shop.price(9000)

    changed = update(ask_stripe, subscription, swap(subscription, new, **PENDING))

    assert changed["items"].data[0].price.id == old
    assert changed.pending_update.subscription_items[0].price.id == new["id"]
    assert changed.pending_update.expires_at == shop.world.now() + 23 * HOUR
    assert (changed.status, changed.latest_invoice.status) == ("active", "open")
    assert shop.events(event) == [event]
    shop.give_card(shop.world.get("customer", subscription["customer"]), GOOD)
    ask_stripe.invoices.pay(changed.latest_invoice.id)
    applied = ask_stripe.subscriptions.retrieve(subscription["id"])
    assert (applied["items"].data[0].price.id, applied.pending_update) == (new["id"], None)
    assert len(shop.events("customer.subscription.pending_update_applied")) == 1


def test_an_upgrade_that_is_never_paid_is_forgotten(ask_stripe, shop, subscription):
    customer = shop.world.get("customer", subscription["customer"])
    shop.advance(days=3)
    update(ask_stripe, subscription, swap(subscription, shop.price(2000)))
    customer["balance"] = -700
    shop.give_card(customer, AFTER_KEEPING)
    old = subscription["items"]["data"][0]["price"]["id"]

    waiting = update(ask_stripe, subscription, swap(subscription, shop.price(9000), **PENDING))
    assert customer["balance"] == 0
    shop.advance(hours=23)

    assert shop.world.get("invoice", waiting.latest_invoice.id)["status"] == "void"
    assert (subscription["pending_update"], subscription["status"]) == (None, "active")
    assert subscription["items"]["data"][0]["price"]["id"] == old
    assert customer["balance"] == -700
    assert len(shop.events("customer.subscription.pending_update_expired")) == 1
    # What was on its invoice besides waits for the next one again.
    upcoming = ask_stripe.invoices.create_preview({"subscription": subscription["id"]})
    assert amounts(upcoming) == [-2700, 1800, 2000]


def test_another_change_takes_the_place_of_one_that_waits(ask_stripe, shop, subscription):
    customer = shop.world.get("customer", subscription["customer"])
    shop.give_card(customer, AFTER_KEEPING)
    shop.advance(days=3)
    first = update(ask_stripe, subscription, swap(subscription, shop.price(9000), **PENDING))
    shop.give_card(customer, GOOD)
    wanted = shop.price(12000)

    changed = update(ask_stripe, subscription, swap(subscription, wanted, **PENDING))

    assert shop.world.get("invoice", first.latest_invoice.id)["status"] == "void"
    assert changed["items"].data[0].price.id == wanted["id"]
    assert changed.pending_update is None


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"metadata": {"a": "b"}}, "metadata"),
        ({"cancel_at_period_end": False}, "cancel_at_period_end"),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax"),
    ],
)
def test_little_may_be_said_with_a_change_that_may_wait(
    ask_stripe, shop, subscription, more, param
):
    with pytest.raises(library.InvalidRequestError) as refused:
        update(ask_stripe, subscription, swap(subscription, shop.price(9000), **PENDING, **more))

    assert refused.value.param == param
    assert len(shop.kept("invoice")) == 1


def test_a_change_is_applied_though_it_was_not_paid_unless_told_otherwise(
    ask_stripe, shop, subscription
):
    shop.give_card(shop.world.get("customer", subscription["customer"]), AFTER_KEEPING)
    shop.advance(days=3)
    new = shop.price(9000)
    billed = swap(subscription, new, proration_behavior="always_invoice")

    with pytest.raises(library.CardError):
        update(ask_stripe, subscription, {**billed, "payment_behavior": "error_if_incomplete"})
    assert subscription["items"]["data"][0]["price"]["id"] != new["id"]
    changed = update(ask_stripe, subscription, billed)

    assert (changed.status, changed["items"].data[0].price.id) == ("past_due", new["id"])
    assert changed.latest_invoice.next_payment_attempt


def test_a_second_item_with_the_same_price_is_refused(ask_stripe, shop, subscription):
    price = subscription["items"]["data"][0]["price"]

    with pytest.raises(library.InvalidRequestError, match="multiple subscription items"):
        update(ask_stripe, subscription, {"items": [{"price": price["id"]}]})
    update(ask_stripe, subscription, {"items": [{"price": shop.price(500)["id"]}]})

    assert len(subscription["items"]["data"]) == 2


def test_no_invoice_is_to_come_of_what_ends_with_its_period(ask_stripe, shop, subscription):
    update(ask_stripe, subscription, {"cancel_at_period_end": True})

    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.invoices.create_preview({"subscription": subscription["id"]})

    assert (refused.value.code, refused.value.http_status) == ("invoice_upcoming_none", 404)


def test_a_purchase_can_be_quoted_before_it_is_one(ask_stripe, shop):
    customer, price = shop.customer(), shop.price(3000, tax_behavior="exclusive")
    bought = {"items": [{"price": price["id"]}]}

    quoted = ask_stripe.invoices.create_preview(
        {
            "customer": customer["id"],
            "subscription_details": bought,
            "automatic_tax": {"enabled": True},
            "customer_details": {"address": {"country": "DE"}},
        }
    )

    assert (quoted.subtotal, quoted.total, quoted.total_taxes[0].amount) == (3000, 3570, 570)
    assert shop.kept("subscription") == []


def test_a_declined_card_is_not_kept(ask_stripe, shop):
    with pytest.raises(library.CardError):
        shop_card = ask_stripe.payment_methods.create(
            {"type": "card", "card": {"number": DECLINED, "exp_month": 1, "exp_year": 2040}}
        )
        ask_stripe.payment_methods.attach(shop_card.id, {"customer": shop.customer()["id"]})
