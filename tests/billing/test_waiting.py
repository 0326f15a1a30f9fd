"""What an organization pays for while it waits to be deleted, and once it is brought back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from billing.changes import cancel_subscription
from billing.models import BillingAccount, Operation
from billing.operations import start_checkout
from billing.tasks import sweep_left, sweep_waiting
from organizations.ending import ask_deletion, delete_due, undo_deletion
from organizations.models import AuditEvent, Organization
from sandbox.stripe.faults import StripeFault
from tests.billing.subscribers import DECLINED


@pytest.fixture
def leaves(committed, alice):
    def ask(them):
        with committed():
            ask_deletion(Organization.objects.get(pk=them.account.organization_id), by=alice)

    return ask


@pytest.fixture
def returns(committed, alice):
    def undo(them):
        with committed():
            undo_deletion(Organization.objects.get(pk=them.account.organization_id), by=alice)

    return undo


@pytest.fixture
def swept(committed):
    def sweep():
        with committed():
            sweep_left()

    return sweep


def test_it_is_cancelled_so_that_nothing_more_is_charged(subscriber, leaves, clock):
    them = subscriber()
    paid = len(them.invoices())

    leaves(them)

    assert them.there["cancel_at_period_end"] is True
    them.later(clock, days=40)
    assert len(them.invoices()) == paid
    said = AuditEvent.objects.get(action="billing.cancel_asked")
    assert (said.channel, said.data["reason"]) == (
        "system",
        "Its organization waits to be deleted.",
    )


def test_brought_back_it_goes_on(subscriber, leaves, returns):
    them = subscriber()
    leaves(them)

    returns(them)

    assert them.there["cancel_at_period_end"] is False
    assert them.subscription.cancels_at is None


def test_what_the_owner_had_cancelled_stays_cancelled(subscriber, leaves, returns, alice):
    them = subscriber()
    them.does(cancel_subscription, by=alice)
    leaves(them)

    returns(them)

    assert them.there["cancel_at_period_end"] is True
    assert Operation.objects.filter(kind__in=["cancel", "resume"]).count() == 1


def test_twice_there_and_back_ends_as_it_began(subscriber, leaves, returns):
    them = subscriber()
    for _ in range(2):
        leaves(them)
        returns(them)

    assert them.there["cancel_at_period_end"] is False


def test_no_card_is_tried_again_for_what_is_owed(subscriber, leaves, clock):
    them = subscriber()
    them.uses(DECLINED)
    them.later(clock, days=31)

    leaves(them)

    assert [each["auto_advance"] for each in them.invoices(status="open")] == [False]


def test_where_the_account_was_busy_the_sweep_does_it(subscriber, leaves, swept):
    them = subscriber()
    busy = Operation.objects.create(account=them.account, kind="details")
    leaves(them)
    assert them.there["cancel_at_period_end"] is False

    Operation.objects.filter(pk=busy.pk).update(state="done")
    swept()
    swept()

    assert them.there["cancel_at_period_end"] is True
    assert Operation.objects.filter(kind="cancel").count() == 1


def test_an_undo_before_the_sweep_came_leaves_everything(subscriber, alice, committed):
    them = subscriber()
    organization = Organization.objects.get()
    ask_deletion(organization, by=alice)
    undo_deletion(organization, by=alice)

    with committed():
        sweep_waiting()

    assert them.there["cancel_at_period_end"] is False
    assert not Operation.objects.filter(kind__in=["cancel", "resume"]).exists()


def test_what_could_still_be_bought_is_closed(buyer, checkout, stripe, leaves):
    checkout(buyer)

    leaves(buyer)

    assert stripe.all("checkout.session")[-1]["status"] == "expired"
    assert BillingAccount.objects.get().checkout_id == ""


def test_one_that_waits_to_be_opened_never_is(buyer, on_sale, stripe, alice, committed, leaves):
    stripe.fail_next(StripeFault.ERROR, 3)
    with committed():
        waiting = start_checkout(buyer.account, price=on_sale, by=alice)

    leaves(buyer)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code) == ("failed", "organization-deleted")


def test_at_the_end_it_ends(subscriber, leaves, swept, clock):
    them = subscriber()
    leaves(them)
    clock.shift(7 * 24 * 3600 + 1)

    assert delete_due() == 1
    swept()

    assert them.there["status"] == "canceled"


def test_nothing_is_said_of_payments_meanwhile(subscriber, clock):
    them = subscriber()
    them.uses(DECLINED)
    Organization.objects.update(deletion_due_at=timezone.now() + timedelta(days=60))

    them.later(clock, days=31)

    assert them.subscription.status == "past_due"
    assert not Notification.objects.exists()
