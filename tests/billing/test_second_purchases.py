"""What was bought twice is given back: the subscription, the money, and the credit."""

from datetime import UTC, datetime, timedelta

import pytest

from billing import tasks
from billing.models import Invoice, Operation
from billing.running import run_operation
from organizations.models import AuditEvent
from tests.billing.rows import OperationFactory
from tests.billing.staff import stripe_v1
from tests.sandbox.stripe_cast import AFTER_KEEPING, GOOD


def second_purchase(buyer):
    first = buyer.buys()
    buyer.shop.advance(hours=1)
    price = buyer.shop.world.get("price", first["items"]["data"][0]["price"]["id"])
    return first, buyer.checks_out(price)


def refunds():
    return Operation.objects.filter(kind="refund")


def test_case_09_of_two_purchases_the_first_stays_and_the_second_is_given_back(buyer):
    first, second = second_purchase(buyer)

    buyer.sync()

    assert buyer.subscription.stripe_id == first["id"]
    refund = refunds().get()
    assert (refund.kind, refund.params) == ("refund", {"subscription_id": second["id"]})
    assert AuditEvent.objects.filter(action="billing.bought_twice").count() == 1
    buyer.sync()
    assert refunds().count() == 1


def test_case_09_what_is_given_back_is_cancelled_and_refunded_once(buyer):
    first, second = second_purchase(buyer)
    buyer.sync()
    refund = refunds().get()

    run_operation(refund.pk)
    refunds().update(state="waiting", ended_at=None)
    run_operation(refund.pk)

    assert refunds().get().state == "done"
    assert buyer.find("subscription", first)["status"] == "active"
    assert buyer.find("subscription", second)["status"] == "canceled"
    assert [each["amount"] for each in buyer.stripe.all("refund")] == [7500]
    invoices = dict(Invoice.objects.values_list("stripe_id", "amount_refunded"))
    assert sorted(invoices.values()) == [0, 7500]
    assert invoices[buyer.find("subscription", second)["latest_invoice"]] == 7500


def failed_refund(buyer, code="broken", hours=2):
    """Of a second purchase."""
    second = second_purchase(buyer)[1]
    buyer.sync()
    ended_at = datetime.now(UTC) - timedelta(hours=hours)
    refunds().update(state="failed", error_code=code, ended_at=ended_at)
    return second


def test_case_09_a_refund_that_failed_is_asked_for_again(buyer, committed):
    second = failed_refund(buyer)

    with committed():
        tasks.sweep_operations()
    tasks.sweep_operations()

    assert [each.state for each in refunds().order_by("asked_at")] == ["failed", "done"]
    assert buyer.find("subscription", second)["status"] == "canceled"
    assert [each["amount"] for each in buyer.stripe.all("refund")] == [7500]


def test_only_what_paid_is_given_back(buyer):
    _, second = second_purchase(buyer)
    buyer.sync()
    world = buyer.shop.world
    (payment,) = buyer.stripe.all("invoice_payment", invoice=second["latest_invoice"])
    failed = payment["payment"] | {"payment_intent": "pi_failed"}
    world.put(payment | {"id": world.new_id("inpay"), "status": "canceled", "payment": failed})

    run_operation(refunds().get().pk)

    assert refunds().get().state == "done"
    assert len(buyer.stripe.all("refund")) == 1


@pytest.mark.parametrize(("code", "hours"), [("given-up", 2), ("broken", 0)])
def test_a_refund_that_support_gave_up_or_that_failed_just_now_waits(buyer, code, hours):
    failed_refund(buyer, code, hours)

    tasks.sweep_operations()

    assert refunds().get().state == "failed"


def test_what_is_paid_alone_by_now_is_not_given_back(buyer):
    second = failed_refund(buyer)
    stripe_v1(buyer).subscriptions.cancel(buyer.subscription.stripe_id)
    buyer.sync()

    tasks.sweep_operations()

    assert buyer.subscription.stripe_id == second["id"]
    assert refunds().get().state == "failed"


def test_what_staff_made_beside_another_is_not_given_back_whatever_it_says(buyer):
    first = buyer.buys()
    buyer.shop.advance(hours=1)
    attached = OperationFactory(account=buyer.account, kind="attach")
    price = buyer.sells(500_000, 14_500)
    for metadata in ({}, {"operation": "none"}, {"operation": str(attached.pk)}):
        buyer.buys(price, metadata=metadata)

    buyer.sync()

    assert not refunds().exists()
    assert buyer.subscription.stripe_id == first["id"]
    beside = AuditEvent.objects.filter(action="billing.agreed_beside_another")
    assert beside.count() == 3


def test_case_09_giving_back_waits_for_nothing_else(buyer):
    Operation.objects.create(account=buyer.account, kind="checkout")
    second_purchase(buyer)

    buyer.sync()

    assert Operation.objects.open().count() == 2


def test_a_purchase_that_was_never_paid_does_not_stand_in_the_way(buyer):
    price = buyer.sells()
    buyer.shop.give_card(buyer.customer, AFTER_KEEPING)
    unpaid = buyer.checks_out(price)
    buyer.shop.give_card(buyer.customer, GOOD)
    buyer.shop.advance(hours=1)
    paid = buyer.buys(price)

    buyer.sync()

    assert buyer.subscription.stripe_id == paid["id"]
    assert refunds().get().params == {"subscription_id": unpaid["id"]}
