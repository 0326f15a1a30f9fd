"""Operations whose way is not smooth: keys that are refused, silence, workers that are too slow."""

import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from billing import stripe_api
from billing.changes import (
    accept_quote,
    cancel_subscription,
    change_details,
    resume_subscription,
)
from billing.models import BillingAccount, Operation
from billing.operations import start_checkout
from billing.quotes import quote_upgrade
from billing.running import run_operation
from sandbox.testing import StripeFault
from tests.billing.shop import sell
from tests.billing.subscribers import DECLINED, price


def test_a_refused_key_is_no_address_that_is_not_enough(subscriber, alice, clock):
    them = subscriber()
    with them.stripe.world.lock:
        there = them.stripe.world.get("subscription", them.subscription.stripe_id)
        there["automatic_tax"] = there["automatic_tax"] | {"enabled": True}
    them.later(clock, days=30, hours=2)
    draft = them.invoices()[-1]
    them.stripe.fail_next(StripeFault.KEY_REFUSED, url=f"/v1/invoices/{draft['id']}/finalize")

    operation = them.does(change_details, by=alice, address={"city": "Kiel", "country": "DE"})

    assert (operation.state, operation.error_code) == ("failed", "payment-service-misconfigured")


# An error, which Stripe gives to its key for a day


def tried_again(operation):
    Operation.objects.update(next_attempt_at=timezone.now())
    run_operation(operation.pk)
    operation.refresh_from_db()
    return operation.state


def test_after_an_error_a_cancellation_is_asked_for_under_another_key(subscriber, alice):
    them = subscriber()
    them.stripe.fail_next(StripeFault.ERROR, method="POST", url="/v1/subscriptions/")

    operation = them.does(cancel_subscription, by=alice)

    assert (operation.state, operation.error_code) == ("waiting", "payment-service-unavailable")
    assert tried_again(operation) == "done"
    assert them.subscription.cancels_at is not None


@pytest.mark.parametrize("was_made", [False, True])
def test_after_an_error_a_customer_is_looked_for_and_made_under_another_key(
    harbour_account, alice, stripe, committed, was_made
):
    price = sell(loc_limit=100_000, amount=3200)
    harbour_account.email = "office@example.com"
    harbour_account.save()
    stripe.fail_next(StripeFault.ERROR, method="POST", url="/v1/customers")
    with committed():
        operation = start_checkout(harbour_account, price=price, by=alice)
    assert stripe.all("customer") == []
    if was_made:
        asked = BillingAccount.objects.get().customer_asked["params"]
        stripe_api.ask(lambda v1: v1.customers.create(asked))

    assert tried_again(operation) == "done"

    (customer,) = stripe.all("customer")
    assert BillingAccount.objects.get().customer_id == customer["id"]


def test_where_nobody_knows_what_was_charged_nobody_says_that_nothing_was(
    subscriber, alice, browser_of
):
    them = subscriber()
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.stripe.fail_next(StripeFault.RESET_AFTER, method="POST", url="/v1/subscriptions/")
    them.stripe.fail_next(StripeFault.RESET, 2, method="POST", url="/v1/subscriptions/")
    operation = them.does(accept_quote, quote.pk, by=alice)
    them.stripe.fail_next(StripeFault.RESET, 100)
    Operation.objects.update(attempts=9)

    assert tried_again(operation) == "failed"

    assert operation.error_code == "payment-outcome-unclear"
    page = browser_of(alice).get(f"/organizations/harbour/billing/?operation={operation.pk}").text
    assert "Upgrade now: nobody knows yet" in page and "Nothing was charged" not in page
    assert "Look here again in an hour" in operation.error
    assert [each["amount_paid"] for each in them.invoices()] == [3200, 4300]


# A worker that was too slow


@pytest.fixture
def overtaken(stripe):
    """`overtaken("subscription")`: as the next such thing is answered, another worker takes the
    turn of every account, as if the first had slept for long.
    """
    hears = list(stripe.desk.answered)

    def when(kind, **values):
        def take(endpoint, answer):
            if answer.get("object") == kind and values.items() <= answer.items():
                stripe.desk.answered.remove(take)
                until = timezone.now() + timedelta(seconds=30)
                BillingAccount.objects.update(lease=uuid.uuid4(), leased_until=until)
                connections.close_all()

        stripe.desk.answered.append(take)

    yield when
    stripe.desk.answered[:] = hears


def another_goes_on(operation):
    BillingAccount.objects.update(lease=None)
    Operation.objects.update(next_attempt_at=timezone.now())
    run_operation(operation.pk)
    operation.refresh_from_db()
    return operation.state


@pytest.mark.django_db(transaction=True)
def test_who_is_overtaken_while_opening_a_checkout_writes_nothing(
    harbour_account, alice, stripe, overtaken
):
    price = sell(loc_limit=100_000, amount=3200)
    overtaken("checkout.session")

    operation = start_checkout(harbour_account, price=price, by=alice)

    operation.refresh_from_db()
    assert (operation.state, operation.url) == ("waiting", "")
    assert "session" not in operation.steps
    assert BillingAccount.objects.get().checkout_id == ""
    assert another_goes_on(operation) == "done"
    assert len(stripe.all("checkout.session")) == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_overtaken_while_making_a_customer_writes_none(
    harbour_account, alice, stripe, overtaken
):
    price = sell(loc_limit=100_000, amount=3200)
    overtaken("customer")

    operation = start_checkout(harbour_account, price=price, by=alice)

    operation.refresh_from_db()
    assert operation.state == "waiting"
    assert BillingAccount.objects.get().customer_id == ""
    assert another_goes_on(operation) == "done"
    assert len(stripe.all("customer")) == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_overtaken_while_cancelling_ends_nothing(subscriber, alice, overtaken):
    them = subscriber()
    overtaken("subscription", cancel_at_period_end=True)

    operation = cancel_subscription(them.account, by=alice)

    operation.refresh_from_db()
    assert (operation.state, operation.steps) == ("waiting", {})
    assert another_goes_on(operation) == "done"
    assert them.subscription.cancels_at is not None


@pytest.mark.django_db(transaction=True)
def test_who_resumes_has_the_card_tried_again_whoever_died_cancelling(
    subscriber, alice, overtaken, clock
):
    them = subscriber()
    them.uses(DECLINED)
    them.later(clock, days=31, hours=2)
    overtaken("invoice", auto_advance=False)
    operation = cancel_subscription(them.account, by=alice)
    assert another_goes_on(operation) == "done"
    assert not them.invoices(status="open")[0]["auto_advance"]

    resume_subscription(them.account, by=alice)

    assert them.invoices(status="open")[0]["auto_advance"]


@pytest.mark.django_db(transaction=True)
def test_who_is_overtaken_while_looking_what_came_of_it_ends_nothing(
    subscriber, alice, overtaken, stripe
):
    them = subscriber()
    them.uses(DECLINED)
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    overtaken("list", url="/v1/subscriptions")

    operation = accept_quote(them.account, quote.pk, by=alice)

    operation.refresh_from_db()
    assert operation.state == "waiting"
    assert another_goes_on(operation) == "done"
    assert len(stripe.all("invoice", status="open")) == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_overtaken_puts_nothing_off(subscriber, alice, overtaken):
    them = subscriber()
    overtaken("subscription")
    them.stripe.fail_next(StripeFault.ERROR, 30, method="POST")

    operation = cancel_subscription(them.account, by=alice)

    operation.refresh_from_db()
    assert (operation.state, operation.error_code) == ("waiting", "")
