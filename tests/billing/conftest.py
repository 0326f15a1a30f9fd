"""Somebody who buys at the sandbox's Stripe, and our account of them."""

from dataclasses import dataclass
from typing import Any

import pytest

from billing.models import BillingAccount, Subscription
from billing.operations import start_checkout
from billing.syncing import sync_account
from billing.turns import account_turn
from billing.webhooks import PATH
from organizations.models import Organization
from tests.billing.desk import WHY, act_on
from tests.billing.rows import AccountFactory, OperationFactory
from tests.billing.shop import sell
from tests.billing.subscribers import Subscriber, price, subscribe
from tests.factories import OrganizationFactory, PriceFactory, UserFactory
from tests.sandbox.stripe_cast import Shop


@dataclass
class Buyer:
    """What happens at Stripe about one account, and how our copy comes to know of it."""

    shop: Shop
    stripe: Any
    organization: Organization
    account: BillingAccount
    customer: dict[str, Any]

    def sells(self, loc_limit=250_000, amount=7500, interval="month", **catalogue):
        """A price at Stripe that is in our catalogue."""
        price = self.shop.price(amount, interval)
        PriceFactory(
            loc_limit=loc_limit,
            amount=amount,
            interval=interval,
            price_id=price["id"],
            lookup_key=f"team-{loc_limit // 1000}k-{interval}-eur-v1",
            **catalogue,
        )
        return price

    def buys(self, price=None, **more):
        return self.shop.subscribe(self.customer, price or self.sells(), **more)

    def checks_out(self, price=None):
        """As `buys`, at the end of a checkout of ours."""
        checkout = OperationFactory(account=self.account, kind="checkout")
        named = {"account": str(self.account.pk), "operation": str(checkout.pk)}
        return self.buys(price, metadata=named)

    def sync(self):
        with account_turn(self.account.pk) as account:
            sync_account(account)
        self.account.refresh_from_db()

    @property
    def subscription(self):
        """Our copy of the live one."""
        return Subscription.objects.live().get(account=self.account)

    def find(self, kind, thing):
        return self.shop.world.get(kind, thing["id"])


@pytest.fixture
def buyer(stripe, alice):
    """Alice's organization, whose customer has a good card and has bought nothing."""
    return buyer_of(stripe, OrganizationFactory(key="harbour", owner=alice))


def buyer_of(stripe, organization):
    shop = Shop(stripe.world)
    account = AccountFactory(organization=organization, customer_id="")
    metadata = {"account": str(account.pk)}
    customer = shop.customer(email="billing@example.com", name="Harbour", metadata=metadata)
    account.customer_id = customer["id"]
    account.save()
    return Buyer(shop, stripe, organization, account, customer)


@pytest.fixture
def on_sale(stripe, db):
    """What `checkout` sells: Team's second tier."""
    return sell(loc_limit=250_000, amount=7500)


@pytest.fixture
def checkout(on_sale, alice, committed):
    """`checkout(buyer)`: the address of a checkout that was opened for them."""

    def start(buyer):
        with committed():
            operation = start_checkout(buyer.account, price=on_sale, by=alice)
        operation.refresh_from_db()
        return operation.url

    return start


@pytest.fixture
def deliver(client, settings, committed):
    """`deliver(buyer.stripe.new_events())`: they come in this order, and are worked on."""

    def send(stripe, told):
        with committed():
            statuses = stripe.deliver_to(client, settings.STRIPE_WEBHOOK_SECRETS[0], PATH, told)
        assert set(statuses) <= {200}

    return send


@pytest.fixture
def harbour_account(stripe, alice):
    """Alice's organization's, with nobody at Stripe yet."""
    return AccountFactory(organization__owner=alice, organization__key="harbour", customer_id="")


@pytest.fixture
def support(db):
    return UserFactory(email="support@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(browser_of, support):
    return browser_of(support)


@pytest.fixture
def does(desk, committed):
    """`does(row, "resync")`: support acts with a reason, and workers do what follows."""

    def act(row, name, **typed):
        with committed():
            return desk.post(act_on(row, name), {**WHY, **typed})

    return act


@pytest.fixture
def browser(browser_of, alice):
    return browser_of(alice)


@pytest.fixture
def watcher(browser_of, db):
    """The browser of staff, who may see what is wrong."""
    return browser_of(UserFactory(email="support@example.com", is_staff=True))


@pytest.fixture
def clock(time_machine):
    """One time for us and for Stripe: a Thursday in November, and it ticks."""
    time_machine.move_to("2026-11-26T12:00:00Z", tick=True)
    return time_machine


@pytest.fixture
def subscriber(harbour_account, stripe, committed, clock):
    """`subscriber()`: it pays for Team's smallest tier by the month, or for what is named."""

    def make(loc_limit=100_000, interval="month", **values):
        subscriber = Subscriber(harbour_account, stripe, committed)
        subscribe(subscriber, price(loc_limit, interval), **values)
        return subscriber

    return make
