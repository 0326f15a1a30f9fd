"""However the events of a story come (late, twice, in any order, some never), and though two real
workers handle them at once, our copy ends as if we had looked once at the end.

ORDERS stories are told, each in an order of its own that is drawn by lot.
"""

import os
from random import Random

import pytest
from django.core.cache import cache
from django.test import Client

from billing import reconciling
from billing.models import (
    BillingAccount,
    Invoice,
    StripeEvent,
    Subscription,
    TrialCard,
)
from billing.tasks import handle_event, reconcile_events
from billing.webhooks import PATH
from tests.billing.conftest import buyer_of
from tests.billing.shop import forget_customers
from tests.billing.staff import stripe_v1
from tests.factories import OrganizationFactory
from tests.workers import two_workers, wait_until

ORDERS = int(os.environ.get("ORDERS", "8"))
# Stories that are told at the same time, so that all have to do with each other's events.
AT_ONCE = 4
LONGEST = max(300, 20 * ORDERS)
SECRET = "whsec_" + "orders"
# Of our own making, and when we looked.
OURS = {"id", "synced_at", "wanted_at", "lease", "leased_until", "account_id", "used_at"}
STEPS = ("tries", "pays", "upgrades", "fails", "recovers", "leaves", "is_gone", "returns", "twice")
# How long the next step takes to come, in hours.
HOURS = {"pays": 15 * 24, "fails": 32 * 24, "recovers": 10 * 24, "is_gone": 32 * 24, "returns": 1}


class Story:
    """What happens to one subscription, step by step, of which the last ones may not come."""

    def __init__(self, buyer, prices, chance):
        self.buyer, self.v1, self.chance = buyer, stripe_v1(buyer), chance
        self.small, self.large = prices
        self.steps = STEPS[: chance.randint(1, len(STEPS))]
        self.bought, self.waiting = None, []
        # Checkout leaves the card with the subscription.
        self.card = buyer.customer["invoice_settings"]["default_payment_method"]
        method = buyer.find("payment_method", {"id": self.card})
        method["card"]["fingerprint"] = f"card-of-{buyer.customer['id']}"

    def goes_on(self, step):
        if step in self.steps and (act := getattr(self, step, None)):
            act()

    def tries(self):
        card = {"default_payment_method": self.card}
        self.bought = self.buyer.buys(self.small, trial_period_days=14, **card)

    def upgrades(self):
        items = [{"id": self.bought["items"]["data"][0]["id"], "price": self.large["id"]}]
        change = {"items": items, "proration_behavior": "always_invoice"}
        self.v1.subscriptions.update(self.bought["id"], change)

    def fails(self):
        self.buyer.stripe.behave(self.card, "declined")

    def recovers(self):
        self.buyer.stripe.behave(self.card, "pays")

    def leaves(self):
        self.v1.subscriptions.update(self.bought["id"], {"cancel_at_period_end": True})

    def returns(self):
        self.bought = self.buyer.buys(self.large)

    def twice(self):
        self.buyer.checks_out(self.large)


def copy_of(account):
    """All that we know of an account, but when we came to know it."""

    def rows(found):
        return sorted(
            ({k: v for k, v in row.items() if k not in OURS} for row in found.values()), key=str
        )

    return {
        "account": rows(BillingAccount.objects.filter(pk=account.pk)),
        "subscriptions": rows(Subscription.objects.filter(account=account)),
        "invoices": rows(Invoice.objects.filter(account=account)),
        "trial cards": rows(TrialCard.objects.filter(account=account)),
        "refunds": [each.params for each in account.operations.filter(kind="refund")],
    }


def looked_at_once(buyer):
    """The same for a copy that is made from nothing but what was asked for."""
    account = buyer.account
    asked = list(account.operations.exclude(kind="refund"))
    for model in (Subscription, Invoice, TrialCard):
        model.objects.filter(account=account).delete()
    account.operations.all().delete()
    BillingAccount.objects.filter(pk=account.pk).delete()
    fresh = BillingAccount(
        pk=account.pk, organization=buyer.organization, customer_id=buyer.customer["id"]
    )
    fresh.created_at = account.created_at
    fresh.save(force_insert=True)
    for each in asked:
        each.save(force_insert=True)
    buyer.sync()
    return copy_of(account)


def deliver(stripe, told, chance):
    """Stripe does, or the broker what it has queued already: either may do so once more."""
    stripe.deliver_to(Client(), SECRET, PATH, told)
    for each in told:
        if chance.random() < 0.3:
            handle_event.delay(event_id=each["id"])


def begin(stripe, chance):
    """New customers, on a clock that none may turn for the next ones."""
    forget_customers(stripe)
    cache.delete(reconciling.SEEN_UNTIL)
    buyers = [buyer_of(stripe, OrganizationFactory()) for _ in range(AT_ONCE)]
    prices = [dict(each) for each in stripe.world.all("price")]
    return [Story(buyer, prices, chance) for buyer in buyers]


def tell(stripe, workers, number):
    """Some stories, step by step, while what is told of them comes at its own time. The workers are
    done with it before every other step, and in the middle of it when the rest come.
    """
    chance = Random(number)
    stories, waiting = begin(stripe, chance), []
    for turn, step in enumerate(STEPS, number):
        for story in stories:
            story.goes_on(step)
        stories[0].buyer.shop.advance(hours=HOURS.get(step, 0))
        for told in stripe.new_events():
            waiting += [told] * chance.choice((0, 1, 1, 2))
        chance.shuffle(waiting)
        come = chance.randint(0, len(waiting))
        deliver(stripe, waiting[:come], chance)
        waiting = waiting[come:]
        if turn % 2:
            workers.finish()
    deliver(stripe, waiting, chance)
    return [story.buyer for story in stories]


@pytest.fixture
def workers(transactional_db, stripe, settings, monkeypatch, tmp_path):
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    with two_workers(settings, monkeypatch, tmp_path) as both:
        yield both


@pytest.mark.timeout(LONGEST)
def test_any_order_ends_in_the_same_state(workers, stripe):
    seller = buyer_of(stripe, OrganizationFactory())
    seller.sells(100_000, 3200), seller.sells(250_000, 7500)

    for number in range(-(-ORDERS // AT_ONCE)):
        buyers = tell(stripe, workers, number)
        workers.finish()
        # Every hour, and finds what was never delivered.
        reconcile_events()
        wait_until(lambda: not StripeEvent.objects.waiting().exists(), "An event was left over.")
        workers.finish()
        for buyer in buyers:
            assert copy_of(buyer.account) == looked_at_once(buyer), number

    assert min(workers.done) > 0
    assert workers.broke() == []
