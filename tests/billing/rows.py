"""Rows of billing for tests."""

from datetime import timedelta

import factory
from django.utils import timezone

from billing.models import (
    BillingAccount,
    CatalogPrice,
    Invoice,
    Operation,
    Quote,
    StripeEvent,
    Subscription,
)
from tests.factories import OrganizationFactory, PriceFactory


class AccountFactory(factory.django.DjangoModelFactory):
    """Of an organization, unless None is given."""

    class Meta:
        model = BillingAccount

    organization = factory.SubFactory(OrganizationFactory)
    customer_id = factory.Sequence(lambda n: f"cus_{n}")
    email = "billing@example.com"


class SubscriptionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subscription

    account = factory.SubFactory(AccountFactory)
    stripe_id = factory.Sequence(lambda n: f"sub_{n}")
    status = "active"
    known_status = factory.SelfAttribute("status")
    plan = "team"
    loc_limit = 250_000
    interval = "month"
    currency = "eur"
    amount = 7500
    period_start = factory.LazyFunction(timezone.now)
    period_end = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))


class InvoiceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Invoice

    account = factory.SubFactory(AccountFactory)
    stripe_id = factory.Sequence(lambda n: f"in_{n}")
    number = factory.Sequence(lambda n: f"HARBOUR-{n:04}")
    status = "paid"
    total = amount_due = amount_paid = 7500
    currency = "eur"
    created_at = factory.LazyFunction(timezone.now)


class EventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StripeEvent

    stripe_id = factory.Sequence(lambda n: f"evt_{n}")
    type = "customer.subscription.updated"
    is_live = False
    created_at = factory.LazyFunction(timezone.now)


class OperationFactory(factory.django.DjangoModelFactory):
    """One that is done."""

    class Meta:
        model = Operation

    account = factory.SubFactory(AccountFactory)
    kind = "cancel"
    state = "done"
    channel = "page"


def on_trial(organization):
    """A subscription whose plan can be quoted and changed without asking Stripe, since nobody is
    a customer there; and a price for that.
    """
    if not CatalogPrice.objects.exists():
        PriceFactory(loc_limit=500_000, amount=14_500)
    return SubscriptionFactory(
        account__organization=organization,
        account__customer_id="",
        status="trialing",
        trial_end=timezone.now() + timedelta(days=10),
        currency="eur",
    )


class QuoteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Quote

    account = factory.SelfAttribute("subscription.account")
    subscription = factory.SubFactory(SubscriptionFactory)
    price = factory.SubFactory(
        PriceFactory,
        loc_limit=factory.Sequence(lambda n: 100_000 + n),
        lookup_key=factory.Sequence(lambda n: f"team-quoted-{n}"),
    )
    price_before = "price_before"
    proration_date = factory.LazyFunction(timezone.now)
    currency = "eur"
    subtotal = total = amount_due = 4300
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=15))
