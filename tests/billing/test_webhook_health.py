"""Whether Stripe and we understand each other: strangers turn nothing red, and learn nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import reconciling
from billing.webhooks import PATH

HEALTH = "/billing/health/"
OURS, THEIRS = "whsec_" + "ours", "whsec_" + "theirs"


@pytest.fixture(autouse=True)
def _secret(settings):
    settings.STRIPE_WEBHOOK_SECRETS = [OURS]


@pytest.fixture
def bought(buyer, clock):
    """Something was, a quarter of an hour ago. The events that tell of it."""
    buyer.shop.world.pinned = None
    buyer.buys()
    clock.shift(timedelta(minutes=15))
    return buyer.stripe.new_events("customer.subscription.created", "invoice.paid")


def deliver(buyer, client, secret, told):
    return set(buyer.stripe.deliver_to(client, secret, PATH, told))


def seen(browser):
    answer = browser.get(HEALTH)
    return answer.status_code, answer.text


def test_strangers_turn_nothing_red(buyer, client, bought):
    for _ in range(5):
        assert deliver(buyer, client, THEIRS, bought) == {400}
    assert seen(client) == (200, "ok")

    assert deliver(buyer, client, OURS, bought) == {200}
    for _ in range(5):
        deliver(buyer, client, THEIRS, bought)
    assert reconciling.find_missed_events()

    assert seen(client) == (200, "ok")


def test_a_secret_that_we_do_not_have_is_told_to_staff_alone(buyer, client, bought, watcher):
    assert deliver(buyer, client, THEIRS, bought) == {400}
    assert reconciling.find_missed_events()

    assert seen(client) == (503, "not ok")
    status, text = seen(watcher)
    assert (status, "STRIPE_WEBHOOK_SECRETS" in text) == (503, True)

    assert deliver(buyer, client, OURS, bought) == {200}
    assert seen(watcher) == (200, "ok")


def test_who_is_no_staff_learns_no_more_for_being_signed_in(buyer, client, bought, browser_of, bob):
    deliver(buyer, client, THEIRS, bought)
    reconciling.find_missed_events()

    assert seen(browser_of(bob)) == (503, "not ok")


def test_what_never_arrived_proves_no_wrong_secret(buyer, client, bought):
    assert reconciling.find_missed_events()

    assert seen(client) == (200, "ok")


def test_what_may_still_be_on_its_way_was_not_missed(buyer, client, clock):
    buyer.shop.world.pinned = None
    buyer.buys()
    deliver(buyer, client, THEIRS, buyer.stripe.new_events())

    assert reconciling.find_missed_events()

    assert seen(client) == (200, "ok")


@pytest.mark.parametrize("minutes", [-7, 7])
def test_case_70_a_clock_that_is_off_is_told_until_a_webhook_is_good(
    buyer, client, watcher, bought, minutes
):
    at = int((timezone.now() + timedelta(minutes=minutes)).timestamp())
    for event in (bought * 3)[:3]:
        body, header = buyer.stripe.signed(event, OURS, at)
        headers = {"Stripe-Signature": header}
        sent = client.post(PATH, body, content_type="application/json", headers=headers)
        assert sent.status_code == 400

    status, text = seen(watcher)
    assert (status, "clock" in text) == (503, True)

    deliver(buyer, client, OURS, bought)
    assert seen(watcher) == (200, "ok")


def test_without_a_cache_webhooks_are_taken_all_the_same(buyer, client, bought, lost):
    lost()

    assert deliver(buyer, client, OURS, bought) == {200}
