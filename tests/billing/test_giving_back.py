"""Giving back to the last cent, under the right key, and not for ever in vain."""

from billing import changes
from billing.models import Operation
from billing.running import run_operation
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
