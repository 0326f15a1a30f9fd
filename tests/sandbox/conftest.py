"""One sandbox for all tests here, put back as it was before each of them."""

import pytest
import stripe as library

from sandbox.testing import running_sandbox
from tests.sandbox.client import Client


@pytest.fixture(scope="session")
def _running():
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_running):
    _running.reset()
    return _running


@pytest.fixture
def ask(sandbox):
    """`ask(label, path)` as that token's owner; `ask(None, path)` as nobody."""
    return Client(sandbox)


@pytest.fixture
def stripe(sandbox):
    """Whatever a test does, answers and events are as Stripe's own library has them."""
    yield sandbox.stripe

    assert sandbox.stripe.misfits == []


@pytest.fixture
def ask_stripe(stripe):
    """Stripe's own library, without a second attempt: `ask_stripe.customers.create({…})`."""
    return client_of(stripe).v1


def client_of(stripe, key="sk_test_" + "any", **options):
    return library.StripeClient(key, base_addresses={"api": stripe.url}, **options)


@pytest.fixture
def price(ask_stripe):
    """A month of Team."""
    product = ask_stripe.products.create({"name": "Team 100k"})
    asked = {"currency": "eur", "unit_amount": 3000, "recurring": {"interval": "month"}}
    return ask_stripe.prices.create({**asked, "product": product.id})


@pytest.fixture
def customer(ask_stripe):
    return ask_stripe.customers.create({"email": "office@example.com", "name": "Harbour"})


@pytest.fixture
def session_for(ask_stripe, price):
    """`session_for(customer=…)`: an open Checkout session for a month of Team."""

    def create(**more):
        asked = {
            "mode": "subscription",
            "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "http://shop.example.com/paid?session_id={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.example.com/plans",
            **more,
        }
        return ask_stripe.checkout.sessions.create(asked)

    return create
