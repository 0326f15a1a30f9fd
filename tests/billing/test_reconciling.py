"""What nobody told us of is found: events that never came, and copies that have gone wrong."""

import time

import time_machine
from structlog.testing import capture_logs

from billing import reconciling, tasks
from billing.models import BillingAccount, Subscription
from sandbox.stripe.faults import StripeFault
from tests.billing.rows import AccountFactory


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
