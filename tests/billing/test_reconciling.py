"""What nobody told us of is found: events that never came, and copies that have gone wrong."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from structlog.testing import capture_logs

from billing import reconciling, tasks
from billing.alarms import ALARMS
from billing.models import BillingAccount, Subscription
from sandbox.stripe.faults import StripeFault
from tests.billing.rows import AccountFactory, EventFactory
from tests.billing.staff import stripe_v1


def test_an_account_that_is_wanted_is_synced_by_the_sweep(buyer):
    buyer.buys()
    reconciling.want_sync([buyer.account.pk])

    tasks.sweep_events()

    assert buyer.subscription.status == "active"
    assert reconciling.wanted_accounts() == []


def test_an_account_about_which_nothing_was_said_is_wanted_later(buyer):
    reconciling.want_sync([buyer.account.pk])
    buyer.stripe.fail_next(StripeFault.ERROR, 3)

    reconciling.sync_wanted(buyer.account.pk)

    assert reconciling.wanted_accounts() == []
    with time_machine.travel(time.time() + 700):
        assert reconciling.wanted_accounts() == [buyer.account.pk]


def alarmed_by_accounts():
    (alarm,) = [alarm for alarm in ALARMS if alarm.name == "behind"]
    return list(alarm.rows())


def test_an_account_whose_sync_breaks_stands_in_no_others_way_and_alarms(buyer):
    buyer.buys()
    buyer.sync()
    buyer.stripe.world.get("subscription", buyer.subscription.stripe_id)["trial_end"] = "soon"
    BillingAccount.objects.update(synced_at=timezone.now() - timedelta(hours=2))
    reconciling.want_sync([buyer.account.pk])
    assert alarmed_by_accounts() == []

    with capture_logs() as logs:
        tasks.sweep_events()

    assert "sync_broke" in [log["event"] for log in logs]
    assert reconciling.wanted_accounts() == []
    assert alarmed_by_accounts() == [buyer.account]
    with time_machine.travel(time.time() + 700):
        assert reconciling.wanted_accounts() == [buyer.account.pk]


def test_an_account_of_the_other_mode_stands_in_no_others_way(buyer):
    BillingAccount.objects.update(is_live=True)
    reconciling.want_sync([buyer.account.pk])

    tasks.sweep_events()

    assert reconciling.wanted_accounts() == []
    assert BillingAccount.objects.get().wanted_at is not None


def reconcile_events():
    for event in reconciling.find_missed_events():
        tasks.handle_event(event_id=event.pk)


def test_what_was_given_up_is_tried_once_more_every_hour(buyer):
    broken = buyer.find("subscription", buyer.buys())
    failed = EventFactory(customer_id=buyer.customer["id"], state="failed", attempts=30)
    too_old = EventFactory(state="failed", received_at=timezone.now() - timedelta(days=40))
    broken["trial_end"] = "soon"

    reconcile_events()
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, "TypeError" in failed.error) == ("failed", 30, True)

    broken["trial_end"] = None
    reconcile_events()
    failed.refresh_from_db()
    too_old.refresh_from_db()
    assert (failed.state, too_old.state) == ("done", "failed")
    assert buyer.subscription.status == "active"


def test_case_32_after_days_without_us_the_events_are_fetched(buyer):
    buyer.buys()
    buyer.shop.advance(days=4)

    with capture_logs() as logs:
        missed = reconciling.find_missed_events()

    assert "stripe_events_missed" in [log["event"] for log in logs]
    assert "customer.subscription.created" in [each.type for each in missed]
    for each in missed:
        tasks.handle_event(event_id=each.pk)
    assert buyer.subscription.status == "active"
    assert reconciling.find_missed_events() == []


def test_case_32_what_no_event_tells_of_is_found_among_the_subscriptions(buyer):
    bought = buyer.buys()
    buyer.sync()
    AccountFactory(customer_id="")
    assert reconciling.find_differences() == 0
    buyer.find("subscription", bought)["status"] = "past_due"

    assert reconciling.find_differences() == 1
    tasks.sweep_events()

    assert buyer.subscription.status == "past_due"
    assert reconciling.find_differences() == 0


CHANGES = {
    "the end": {"cancel_at_period_end": True},
    "the end of the trial": {"trial_end": 1_900_000_000},
    "what was agreed on": {"metadata": {"plan": "enterprise", "loc_limit": "8000000"}},
    "how it is paid": {"collection_method": "send_invoice"},
    "what it is paid by": {"latest_invoice": "in_another"},
    "what waits for a payment": {
        "pending_update": {"expires_at": 1_900_000_000, "subscription_items": []}
    },
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_is_decided_from_our_copy_is_compared(buyer, what):
    bought = buyer.buys()
    buyer.sync()
    there = buyer.find("subscription", bought)
    before = {name: there[name] for name in CHANGES[what]}
    there.update(CHANGES[what])
    assert any(there[name] != value for name, value in before.items())

    assert reconciling.find_differences() == 1
    tasks.sweep_events()

    assert reconciling.find_differences() == 0


def test_a_change_that_is_planned_is_compared(buyer):
    bought = buyer.buys()
    buyer.sync()
    stripe_v1(buyer).subscription_schedules.create({"from_subscription": bought["id"]})

    assert reconciling.find_differences() == 1
    tasks.sweep_events()

    assert buyer.subscription.schedule_id
    assert reconciling.find_differences() == 0


def test_a_discount_that_we_know_is_no_difference(buyer):
    coupon = stripe_v1(buyer).coupons.create({"percent_off": 25, "duration": "forever"})
    bought = buyer.buys()
    stripe_v1(buyer).subscriptions.update(bought["id"], {"discounts": [{"coupon": coupon.id}]})
    assert reconciling.find_differences() == 1

    tasks.sweep_events()

    assert reconciling.find_differences() == 0


def test_what_was_bought_elsewhere_in_the_same_account_at_stripe_is_left_alone(buyer):
    theirs = buyer.shop.customer(email="elsewhere@example.com")
    buyer.shop.subscribe(theirs, buyer.shop.price(100))

    with capture_logs() as logs:
        assert reconciling.find_differences() == 0

    assert logs == []


def test_a_copy_of_what_stripe_does_not_have_is_found(buyer):
    bought = buyer.buys()
    buyer.sync()
    buyer.shop.world.remove("subscription", bought["id"])

    assert reconciling.find_differences() == 1
    tasks.sweep_events()

    assert Subscription.objects.get().status == "canceled"


def test_reconciliation_finds_the_customer_that_was_lost(buyer):
    bought = buyer.buys(metadata={"account": str(buyer.account.pk)})
    BillingAccount.objects.update(customer_id="")

    assert reconciling.find_differences() == 1
    tasks.sweep_events()

    assert buyer.subscription.stripe_id == bought["id"]


def test_where_nothing_is_sold_nothing_is_asked(buyer, settings):
    settings.BILLING = False

    tasks.reconcile_events()
    tasks.reconcile_subscriptions()

    assert buyer.stripe.requests == []
