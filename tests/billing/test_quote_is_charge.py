"""CHANGES changes of plan, each quoted, accepted, carried out and copied, by way of the API that
owners have: what the quote said is what was charged, to the cent.

Days, tiers, currencies, credit, taxes, discounts and cards are drawn by lot, the same in each run.
A quote may be refused only where something happened since that speaks against it, and costs
nothing then.
"""

import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from billing import stripe_api
from billing.catalogue import catalogue
from billing.cataloguing import carry_out, steps_needed
from billing.directions import Way, kind_of_change
from billing.models import QUOTE_LIFE, CatalogPrice
from tests.billing.rows import AccountFactory
from tests.billing.shop import forget_customers, sell
from tests.billing.subscribers import Subscriber, subscribe
from tests.factories import OrganizationFactory
from tests.sandbox.stripe_cast import ASKS, GOOD

CHANGES = int(os.environ.get("CHANGES", "60"))
SHARDS = 4
LONGEST = max(900, CHANGES)
# Longer ones have more invoices to copy each time, and meet nothing new.
OF_ONE_LIFE = 8
STARTS = [
    datetime(2027, 1, 31, tzinfo=UTC),
    datetime(2027, 8, 31, 12, 30, tzinfo=UTC),
    datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 28, tzinfo=UTC),
    datetime(2028, 2, 29, 3, 25, 45, tzinfo=UTC),
    datetime(2028, 3, 30, 1, 59, 59, tzinfo=UTC),
]
# Around the end of a period, in seconds. Its invoice is a draft for an hour.
AT_THE_END = (-900, -61, -1, 0, 1, 1800, 3599, 3601, 7200)
LONGEST_WAITS = (1, 86_400, 10 * 86_400, 45 * 86_400)
CREDIT = (0, 0, 0, 0, -1, -700, -4280, -25_000, 37)
CARDS = ("pays", "pays", "pays", "pays", "declined", "asks")
AMOUNTS = ("subtotal", "total", "amount_due")


