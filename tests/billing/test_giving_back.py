"""Giving back to the last cent, under the right key, and not for ever in vain."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import changes, supporting, tasks
from billing.alarms import ALARMS
from billing.models import BillingAccount, Operation
from billing.running import run_operation
from sandbox.stripe.faults import StripeFault
from tests.billing.staff import stripe_v1


def bought_twice(buyer, credit=0):
    """The second one is paid with that credit first. Its operation, which waits."""
    first = buyer.buys()
    buyer.shop.advance(hours=1)
    if credit:
        values = {"amount": -credit, "currency": "eur"}
        stripe_v1(buyer).customers.balance_transactions.create(buyer.customer["id"], values)
    price = buyer.shop.world.get("price", first["items"]["data"][0]["price"]["id"])
    buyer.second = buyer.checks_out(price)
    buyer.sync()
    return Operation.objects.get(kind="refund")


def refunded(buyer):
    return [each["amount"] for each in buyer.stripe.all("refund")]


def alarmed():
    (alarm,) = [alarm for alarm in ALARMS if alarm.name == "failed-operation"]
    return list(alarm.rows())


@pytest.mark.parametrize(("credit", "to_card"), [(2500, [5000]), (7500, []), (9000, [])])
def test_credit_that_paid_is_credit_again(buyer, credit, to_card):
    asked = bought_twice(buyer, credit)

    run_operation(asked.pk)
    asked.refresh_from_db()
    Operation.objects.filter(pk=asked.pk).update(state="waiting", ended_at=None)
    run_operation(asked.pk)

    asked.refresh_from_db()
    buyer.account.refresh_from_db()
    assert asked.state == "done", asked.error
    assert refunded(buyer) == to_card
    assert (buyer.account.credit, buyer.customer["balance"]) == (credit, -credit)


def test_credit_is_returned_once_whichever_operation_does_it(buyer):
    asked = bought_twice(buyer, 2500)
    run_operation(asked.pk)

    again = Operation.objects.create(account=buyer.account, kind="refund", params=asked.params)
    run_operation(again.pk)

    again.refresh_from_db()
    assert again.state == "done", again.error
    assert (refunded(buyer), buyer.customer["balance"]) == ([5000], -2500)


def test_what_was_carried_over_from_what_is_given_back_is_owed_no_more(buyer):
    buyer.buys()
    buyer.shop.advance(hours=1)
    buyer.checks_out(buyer.sells(100_000, 30))
    buyer.sync()
    assert buyer.customer["balance"] == 30

    run_operation(Operation.objects.get(kind="refund").pk)

    assert buyer.customer["balance"] == 0


def as_of_another_account(buyer, *things):
    """What is asked for is not there, as with a key of another account at Stripe. Undoes itself
    when what it answers is called.
    """
    world = buyer.shop.world
    found = [world.get(kind, identifier) for kind, identifier in things]
    for each in found:
        world.remove(each["object"], each["id"])
    return lambda: [world.put(each) for each in found]


def test_a_key_of_another_account_gives_nothing_back_and_ends_nothing(buyer):
    asked = bought_twice(buyer)
    mine = as_of_another_account(
        buyer,
        ("customer", buyer.customer["id"]),
        ("subscription", buyer.second["id"]),
        ("invoice", buyer.second["latest_invoice"]),
    )

    run_operation(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.error_code) == ("waiting", "payment-service-unavailable")

    mine()
    Operation.objects.update(next_attempt_at=asked.asked_at)
    run_operation(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, refunded(buyer)) == ("done", [7500])


def test_what_is_to_end_waits_for_the_right_key(buyer, alice):
    bought = buyer.buys()
    buyer.sync()
    asked = changes.end_subscription(buyer.account, by=alice, reason="Asked by phone")
    mine = as_of_another_account(
        buyer, ("customer", buyer.customer["id"]), ("subscription", bought["id"])
    )

    run_operation(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, buyer.subscription.status) == ("waiting", "active")

    mine()
    Operation.objects.update(next_attempt_at=asked.asked_at)
    run_operation(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, buyer.find("subscription", bought)["status"]) == ("done", "canceled")


@pytest.fixture
def refused(buyer, clock):
    """A refund that Stripe refuses for ever, since the bank has taken the money back."""
    asked = bought_twice(buyer)
    buyer.stripe.dispute(buyer.stripe.all("charge")[-1]["id"])
    run_operation(asked.pk)
    return asked


def test_what_a_bank_took_back_keeps_nothing_else_from_being_given_back(buyer):
    asked = bought_twice(buyer)
    buyer.shop.advance(days=31, hours=2)
    renewals = buyer.stripe.all("charge")[-2:]
    for each in renewals:
        buyer.stripe.dispute(each["id"])

    run_operation(asked.pk)

    asked.refresh_from_db()
    assert (asked.state, asked.error_code) == ("failed", "charge_disputed")
    assert refunded(buyer) == [7500]


def sweeps(clock, **later):
    clock.shift(timedelta(seconds=1, **later))
    tasks.sweep_operations()
    return Operation.objects.filter(kind="refund").count()


def test_a_refund_that_is_always_refused_is_asked_for_less_and_less_and_then_alarms(refused, clock):
    asked = [sweeps(clock, hours=hours) for hours in (1, 1, 1, 2, 2, 8, 16, 32)]

    assert asked == [2, 2, 3, 3, 4, 5, 6, 7]
    assert [sweeps(clock, days=days) for days in (3, 30)] == [7, 7]
    (last,) = alarmed()
    assert (last.state, last.error_code) == ("failed", "charge_disputed")


def test_support_gives_up_a_refund_that_failed(refused, clock, alice):
    assert alarmed() == [refused]

    supporting.fail(refused, by=alice, reason="Given back by transfer")

    assert sweeps(clock, hours=3) == 1
    assert alarmed() == []
    refused.refresh_from_db()
    assert not supporting.may_be_given_up(refused)


def test_another_refund_that_is_done_hides_none_that_failed(refused, buyer):
    buyer.shop.advance(hours=1)
    buyer.checks_out(buyer.sells(100_000, 3200))
    buyer.sync()

    run_operation(Operation.objects.get(kind="refund", state="waiting").pk)

    assert alarmed() == [refused]


def test_silence_while_credit_is_returned_returns_it_once(buyer):
    asked = bought_twice(buyer, 2500)
    address = f"/v1/customers/{buyer.customer['id']}/balance_transactions"
    buyer.stripe.fail_next(StripeFault.RESET_AFTER, 3, method="POST", url=address)

    run_operation(asked.pk)
    Operation.objects.update(next_attempt_at=asked.asked_at)
    run_operation(asked.pk)

    asked.refresh_from_db()
    assert (asked.state, buyer.customer["balance"]) == ("done", -2500)


def test_what_could_not_be_ended_is_asked_for_again_an_hour_later(buyer, clock, committed):
    buyer.buys()
    buyer.sync()
    BillingAccount.objects.update(organization=None, left_at=timezone.now())
    buyer.stripe.fail_next(StripeFault.KEY_REFUSED, 2)
    with committed():
        tasks.sweep_left()
    assert [each.state for each in Operation.objects.all()] == ["failed"]

    with committed():
        tasks.sweep_left()
    assert Operation.objects.count() == 1

    clock.shift(timedelta(hours=1, seconds=1))
    with committed():
        tasks.sweep_left()
    assert [each.state for each in Operation.objects.order_by("asked_at")] == ["failed", "done"]
