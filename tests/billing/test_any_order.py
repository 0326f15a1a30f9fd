"""However the events of a story come (late, twice, in any order, some never, while another worker
is busy), our copy ends as if we had looked once at the end.
"""

from contextlib import ExitStack

from django.core.cache import cache
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from billing import events, reconciling
from billing.events import keep_event, read_event
from billing.models import (
    BillingAccount,
    CatalogPrice,
    Invoice,
    Operation,
    StripeEvent,
    Subscription,
    TrialCard,
)
from billing.turns import account_turn
from tests.billing.conftest import buyer_of
from tests.billing.staff import stripe_v1
from tests.factories import OrganizationFactory
from tests.sandbox.stripe_cast import AFTER_KEEPING, GOOD

# Of our own making, and when we looked.
OURS = {"id", "synced_at", "wanted_at", "lease", "leased_until", "account_id", "used_at"}


STEPS = ("tries", "pays", "upgrades", "fails", "recovers", "leaves", "is_gone", "returns", "twice")


class Story:
    """What happens to one subscription, step by step."""

    def __init__(self, buyer):
        self.buyer, self.v1 = buyer, stripe_v1(buyer)
        self.small, self.large = buyer.sells(100_000, 3200), buyer.sells(250_000, 7500)
        self.bought = None

    def tries(self):
        self.bought = self.buyer.buys(self.small, trial_period_days=14)

    def pays(self):
        self.buyer.shop.advance(days=15)

    def upgrades(self):
        items = [{"id": self.bought["items"]["data"][0]["id"], "price": self.large["id"]}]
        change = {"items": items, "proration_behavior": "always_invoice"}
        self.v1.subscriptions.update(self.bought["id"], change)

    def fails(self):
        self.buyer.shop.give_card(self.buyer.customer, AFTER_KEEPING)
        self.buyer.shop.advance(days=32)

    def recovers(self):
        self.buyer.shop.give_card(self.buyer.customer, GOOD)
        self.buyer.shop.advance(days=10)

    def leaves(self):
        self.v1.subscriptions.update(self.bought["id"], {"cancel_at_period_end": True})

    def is_gone(self):
        self.buyer.shop.advance(days=32)

    def returns(self):
        self.bought = self.buyer.buys(self.large)

    def twice(self):
        self.buyer.shop.advance(hours=1)
        self.buyer.checks_out(self.large)


def copy_of(account):
    """All that we know of an account, but when we came to know it, and of the cards of its trial
    those that it has no more.
    """

    def rows(found):
        return sorted(
            ({k: v for k, v in row.items() if k not in OURS} for row in found.values()), key=str
        )

    return {
        "account": rows(BillingAccount.objects.filter(pk=account.pk)),
        "subscriptions": rows(Subscription.objects.filter(account=account)),
        "invoices": rows(Invoice.objects.filter(account=account)),
        "refunds": [each.params for each in account.operations.filter(kind="refund")],
    }


def looked_at_once(buyer):
    """The same for a copy that is made from nothing but what was asked for."""
    account = buyer.account
    checkouts = list(account.operations.filter(kind="checkout"))
    for model in (Subscription, Invoice, TrialCard, Operation):
        model.objects.filter(account=account).delete()
    BillingAccount.objects.filter(pk=account.pk).delete()
    fresh = BillingAccount(
        pk=account.pk, organization=buyer.organization, customer_id=buyer.customer["id"]
    )
    fresh.created_at = account.created_at
    fresh.save(force_insert=True)
    Operation.objects.bulk_create(checkouts)
    buyer.sync()
    return copy_of(account)


def handle(event_id, buyer, is_busy):
    with ExitStack() as other:
        if is_busy:
            other.enter_context(account_turn(buyer.account.pk))
        delay = events.handle_event(event_id)
        assert delay is None or is_busy


@settings(
    max_examples=10,
    deadline=None,
    # Shrinking would tell the whole story again some hundred times.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chance=st.randoms(use_true_random=False), length=st.integers(1, len(STEPS)))
def test_any_order_ends_in_the_same_state(stripe, db, chance, length):
    forget_everything(stripe)
    buyer = buyer_of(stripe, OrganizationFactory())
    story, waiting = Story(buyer), []
    for step in STEPS[:length]:
        getattr(story, step)()
        for told in stripe.new_events():
            waiting += [told] * chance.choice((0, 1, 1, 2))
        chance.shuffle(waiting)
        come = chance.randint(0, len(waiting))
        deliver(waiting[:come], buyer, chance)
        waiting = waiting[come:]
    deliver(waiting, buyer, chance)

    reconcile(buyer)

    assert not StripeEvent.objects.waiting().exists()
    assert copy_of(buyer.account) == looked_at_once(buyer)


def forget_everything(stripe):
    """Examples share a database, and a clock that none may turn for the next one."""
    stripe.reset()
    cache.delete(reconciling.SEEN_UNTIL)
    for model in (TrialCard, StripeEvent, CatalogPrice):
        model.objects.all().delete()


def deliver(told, buyer, chance):
    for said in told:
        event = read_event(said)
        keep_event(event)
        if chance.random() < 0.5:
            handle(event.pk, buyer, is_busy=chance.random() < 0.3)


def reconcile(buyer):
    """What comes every hour, and finds what was never delivered or never worked on."""
    reconciling.find_missed_events()
    for event_id in StripeEvent.objects.waiting().values_list("pk", flat=True):
        handle(event_id, buyer, is_busy=False)
