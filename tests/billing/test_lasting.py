"""What costs nothing is tried for as long as it makes sense, however long Stripe is silent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from billing.changes import cancel_subscription, plan_change, resume_subscription, undo_change
from billing.models import Operation
from billing.supporting import fail
from billing.tasks import sweep_operations
from organizations.models import Group, GroupMembership, Membership
from sandbox.testing import StripeFault
from tests.billing.subscribers import price
from tests.factories import UserFactory

PAGE = "/organizations/harbour/billing/"


def silent(them):
    them.stripe.fail_next(StripeFault.RATE_LIMIT, 10_000)


def answers(them):
    them.stripe.desk.faults.reset()


def goes_on(clock, attempts):
    """So many attempts, each as soon as it is due and the sweep comes by; how long each took."""
    pauses = []
    for _ in range(attempts):
        pause = Operation.objects.open().get().next_attempt_at - timezone.now()
        clock.shift(max(pause, timedelta()) + timedelta(seconds=16))
        sweep_operations()
        pauses.append(pause)
        if not Operation.objects.open().exists():
            break
    return pauses


@pytest.fixture
def cancelled(subscriber, alice):
    """A cancellation that was asked for while Stripe is silent."""
    them = subscriber()
    silent(them)
    them.does(cancel_subscription, by=alice)
    return them


def test_a_cancellation_outlasts_a_long_silence(cancelled, clock):
    pauses = goes_on(clock, 16)

    assert Operation.objects.get().state == "waiting"
    assert timedelta(minutes=50) < pauses[-1] < timedelta(minutes=80)
    assert sorted(pauses[10:14]) == pauses[10:14]

    answers(cancelled)
    goes_on(clock, 1)

    assert Operation.objects.get().state == "done"
    assert cancelled.there["cancel_at_period_end"]
    assert not Notification.objects.exists()


def test_the_last_attempt_comes_before_the_period_is_over(cancelled, clock):
    goes_on(clock, 12)
    ends = cancelled.subscription.period_end
    clock.move_to(ends - timedelta(minutes=40))
    goes_on(clock, 1)
    answers(cancelled)

    goes_on(clock, 1)

    assert Operation.objects.get().state == "done"
    assert timezone.now() < ends
    assert cancelled.subscription.cancels_at == ends


def test_who_asked_is_told_when_it_is_given_up(cancelled, clock, alice):
    organization = cancelled.account.organization
    owners = Group.objects.get(organization=organization, kind=Group.Kind.OWNERS)
    other = Membership.objects.create(organization=organization, user=UserFactory())
    GroupMembership.objects.create(group=owners, membership=other)
    goes_on(clock, 12)
    clock.move_to(cancelled.subscription.period_end - timedelta(minutes=9))

    goes_on(clock, 2)

    operation = Operation.objects.get()
    assert (operation.state, operation.error_code) == ("failed", "payment-service-unavailable")
    notice = Notification.objects.get()
    assert (notice.user, notice.kind) == (alice, "change_failed")
    assert "the subscription could not be cancelled" in notice.title
    assert "its next period is charged" in notice.text


def test_what_nobody_came_by_for_in_time_is_given_up_as_well(cancelled, clock):
    goes_on(clock, 12)
    clock.move_to(cancelled.subscription.period_end + timedelta(minutes=1))

    goes_on(clock, 1)

    assert Operation.objects.get().state == "failed"
    assert Notification.objects.get().kind == "change_failed"


def test_the_page_says_that_it_is_still_being_done(cancelled, clock, alice, browser_of):
    goes_on(clock, 12)

    page = browser_of(alice).get(PAGE).text

    assert "Cancel at the end of the period: this is not done yet" in page
    assert "We keep trying until Saturday 26 December 2026, 12:00 UTC." in page
    assert 'hx-trigger="every 15s"' in page


def test_a_program_reads_until_when_it_is_tried(cancelled, alice, program_of):
    here = "/api/v1/organizations/harbour/subscription/changes"

    said = program_of(alice).get(f"{here}/{Operation.objects.get().pk}").json()

    assert (said["state"], said["error_code"]) == ("waiting", "payment-service-unavailable")
    assert said["tried_until"].startswith("2026-12-26T12:00")


def planned(them, alice):
    them.does(plan_change, price(), by=alice)


def on_sale(them, alice):
    price()


def ending(them, alice):
    them.does(cancel_subscription, by=alice)


@pytest.mark.parametrize(
    ("before", "ask", "arguments"),
    [
        (on_sale, plan_change, [100_000]),
        (planned, undo_change, []),
        (ending, resume_subscription, []),
    ],
)
def test_so_does_all_that_costs_nothing(subscriber, alice, clock, before, ask, arguments):
    them = subscriber(250_000)
    before(them, alice)
    silent(them)
    operation = them.does(ask, *map(price, arguments), by=alice)

    goes_on(clock, 12)
    operation.refresh_from_db()
    assert operation.state == "waiting"
    answers(them)
    goes_on(clock, 1)

    operation.refresh_from_db()
    assert operation.state == "done"


def test_who_asked_hears_that_support_gave_it_up(cancelled, alice):
    fail(Operation.objects.get(), by=alice, reason="Asked by phone")

    assert Notification.objects.get().user == alice
