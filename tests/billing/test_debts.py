"""What is owed, since when, and which subscription is spoken of; and that nobody's word is lost."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import Notification
from billing import stripe_api
from billing.models import BillingAccount, BillingNotice, Subscription
from billing.running import run_operation
from billing.standing import entitlements_for, subscription_of
from billing.tasks import tell_all
from tests.billing.rows import AccountFactory, SubscriptionFactory
from tests.billing.staff import stripe_v1
from tests.billing.subscribers import DECLINED, GOOD


@pytest.fixture(autouse=True)
def _sells(settings):
    settings.BILLING = True


def access(them):
    return entitlements_for(them.account.organization_id)


def a_month_fails(them, clock):
    """The renewal does, and so does each attempt of the two weeks after it."""
    for days in (30, 4, 6, 8):
        them.later(clock, days=days, hours=2)
    return them.invoices(status="open")[-1]


def gives_up(invoice):
    stripe_api.ask(lambda v1: v1.invoices.mark_uncollectible(invoice["id"]))


@pytest.fixture
def debtor(subscriber, stripe):
    """Whose subscription stays past due however long that lasts."""
    them = subscriber()
    them.uses(DECLINED)
    stripe.give_up_with("past_due")
    return them


def test_what_was_forgiven_takes_no_day_of_grace_from_a_later_failure(debtor, clock):
    debtor.later(clock, days=30, hours=2)
    gives_up(debtor.invoices(status="open")[-1])
    debtor.sync()
    assert debtor.subscription.status == "active"

    debtor.later(clock, days=31, hours=2)

    assert debtor.subscription.status == "past_due"
    assert timezone.now() - debtor.subscription.past_due_since < timedelta(days=3)
    assert access(debtor).access == "full"


def test_what_was_left_open_before_a_payment_takes_none_either(debtor, clock):
    a_month_fails(debtor, clock)
    debtor.later(clock, days=14)
    newest = debtor.invoices(status="open")[-1]
    debtor.uses(GOOD)
    stripe_api.ask(lambda v1: v1.invoices.pay(newest["id"]))
    debtor.uses(DECLINED)
    assert (debtor.subscription.status, len(debtor.invoices(status="open"))) == ("active", 1)

    debtor.later(clock, days=31, hours=2)

    assert debtor.subscription.status == "past_due"
    assert access(debtor).access == "full"


def test_a_debt_that_goes_on_is_as_old_as_its_first_invoice_also_when_that_is_given_up(
    debtor, clock
):
    first = a_month_fails(debtor, clock)
    since = debtor.subscription.past_due_since
    debtor.later(clock, days=14)
    assert len(debtor.invoices(status="open")) == 2

    gives_up(first)
    debtor.sync()

    assert debtor.subscription.past_due_since == since
    assert access(debtor).access == "read_only"


# The one that counts


def test_after_both_have_ended_the_first_purchase_counts_and_not_the_second(buyer):
    first = buyer.buys()
    buyer.shop.advance(hours=1)
    buyer.checks_out(buyer.sells(500_000, 14_500))
    buyer.sync()
    run_operation(buyer.account.operations.get(kind="refund").pk)
    buyer.shop.advance(hours=1)
    stripe_v1(buyer).subscriptions.cancel(first["id"])
    buyer.sync()
    BillingAccount.objects.update(grace_until=timezone.now() + timedelta(days=3))

    assert entitlements_for(buyer.organization.pk).loc_limit == 250_000
    assert subscription_of(buyer.organization.pk).stripe_id == first["id"]
    assert "Team 250k" in BillingNotice.objects.get(kind="subscription_ended").title


def test_what_was_never_paid_counts_less_than_what_was(db):
    had = SubscriptionFactory(status="canceled", ended_at=timezone.now())
    SubscriptionFactory(account=had.account, status="incomplete_expired", ended_at=timezone.now())

    assert Subscription.objects.newest_first().first() == had


# Nobody's word is lost


def test_what_was_not_told_after_its_sync_is_told_within_the_hour(subscriber, clock, alice):
    them = subscriber()
    stripe_api.ask(lambda v1: v1.subscriptions.cancel(them.subscription.stripe_id))

    def away(execute, sql, *rest):
        if "INSERT INTO" in sql and "billingnotice" in sql:
            raise OperationalError("the database system is shutting down")
        return execute(sql, *rest)

    with connection.execute_wrapper(away):
        them.sync()
    assert (them.subscription.status, BillingNotice.objects.count()) == ("canceled", 0)

    clock.shift(timedelta(minutes=59))
    tell_all()

    assert Notification.objects.get(user=alice).kind == "subscription_ended"


def test_one_account_that_can_not_be_told_keeps_the_word_from_no_other(db):
    broken = {"account__tax_ids": [{"status": "unverified"}], "account__synced_at": timezone.now()}
    SubscriptionFactory(**broken)
    good = AccountFactory(synced_at=timezone.now())
    SubscriptionFactory(account=good, status="canceled", ended_at=timezone.now())
    SubscriptionFactory(**broken)

    tell_all()

    assert BillingNotice.objects.get().account == good
