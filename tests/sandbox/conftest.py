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
