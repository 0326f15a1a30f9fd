"""Case 52: one trial for each organization and each card, and no charge that nobody announced."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from billing import stripe_api
from billing.models import Operation, Subscription
from billing.tasks import sweep_operations
from organizations.models import AuditEvent
from tests.billing.conftest import buyer_of
from tests.billing.subscribers import GOOD
from tests.factories import BindingFactory, OrganizationFactory

BILLING = "/organizations/quay/billing/"


@pytest.fixture
def quay(buyer, checkout, stripe, alice):
    """Another organization of Alice's in the middle of a trial whose card has had one."""
    stripe.pay(checkout(buyer))
    buyer.sync()
    other = buyer_of(stripe, OrganizationFactory(key="quay", name="Quay", owner=alice))
    stripe.pay(checkout(other))
    return other


def paid(stripe):
    return sum(each["amount_paid"] for each in stripe.all("invoice"))


def status_of(buyer):
    return Subscription.objects.filter(account=buyer.account).newest_first().first().status


def states_of_ends():
    return sorted(Operation.objects.filter(kind="end_trial").values_list("state", flat=True))


def test_an_organization_has_one(buyer, checkout, stripe):
    stripe.pay(checkout(buyer))
    buyer.sync()
    stripe_api.ask(lambda v1: v1.subscriptions.cancel(buyer.subscription.stripe_id))
    buyer.sync()

    stripe.pay(checkout(buyer))
    buyer.sync()

    assert buyer.subscription.status == "active"
    assert [each["amount_paid"] for each in stripe.all("invoice")] == [0, 7500]


def test_a_card_has_one_and_its_second_ends_at_once_without_a_charge(quay, buyer, committed):
    with committed():
        quay.sync()

    assert (buyer.subscription.status, status_of(quay)) == ("trialing", "canceled")
    assert paid(quay.stripe) == 0
    assert states_of_ends() == ["done"]
    assert AuditEvent.objects.filter(action="billing.trial_ended").count() == 1


def test_the_owners_are_told_once_what_happened_and_where_to_go_on(quay, alice, committed):
    for _ in range(2):
        with committed():
            quay.sync()

    (notice,) = Notification.objects.filter(title__startswith="Quay")
    assert (notice.kind, notice.user) == ("trial_ended", alice)
    assert "Nothing was charged" in notice.text and "4242" in notice.text
    assert notice.action_path == BILLING


def test_the_pages_say_why_there_is_none_and_what_is_paid_now(
    quay, checkout, committed, browser_of, alice
):
    with committed():
        quay.sync()

    browser = browser_of(alice)
    for address in (BILLING, f"{BILLING}change/"):
        page = browser.get(address).text
        assert "ends with 4242 has had its trial" in page
        assert "14 days" not in page

    quay.stripe.pay(checkout(quay))
    quay.sync()
    assert quay.subscription.status == "active"
    assert paid(quay.stripe) == 7500
    assert "has had its trial" not in browser.get(BILLING).text


def test_who_cancels_a_second_trial_does_not_keep_it_either(quay, committed):
    (said,) = quay.stripe.all("subscription", customer=quay.customer["id"])
    params = {"cancel_at_period_end": True}
    stripe_api.ask(lambda v1: v1.subscriptions.update(said["id"], params))

    with committed():
        quay.sync()

    assert status_of(quay) == "canceled"
    assert paid(quay.stripe) == 0


def test_the_card_may_be_changed_in_a_trial_to_one_that_had_its_own(
    buyer, checkout, stripe, alice, committed
):
    stripe.pay(checkout(buyer))
    buyer.sync()
    other = buyer_of(stripe, OrganizationFactory(key="quay", owner=alice))
    stripe.pay(checkout(other), "5555555555554444")
    other.sync()
    used = {"customer": other.customer["id"]}
    card = stripe_api.ask(lambda v1: v1.payment_methods.attach(GOOD, used))["id"]
    named = {"default_payment_method": card}
    subscription = other.subscription.stripe_id
    stripe_api.ask(lambda v1: v1.subscriptions.update(subscription, named))

    with committed():
        other.sync()

    assert other.account.card["last4"] == "4242"
    assert (other.subscription.status, states_of_ends()) == ("trialing", [])


def test_a_card_that_pays_after_a_trial_may_still_have_its_own(
    buyer, checkout, stripe, alice, committed
):
    stripe.pay(checkout(buyer))
    buyer.sync()
    buyer.shop.advance(days=15)
    owner = {"customer": buyer.customer["id"]}
    card = stripe_api.ask(lambda v1: v1.payment_methods.attach("pm_card_mastercard", owner))["id"]
    named = {"default_payment_method": card}
    subscription = buyer.subscription.stripe_id
    stripe_api.ask(lambda v1: v1.subscriptions.update(subscription, named))
    buyer.sync()
    assert (buyer.subscription.status, buyer.account.card["last4"]) == ("active", "4444")
    other = buyer_of(stripe, OrganizationFactory(key="quay", owner=alice))
    stripe.pay(checkout(other), "5555555555554444")

    with committed():
        other.sync()

    assert (other.subscription.status, states_of_ends()) == ("trialing", [])


def test_one_that_could_not_be_ended_is_left_alone_for_an_hour(quay, committed):
    ended = Operation.objects.filter(kind="end_trial")
    quay.sync()
    ended.update(state="failed", ended_at=timezone.now() - timedelta(minutes=59))
    quay.sync()
    with committed():
        sweep_operations()
    assert states_of_ends() == ["failed"]

    ended.update(ended_at=timezone.now() - timedelta(minutes=61))
    with committed():
        sweep_operations()

    assert states_of_ends() == ["done", "failed"]
    assert status_of(quay) == "canceled"


def test_of_a_deleted_organization_it_ends_with_everything_else(quay, committed):
    quay.account.left_at = timezone.now()
    quay.account.save()

    with committed():
        quay.sync()

    assert states_of_ends() == []


def test_a_trial_stays_where_its_own_card_began_it(buyer, checkout, stripe, committed):
    stripe.pay(checkout(buyer))

    for _ in range(3):
        with committed():
            buyer.sync()

    assert states_of_ends() == []
    assert buyer.subscription.status == "trialing"


def test_what_was_agreed_on_with_us_is_ours_to_end(quay, committed):
    (said,) = quay.stripe.all("subscription", customer=quay.customer["id"])
    contract = {"metadata": {"plan": "enterprise", "loc_limit": "5000000"}}
    stripe_api.ask(lambda v1: v1.subscriptions.update(said["id"], contract))

    with committed():
        quay.sync()

    assert (quay.subscription.status, states_of_ends()) == ("trialing", [])


def test_the_checkout_says_so_before_a_card_is_put_in(buyer, checkout, stripe):
    BindingFactory(organization=buyer.organization)

    page = stripe.look(checkout(buyer))

    assert "If this card has had a trial with another organization, nothing is charged" in page


def test_the_checkout_says_nothing_of_trials_where_there_is_none(buyer, checkout, stripe):
    buyer.account.trial_used_at = timezone.now()
    buyer.account.save()

    assert "trial" not in stripe.look(checkout(buyer)).casefold()