class Shop:
    """The catalogue as it is sold, and what was sold before it at odder prices."""

    def __init__(self):
        carry_out(catalogue(), steps_needed(catalogue()))
        for number, now in enumerate(list(CatalogPrice.objects.all())):
            values = {"loc_limit": now.loc_limit, "interval": now.interval}
            odd = {"amount": now.amount * 7 // 9 + number, "version": 0, "is_sold": False}
            sell(currency=now.currency, **values, **odd)
        self.prices = list(CatalogPrice.objects.all())

    def sold(self, currency):
        return [each for each in self.prices if each.currency == currency and each.is_sold]


class Life:
    """An organization that pays, from some day on, and its program."""

    def __init__(self, number, shop, them, program, clock):
        self.number, self.chance, self.shop = number, Random(number), shop
        self.them, self.program, self.clock = them, program, clock
        self.world, self.ends = them.stripe.world, Counter()
        self.address = f"/api/v1/organizations/{them.account.organization.key}/"

    # What happens to it

    def begins(self):
        lot = self.chance
        some = STARTS[0] + timedelta(seconds=lot.randrange(2 * 365 * 86_400))
        self.clock.move_to(lot.choice([*STARTS, some]), tick=False)
        forget_customers(self.them.stripe)
        currency = lot.choice(["eur", "usd", "gbp"])
        prices = [each for each in self.shop.prices if each.currency == currency]
        # Rather a small one: from there are more ways up.
        first = min(lot.sample(prices, 3), key=size)
        more = {"trial_period_days": 14} if lot.random() < 0.1 else {}
        if lot.random() < 0.3:
            off = {"percent_off": lot.choice([12.5, 33.3, 50, 100]), "duration": "forever"}
            coupon = stripe_api.ask(lambda v1: v1.coupons.create(off))
            more["discounts"] = [{"coupon": coupon["id"]}]
        subscribe(self.them, first, **more)
        if lot.random() < 0.4:
            self.pays_taxes(lot.choice(["DE", "CH"]))

    def pays_taxes(self, country):
        with self.world.lock:
            self.customer["address"] = {"country": country}
            self.there["automatic_tax"] = self.there["automatic_tax"] | {"enabled": True}

    @property
    def customer(self):
        return self.world.get("customer", self.them.account.customer_id)

    @property
    def there(self):
        return self.world.get("subscription", self.them.subscription.stripe_id)

    @property
    def period_end(self):
        return datetime.fromtimestamp(self.there["items"]["data"][0]["current_period_end"], UTC)

    def has_credit(self, balance):
        with self.world.lock:
            self.customer["balance"] = balance

    def waits(self):
        lot, now = self.chance, timezone.now()
        if lot.random() < 0.3:
            self.goes_to(self.period_end + timedelta(seconds=lot.choice(AT_THE_END)))
        else:
            self.goes_to(now + timedelta(seconds=lot.randrange(lot.choice(LONGEST_WAITS))))

    def goes_to(self, moment):
        """Whatever is due until then happens, and we have not heard of it."""
        self.clock.move_to(max(moment, timezone.now()), tick=False)
        self.them.stripe.advance()

    def basis(self):
        """What a quote is made of, as Stripe has it, credit last."""
        item = self.there["items"]["data"][0]
        since = item["current_period_start"]
        return item["price"]["id"], since, self.there["status"], self.customer["balance"]

    def knows_all(self):
        """Whether our copy is what it is a copy of."""
        mine = self.them.subscription
        since = int(mine.period_start.timestamp())
        return (mine.price_id, since, mine.status) == self.basis()[:3]

    def books(self):
        """The ids of its invoices, what was charged in all, and its balance."""
        invoices = {each["id"] for each in self.world.all("invoice")}
        charges = self.world.all("charge", status="succeeded")
        return invoices, sum(each["amount"] for each in charges), self.customer["balance"]

    # What is asked for

    def goes_on(self):
        """Something is changed."""
        self.waits()
        self.has_credit(self.chance.choice(CREDIT))
        lot = self.chance
        if not self.knows_all() and lot.random() < 0.9:
            self.them.sync()
        now, later = self.choices()
        if now and (not later or lot.random() < 0.95):
            self.upgrades(min(lot.sample(now, min(3, len(now))), key=size))
        else:
            self.plans(lot.choice(later), waits=not now)

    def choices(self):
        """What can be had now, and what with the next period."""
        current = self.them.subscription
        ways = {Way.NOW: [], Way.LATER: [], Way.NONE: []}
        for price in self.shop.sold(current.currency):
            way = kind_of_change(current, price, on_trial=current.status == "trialing")
            ways[way].append(price)
        return ways[Way.NOW], ways[Way.LATER]

    def plans(self, price, *, waits):
        """Less, from the next period on."""
        asked = self.asks("changes", {"kind": "downgrade", **named(price)})
        assert asked.status_code == 202, (self.number, asked.json())
        self.ends["planned"] += 1
        if waits:
            self.goes_to(self.period_end + timedelta(hours=2))
            self.them.sync()
            assert self.them.subscription.price_id == price.price_id, self.number

    def upgrades(self, price):
        before, basis, knew_all = self.books(), self.basis(), self.knows_all()
        quoted = self.asks("quotes", named(price))
        if quoted.status_code != 201:
            assert not knew_all, (self.number, quoted.json())
            self.is_refused(quoted.json()["code"], before)
            return
        late = self.dawdles()
        self.card(self.chance.choice(CARDS))
        before, as_before = self.books(), self.basis() == basis and knew_all and not late
        done = self.accepts(quoted.json())
        if done["state"] == "done":
            self.compare(quoted.json(), before, done["url"])
        else:
            assert not as_before, (self.number, done)
            self.is_refused(done["error_code"], before)
        self.card("pays")

    def dawdles(self):
        """Until whoever asked has read the quote. Whether that took too long."""
        seconds = self.chance.choice([0, 1, 59, 600, 899] * 4 + [900, 1000])
        self.goes_to(timezone.now() + timedelta(seconds=seconds))
        if self.chance.random() < 0.05:
            self.has_credit(self.chance.choice(CREDIT))
        return seconds >= 900

    def card(self, behaviour):
        method = self.customer["invoice_settings"]["default_payment_method"]
        self.them.stripe.behave(method, behaviour)

    def accepts(self, quote):
        """How the change stands in the end."""
        asked = self.asks("changes", {"kind": "upgrade", "quote": quote["id"]})
        said = asked.json()
        if asked.status_code != 202:
            return {"state": "refused", "error_code": said["code"]}
        return self.program.get(f"{self.address}subscription/changes/{said['id']}").json()

    def is_refused(self, code, before):
        assert self.books() == before, (self.number, code)
        self.ends[f"refused, {code}"] += 1
        self.them.sync()

    def compare(self, quote, before, to_pay):
        """Word by word what was promised with what came of it."""
        if to_pay and self.chance.random() < 0.2:
            self.is_never_paid(before)
            return
        if to_pay:
            self.them.pays(card=self.chance.choice([GOOD, ASKS]))
        invoices, charged, balance = self.books()
        made = invoices - before[0]
        assert charged - before[1] == quote["amount_due"], self.number
        assert balance - before[2] == quote["credit"] + quote["carried_over"], self.number
        if self.there["status"] == "trialing":
            assert (quote["total"], quote["amount_due"], made) == (0, 0, set()), self.number
            self.ends["on trial"] += 1
        else:
            self.compare_invoice(quote, *made)
            self.ends["charged"] += 1
            self.ends["by card"] += quote["amount_due"] > 0
        now = self.them.subscription
        assert (now.loc_limit, now.interval) == (quote["loc_limit"], quote["interval"])
        assert abs(now.period_end - datetime.fromisoformat(quote["next_at"])) < QUOTE_LIFE

    def compare_invoice(self, quote, made):
        theirs = self.them.stripe.get("invoice", made)
        listed = self.program.get(f"{self.address}invoices").json()["results"]
        ours = next(each for each in listed if each["id"] == made)
        lines = [each["amount"] for each in theirs["lines"]["data"]]
        off = sum(each["amount"] for each in theirs["total_discount_amounts"] or [])
        taxes = sum(each["amount"] for each in theirs["total_taxes"] or [])
        assert [theirs[name] for name in AMOUNTS] == [quote[name] for name in AMOUNTS], self.number
        shown = [*lines, -off] if off else lines
        assert shown == [each["amount"] for each in quote["lines"]], self.number
        assert (taxes, theirs["currency"]) == (quote["tax"], quote["currency"]), self.number
        for name in ("total", "amount_due", "currency"):
            assert ours[name] == quote[name], (self.number, name)
        assert (ours["status"], ours["amount_paid"]) == ("paid", quote["amount_due"]), self.number

    def is_never_paid(self, before):
        """The plan stays, and nothing is taken."""
        current = self.basis()[0]
        self.card("pays")
        self.goes_to(timezone.now() + timedelta(hours=23, minutes=1))
        self.them.sync()
        assert self.basis()[0] == current, self.number
        made = self.books()[0] - before[0]
        voided = [each for each in made if self.world.get("invoice", each)["status"] == "void"]
        assert len(voided) == 1
        self.ends["never paid"] += 1

    def asks(self, what, body):
        with self.them.committed():
            address = f"{self.address}subscription/{what}"
            return self.program.post(address, json.dumps(body), "application/json")


def size(price):
    return price.interval, price.loc_limit


def named(price):
    return {"tier": price.loc_limit, "interval": price.interval}


@pytest.fixture
def live(stripe, alice, program_of, committed, time_machine):
    """`live(number, most)`: the life of that number, until so much was charged. How often what came
    of its changes.
    """
    shop = Shop()

    def lived(number, most):
        time_machine.move_to(STARTS[0], tick=False)
        organization = OrganizationFactory(owner=alice)
        account = AccountFactory(organization=organization, customer_id="")
        them = Subscriber(account, stripe, committed)
        life = Life(number, shop, them, program_of(alice), time_machine)
        life.begins()
        for _ in range(OF_ONE_LIFE):
            if life.ends["charged"] < most:
                life.goes_on()
        return life.ends

    return lived


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_what_was_quoted_is_what_is_charged(live, shard):
    ends, number = Counter(), shard
    while left := -(-CHANGES // SHARDS) - ends["charged"]:
        ends += live(number, left)
        number += SHARDS

    print(f"Shard {shard}:", dict(ends))
