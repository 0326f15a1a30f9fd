"""Somebody who pays for an import."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from onboarding.models import Import
from tests.billing.shop import sell
from tests.factories import ImportFactory

SECRET = "whsec_" + "purchase"
HTMX = {"HX-Request": "true"}


@dataclass
class Purchase:
    """An import whose paid plan is chosen, the browser of its person, and Stripe."""

    import_: Import
    browser: Client
    stripe: Any
    committed: Any

    def page(self, name):
        return f"/imports/{self.import_.pk}/{name}"

    def press(self):
        with self.committed():
            return self.browser.post(self.page("create/"))

    def checkout(self):
        """The button is pressed; where the page that waits leads then."""
        self.press()
        return self.waits()["HX-Redirect"]

    def waits(self):
        """What the page that waits is told next."""
        return self.browser.get(self.page("payment/"), headers=HTMX)

    def comes_back(self, address):
        """From Stripe, with whatever that sets going."""
        parts = urlsplit(address)
        with self.committed():
            return self.browser.get(f"{parts.path}?{parts.query}")

    def pays(self):
        return self.stripe.pay(self.checkout())

    def is_told(self, *kinds):
        """What happened at Stripe since arrives here. The answers."""
        events = self.stripe.new_events(*kinds)
        path = "/billing/webhooks/stripe/"
        with self.committed():
            return self.stripe.deliver_to(Client(), SECRET, path, events)

    @property
    def session(self):
        return self.stripe.all("checkout.session")[-1]

    @property
    def state(self):
        self.import_.refresh_from_db()
        return self.import_.state


@pytest.fixture
def purchase(stripe, alice, browser_of, committed, settings):
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    price = sell(loc_limit=250_000, amount=8000)
    import_ = ImportFactory(
        ready=True, user=alice, key="contoso", plan="team", lookup_key=price.lookup_key
    )
    return Purchase(import_, browser_of(alice), stripe, committed)
