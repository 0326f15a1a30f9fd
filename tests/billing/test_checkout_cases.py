"""What goes wrong while an organization buys, and after, a test for each case."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from billing import stripe_api
from billing.errors import SubscribedAlready
from billing.models import Operation, Subscription
from billing.operations import start_checkout
from billing.running import run_operation
from billing.standing import entitlements_for
from billing.turns import account_turn
from tests.billing.conftest import buyer_of
from tests.factories import OrganizationFactory
from tests.sandbox.stripe_cast import AFTER_KEEPING


def without_trial(buyer):
    buyer.account.trial_used_at = timezone.now() - timedelta(days=400)
    buyer.account.save()


def standing(buyer):
    found = entitlements_for(buyer.organization.pk)
    return found.plan, found.access


def take_the_card(buyer):
    """As its owner does in the portal, or at the bank's wish."""
    for method in buyer.stripe.all("payment_method"):
        stripe_api.ask(lambda v1, pk=method["id"]: v1.payment_methods.detach(pk))
    with buyer.stripe.world.lock:
        buyer.find("subscription", {"id": buyer.subscription.stripe_id}).update(
            default_payment_method=None
        )


def run_all():
    """What waits for a worker, once the account is nobody's."""
    Operation.objects.update(next_attempt_at=timezone.now())
    for operation in Operation.objects.open():
        run_operation(operation.pk)


def test_case_09_two_owners_pay_in_two_sessions_anyway(buyer, checkout, on_sale, stripe):
    without_trial(buyer)
    first = checkout(buyer)
    opened = Operation.objects.get(kind="checkout")
    names = {"account": str(buyer.account.pk), "operation": str(opened.pk)}
    params = {
        "mode": "subscription",
        "customer": buyer.customer["id"],
        "client_reference_id": names["account"],
        "subscription_data": {"metadata": names},
        "line_items": [{"price": on_sale.price_id, "quantity": 1}],
        "success_url": "https://example.com/",
    }
    second = stripe_api.ask(lambda v1: v1.checkout.sessions.create(params))["url"]
    stripe.pay(first)
    buyer.shop.advance(hours=1)
    stripe.pay(second)

    buyer.sync()
    run_all()

    kept, other = stripe.all("subscription")
    assert (kept["status"], other["status"]) == ("active", "canceled")
    assert buyer.subscription.stripe_id == kept["id"]
    (refund,) = stripe.all("refund")
    assert refund["amount"] == 7500


def test_case_39_first_payment_fails(buyer, checkout, on_sale, alice):
    buyer.buys({"id": on_sale.price_id}, payment_behavior="default_incomplete")
    buyer.sync()
    assert buyer.subscription.status == "incomplete"
    assert standing(buyer) == ("free", "full")
    with pytest.raises(SubscribedAlready):
        start_checkout(buyer.account, price=on_sale, by=alice)

    buyer.shop.advance(hours=24)
    buyer.sync()

    assert Subscription.objects.get().status == "incomplete_expired"
    assert standing(buyer) == ("free", "full")
    assert checkout(buyer)


def test_case_50_trial_ends_without_a_card(buyer, checkout, stripe):
    stripe.pay(checkout(buyer))
    buyer.sync()
    assert standing(buyer) == ("team", "full")
    take_the_card(buyer)

    buyer.shop.advance(days=15)
    buyer.sync()

    assert Subscription.objects.get().status == "canceled"
    assert standing(buyer) == ("free", "full")
    assert stripe.events("customer.subscription.trial_will_end")


def test_case_51_trial_ends_and_the_card_fails(buyer, checkout, stripe, on_sale, alice):
    stripe.pay(checkout(buyer), AFTER_KEEPING)
    buyer.sync()
    assert buyer.subscription.status == "trialing"

    buyer.shop.advance(days=15)
    buyer.sync()

    assert buyer.subscription.status == "past_due"
    with pytest.raises(SubscribedAlready):
        start_checkout(buyer.account, price=on_sale, by=alice)


def test_case_55_nothing_to_pay_with_a_promotion_code(buyer, checkout, stripe):
    without_trial(buyer)
    coupon = stripe_api.ask(lambda v1: v1.coupons.create({"percent_off": 100, "duration": "once"}))
    promotion = {"type": "coupon", "coupon": coupon["id"]}
    params = {"code": "HARBOUR", "promotion": promotion}
    stripe_api.ask(lambda v1: v1.promotion_codes.create(params))

    stripe.pay(checkout(buyer), promotion_code="HARBOUR")
    buyer.sync()

    assert standing(buyer) == ("team", "full")
    assert [each["amount_paid"] for each in stripe.all("invoice")] == [0]
    assert buyer.account.card["last4"] == "4242"


def test_who_has_paid_comes_back_to_what_it_is_now(buyer, checkout, stripe, browser_of, alice):
    landed = urlsplit(stripe.pay(checkout(buyer)))

    answer = browser_of(alice).get(f"{landed.path}?{landed.query}")

    assert landed.path == "/organizations/harbour/billing/paid/"
    assert answer["Location"] == "/organizations/harbour/billing/"
    assert standing(buyer) == ("team", "full")


def test_who_comes_back_while_a_webhook_is_handled_waits_for_it(
    buyer, checkout, stripe, browser_of, alice
):
    landed = urlsplit(stripe.pay(checkout(buyer)))
    address, browser = f"{landed.path}?{landed.query}", browser_of(alice)

    with account_turn(buyer.account.pk):
        page = browser.get(address)
        waiting = browser.get(address, headers={"HX-Request": "true"})
    done = browser.get(address, headers={"HX-Request": "true"})

    assert f'hx-get="{address}"' in page.text
    assert (waiting.status_code, "HX-Redirect" in waiting) == (204, False)
    assert done["HX-Redirect"] == "/organizations/harbour/billing/"


def test_case_06_somebody_elses_checkout(buyer, checkout, stripe, browser_of, alice):
    other = buyer_of(stripe, OrganizationFactory(key="quay", owner=alice))
    landed = urlsplit(stripe.pay(checkout(other)))

    answer = browser_of(alice).get(f"/organizations/harbour/billing/paid/?{landed.query}")

    assert answer.status_code == 404
    assert standing(buyer) == standing(other) == ("free", "full")
