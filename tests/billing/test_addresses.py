"""Addresses where somebody may pay are kept while somebody may have to, and no longer."""

from datetime import timedelta

import pytest

from billing.changes import accept_quote, undo_change
from billing.models import Operation
from billing.operations import start_checkout, withdraw_checkout
from billing.quotes import quote_upgrade
from billing.tasks import sweep_operations
from sandbox.testing import StripeFault
from tests.billing.shop import sell
from tests.billing.subscribers import ASKS, DECLINED, Subscriber, price

PAGE = "/organizations/harbour/billing/"
CHANGES = "/api/v1/organizations/harbour/subscription/changes"


@pytest.fixture
def awaited(subscriber, alice):
    """An upgrade that waits for its payment, and whose it is."""
    them = subscriber()
    them.uses(ASKS)
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    operation = them.does(accept_quote, quote.pk, by=alice)
    assert operation.url
    return them, operation


def shown_by_api(program_of, user, operation):
    return program_of(user).get(f"{CHANGES}/{operation.pk}").json()["url"]


def test_an_upgrade_that_was_paid_keeps_no_address(awaited, alice, program_of, browser_of):
    them, operation = awaited
    assert shown_by_api(program_of, alice, operation) == operation.url
    them.uses(DECLINED)
    assert shown_by_api(program_of, alice, operation) == operation.url

    them.pays(card="4242424242424242")

    assert shown_by_api(program_of, alice, operation) == ""
    page = browser_of(alice).get(f"{PAGE}?operation={operation.pk}").text
    assert "Your plan is changed." in page


def test_an_upgrade_that_was_called_off_keeps_no_address(awaited, alice, program_of, browser_of):
    them, operation = awaited

    them.does(undo_change, by=alice)

    assert shown_by_api(program_of, alice, operation) == ""
    page = browser_of(alice).get(f"{PAGE}?operation={operation.pk}").text
    assert "Your plan is changed." not in page


def test_an_upgrade_that_was_forgotten_keeps_no_address(awaited, clock):
    them, operation = awaited

    them.later(clock, hours=24)

    operation.refresh_from_db()
    assert operation.url == ""


@pytest.fixture
def checkout(harbour_account, alice, stripe, committed, clock):
    """A checkout that is open."""
    with committed():
        operation = start_checkout(harbour_account, price=sell(), by=alice)
    operation.refresh_from_db()
    harbour_account.refresh_from_db()
    assert operation.url
    return operation


def test_a_checkout_that_is_over_keeps_no_address_though_nobody_looks(checkout, clock):
    clock.shift(timedelta(minutes=59))
    sweep_operations()
    assert Operation.objects.get().url == checkout.url

    clock.shift(timedelta(minutes=2))
    sweep_operations()

    assert Operation.objects.get().url == ""


def test_a_checkout_that_was_withdrawn_keeps_no_address(checkout, harbour_account):
    withdraw_checkout(harbour_account)

    assert Operation.objects.get().url == ""


def test_a_checkout_that_was_paid_keeps_no_address_though_nobody_came_back(
    checkout, harbour_account, stripe, committed
):
    stripe.pay(checkout.url)
    Subscriber(harbour_account, stripe, committed).sync()

    assert Operation.objects.get().url == ""


def test_the_address_of_an_upgrade_outlives_a_copy_that_is_behind(subscriber, alice):
    them = subscriber()
    them.uses(ASKS)
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.stripe.fail_next(StripeFault.ERROR, 3, url="/v1/customers/")

    operation = them.does(accept_quote, quote.pk, by=alice)
    sweep_operations()

    assert them.subscription.pending_until is None
    assert Operation.objects.get().url == operation.url != ""
