"""A process that dies at any moment of an upgrade, or while it is told what happened at Stripe.

What was committed before stays, and what Stripe has done by then is done. Nobody is charged twice
for that, and nobody who paid is left with what was had before.
"""

import pytest
from django.test import Client

from billing import stripe_api
from billing.changes import accept_quote, plan_change
from billing.models import Invoice, Operation, Subscription
from billing.quotes import quote_upgrade
from billing.tasks import reconcile_events
from billing.webhooks import PATH
from organizations.models import AuditEvent
from tests.billing.rows import AccountFactory, OperationFactory
from tests.billing.shop import forget_customers
from tests.billing.subscribers import Subscriber, price, subscribe
from tests.deaths import deaths, dying, look_after

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "whsec_" + "upgrade"


@pytest.fixture
def lives(stripe, alice, committed, clock, settings):
    """`for them, death in lives(): …`: a subscriber of its own for each moment of death."""
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]

    def begin():
        for death in deaths():
            forget_customers(stripe)
            account = AccountFactory(organization__owner=alice, customer_id="")
            them = Subscriber(account, stripe, committed)
            subscribe(them, price(250_000))
            stripe.new_events()
            yield them, death

    return begin


def declines(them):
    """The card, whatever is asked of it from now on."""
    customer = them.stripe.get("customer", them.account.customer_id)
    method = customer["invoice_settings"]["default_payment_method"]
    them.stripe.behave(method, "declined")


def accept(them, quote, by):
    with them.committed():
        accept_quote(them.account, quote.pk, by=by)


def assert_upgraded_once(them, quote):
    """Here and there."""
    assert [each["total"] for each in them.invoices()] == [7500, quote.total]
    charges = them.stripe.all("charge", customer=them.account.customer_id, status="succeeded")
    assert [each["amount"] for each in charges] == [7500, quote.amount_due]
    copies = Invoice.objects.filter(account=them.account, status="paid")
    assert sorted(copies.values_list("amount_paid", flat=True)) == sorted([7500, quote.amount_due])
    [done] = Operation.objects.filter(account=them.account, kind="upgrade")
    assert (done.state, done.quote) == ("done", quote)
    now = them.subscription
    assert (now.loc_limit, now.status, now.pending_until) == (500_000, "active", None)
    assert (now.next_lookup_key, them.there["schedule"]) == ("", None)
    assert not AuditEvent.objects.filter(action="billing.charge_differs").exists()


@pytest.mark.parametrize("planned", [False, True], ids=["nothing planned", "less is planned"])
def test_killed_while_an_upgrade_is_accepted_and_done(lives, alice, planned):
    for them, death in lives():
        if planned:
            them.does(plan_change, price(), by=alice)
        quote = quote_upgrade(them.account, price(500_000), by=alice)

        with dying(death):
            accept(them, quote, alice)

        look_after(2)
        # Who never got as far as an answer presses again; to all others that changes nothing.
        accept(them, quote, alice)
        look_after(62)
        assert_upgraded_once(them, quote)

    assert death.traces > 8


def test_killed_while_a_card_is_declined(lives, alice):
    for them, death in lives():
        quote = quote_upgrade(them.account, price(500_000), by=alice)
        declines(them)

        with dying(death):
            accept(them, quote, alice)

        look_after(2)
        accept(them, quote, alice)
        look_after(4)
        assert them.subscription.loc_limit == 250_000
        [open_one] = them.invoices(status="open")
        [asked] = Operation.objects.filter(account=them.account, kind="upgrade")
        assert asked.url == open_one["hosted_invoice_url"]
        them.stripe.pay(open_one["hosted_invoice_url"])
        look_after(62, reconcile_events)
        assert_upgraded_once(them, quote)

    assert death.traces > 8


def test_killed_while_the_payment_of_an_upgrade_is_told_of(lives, alice):
    for them, death in lives():
        declines(them)
        quote = quote_upgrade(them.account, price(500_000), by=alice)
        accept(them, quote, alice)
        them.stripe.pay(them.invoices(status="open")[0]["hosted_invoice_url"])

        with dying(death):
            is_told(them, "invoice.paid")

        # What was never answered, Stripe has still.
        look_after(62, reconcile_events)
        assert_upgraded_once(them, quote)

    assert death.traces > 8


def is_told(them, kind):
    events = them.stripe.new_events(kind)
    assert len(events) == 1
    with them.committed():
        them.stripe.deliver_to(Client(), SECRET, PATH, events)


def test_killed_while_a_second_purchase_is_told_of(lives, clock):
    for them, death in lives():
        first = them.subscription
        clock.shift(60)
        second = buys_again(them)

        with dying(death):
            is_told(them, "customer.subscription.created")

        look_after(62, reconcile_events)
        # What was found only then is done by the next sweep.
        look_after(64)
        assert_given_back_once(them, first, second)

    assert death.traces > 8


def buys_again(them):
    """In another window, at the end of another checkout."""
    checkout = OperationFactory(account=them.account, kind="checkout")
    named = {"account": str(them.account.pk), "operation": str(checkout.pk)}
    items = [{"price": price(500_000).price_id}]
    params = {"customer": them.account.customer_id, "items": items, "metadata": named}
    return stripe_api.ask(lambda v1: v1.subscriptions.create(params))["id"]


def assert_given_back_once(them, first, second):
    charges = them.stripe.all("charge", customer=them.account.customer_id)
    taken = {each["amount"]: each["amount_refunded"] for each in charges}
    assert (len(charges), taken) == (2, {7500: 0, 14_500: 14_500})
    assert them.stripe.get("subscription", second)["status"] == "canceled"
    live = Subscription.objects.live().get(account=them.account)
    assert (live, live.status, live.loc_limit) == (first, "active", 250_000)
    assert [each.state for each in them.account.operations.filter(kind="refund")] == ["done"]
