"""From choosing a price to an open checkout, rule by rule."""

import pytest
from django.utils import timezone

from billing import stripe_api
from billing.errors import AccountBusy, CurrencyFixed, SubscribedAlready
from billing.models import BillingAccount, Operation
from billing.operations import start_checkout, withdraw_checkout
from billing.running import run_operation
from sandbox.testing import StripeFault
from tests.billing.rows import AccountFactory, SubscriptionFactory
from tests.billing.shop import sell
from tests.billing.subscribers import Subscriber


@pytest.fixture
def account(stripe, alice):
    return AccountFactory(organization__owner=alice, customer_id="")


@pytest.fixture
def checkout(account, alice, committed):
    """`checkout(price)`: asked for, and carried out."""

    def start(price, **values):
        with committed():
            operation = start_checkout(account, price=price, by=alice, **values)
        operation.refresh_from_db()
        return operation

    return start


def test_a_checkout_is_opened_for_the_price_that_was_chosen(checkout, account, stripe):
    price = sell(loc_limit=250_000, amount=8000)

    operation = checkout(price, success="/thanks/", cancel="/back/")

    account.refresh_from_db()
    session = stripe.get("checkout.session", account.checkout_id)
    assert (operation.state, operation.url) == ("done", session["url"])
    assert session["customer"] == account.customer_id
    assert session["client_reference_id"] == str(account.pk)
    assert session["metadata"] == {"account": str(account.pk), "operation": str(operation.pk)}
    assert session["success_url"].endswith("/thanks/?session_id={CHECKOUT_SESSION_ID}")
    assert account.checkout_is_open


def test_asking_twice_is_asking_once(checkout, account, stripe):
    price = sell()

    first, second = checkout(price), checkout(price)

    assert first == second
    assert len(stripe.all("checkout.session")) == len(stripe.all("customer")) == 1


def test_two_presses_before_any_worker_came_are_one(account, alice):
    price = sell()

    assert start_checkout(account, price=price, by=alice) == start_checkout(
        account, price=price, by=alice
    )


def test_another_choice_waits_until_the_first_one_is_under_way(account, alice):
    start_checkout(account, price=sell(), by=alice)

    with pytest.raises(AccountBusy):
        start_checkout(account, price=sell(loc_limit=250_000), by=alice)


def dies(stripe, url):
    """Stripe does what it is asked, and nobody hears the answer."""
    stripe.fail_next(StripeFault.RESET_AFTER, 3, method="POST", url=url)


def tried_again(operation):
    Operation.objects.update(next_attempt_at=timezone.now())
    run_operation(operation.pk)
    operation.refresh_from_db()
    return operation.state, operation.error_code


def test_what_an_operation_that_died_has_made_is_the_customer_of_the_next(
    checkout, account, stripe
):
    dies(stripe, "/v1/customers")
    assert checkout(sell()).state == "waiting"
    withdraw_checkout(account)
    BillingAccount.objects.update(email="other@example.com")

    second = checkout(sell(loc_limit=250_000))

    assert (second.state, len(stripe.all("customer"))) == ("done", 1)
    assert BillingAccount.objects.get().customer_id == stripe.all("customer")[0]["id"]


def test_case_13_after_a_customer_was_deleted_another_one_is_made(
    checkout, account, stripe, committed
):
    checkout(sell())
    first = BillingAccount.objects.get().customer_id
    stripe_api.ask(lambda v1: v1.customers.delete(first))
    Subscriber(account, stripe, committed).sync()

    second = checkout(sell(loc_limit=250_000))

    assert second.state == "done", second.error
    assert BillingAccount.objects.get().customer_id not in ("", first)


def test_an_attempt_after_a_deployment_asks_for_the_same_checkout(checkout, stripe, settings):
    dies(stripe, "/v1/checkout/sessions")
    operation = checkout(sell())
    assert operation.state == "waiting"

    settings.BILLING_AUTOMATIC_TAX = not settings.BILLING_AUTOMATIC_TAX
    settings.SITE_URL = "https://mooring.example.com"

    assert tried_again(operation) == ("done", "")
    assert len(stripe.all("checkout.session")) == 1


def test_an_earlier_checkout_is_ended_before_another_one_is_opened(checkout, account, stripe):
    checkout(sell())
    checkout(sell(loc_limit=250_000))

    account.refresh_from_db()
    before, now = stripe.all("checkout.session")
    assert (before["status"], now["status"]) == ("expired", "open")
    assert account.checkout_id == now["id"]


@pytest.mark.parametrize("used", [False, True])
def test_a_trial_is_given_once(checkout, account, stripe, used):
    if used:
        BillingAccount.objects.update(trial_used_at=account.created_at)

    checkout(sell())

    (session,) = sessions_asked_for(stripe)
    days = session["subscription_data"].get("trial_period_days")
    assert days == (None if used else 14)


def sessions_asked_for(stripe):
    with stripe.world.lock:
        return [session["_params"] for session in stripe.world.all("checkout.session")]


def test_who_pays_already_buys_nothing_more(account, alice):
    SubscriptionFactory(account=account, status="past_due")

    with pytest.raises(SubscribedAlready):
        start_checkout(account, price=sell(), by=alice)

    assert not Operation.objects.exists()


def test_a_purchase_keeps_to_the_currency_of_the_one_before(account, alice):
    BillingAccount.objects.update(currency="usd")

    with pytest.raises(CurrencyFixed):
        start_checkout(account, price=sell(), by=alice)


def test_a_checkout_that_was_withdrawn_can_be_paid_no_more(checkout, account, stripe):
    checkout(sell())

    withdraw_checkout(account)

    account.refresh_from_db()
    assert stripe.all("checkout.session")[0]["status"] == "expired"
    assert not account.checkout_is_open


def test_what_no_worker_has_begun_yet_is_withdrawn_too(account, alice, stripe):
    operation = start_checkout(account, price=sell(), by=alice)

    withdraw_checkout(account)
    run_operation(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.error_code) == ("failed", "checkout-withdrawn")
    assert stripe.all("checkout.session") == []
