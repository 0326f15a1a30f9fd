"""`bin/bench webhooks`: events accepted per CPU second beside dj-stripe's view.

Each event is of another customer, so that each of ours queues a task; no worker takes it up. What
dj-stripe does with an event it does inside the request: it asks Stripe for the object, here the
sandbox, and stores its copy. So it is measured once more with that left out, handed to a callback
that does nothing. Everything that it asks for only once is asked for before.
"""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import redis
import stripe

from bin.bench_peer import PATH as PEER_PATH
from bin.bench_peer import PYTHON, RELEASE, peer
from bin.bench_product import migrated, new_database
from bin.bench_serving import Server, Took, ask, machine, ratio, request, served
from bin.stack import Stack

PATH = "/billing/webhooks/stripe/"
CUSTOMERS = 120
# Of what a purchase sends, what dj-stripe can handle here: for a customer's own events it asks
# for sources, which Stripe has no more in the version that the sandbox is made to.
KINDS = (
    "payment_method.attached",
    "customer.subscription.created",
    "invoice.finalized",
    "invoice.paid",
)
LEAST_RATIO = 3.0
MEANING = f"""\
dj-stripe {RELEASE} checks, stores, asks Stripe for the object and stores that, all in the request;
ours checks, stores and queues. A CPU second is of the server's process alone: not of the database,
of the sandbox that answers dj-stripe, or of the worker that does the rest of ours. Storing only is
dj-stripe with a callback that does nothing in place of its processing.
The aim is {LEAST_RATIO:.0f} times dj-stripe's events a CPU second."""
NAMES = ("ours", "dj-stripe", "storing only")

Event = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    server: Server
    path: str
    secret: str

    def asked(self, events: Sequence[Event]) -> Took:
        """Each under an identifier of its own, so that none was there before."""
        return ask(self.server, [self._delivery(event) for event in events])

    def _delivery(self, event: Event) -> bytes:
        fresh = event | {"id": f"evt_{secrets.token_hex(12)}", "created": int(time.time())}
        body = json.dumps(fresh, indent=2)
        signature = stripe.WebhookSignature.generate_signature_header(body, self.secret)
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        return request("POST", self.path, headers, body.encode())


def measure_webhooks(rounds: int) -> bool:
    """Print what it took. Returns whether ours accepts enough events beside dj-stripe."""
    with new_database() as database, migrated(database) as stack, peer(stack) as peer_env:
        events = _events(stack)
        print(f"{len(events)} events a round, each of another customer; {machine(database)}")
        later = peer_env | {"PEER_LATER": "1"}
        application, python = "django.core.wsgi:get_wsgi_application()", str(PYTHON)
        with (
            served("config.wsgi", stack.env, stack.logs) as ours,
            served(application, peer_env, stack.logs, python) as theirs,
            served(application, later, stack.logs, python) as storing,
        ):
            secret = stack.env["STRIPE_WEBHOOK_SECRETS"]
            paths = ((ours, PATH), (theirs, PEER_PATH), (storing, PEER_PATH))
            endpoints = [Endpoint(server, path, secret) for server, path in paths]
            return _report([_round(stack, endpoints, events) for _ in range(rounds + 1)][1:])


def _round(stack: Stack, endpoints: Sequence[Endpoint], events: Sequence[Event]) -> list[Took]:
    # Else what the round before queued would spare this one its queueing.
    redis.Redis.from_url(stack.env["REDIS_URL"]).flushdb()
    return [endpoint.asked(events) for endpoint in endpoints]


def _events(stack: Stack) -> list[Event]:
    """Of many purchases, one kind each in turn, as the sandbox tells of them."""
    client = stripe.StripeClient(
        stack.env["STRIPE_SECRET_KEY"], base_addresses={"api": stack.env["STRIPE_API_URL"]}
    )
    price = _price(client)
    for number in range(CUSTOMERS):
        _buy(client, price, f"person{number}@example.com")
    told: dict[str, dict[str, Event]] = {}
    for event in stack.ask_sandbox("GET", "stripe/objects/event"):
        thing = event["data"]["object"]
        customer = thing["id"] if thing["object"] == "customer" else thing.get("customer")
        told.setdefault(str(customer), {})[event["type"]] = event
    bought = [each for each in told.values() if set(KINDS) <= set(each)]
    return [each[KINDS[number % len(KINDS)]] for number, each in enumerate(bought)]


def _price(client: Any) -> str:
    monthly = {"interval": "month"}
    price = client.v1.prices.create(
        {
            "currency": "eur",
            "unit_amount": 7500,
            "recurring": monthly,
            "product_data": {"name": "Team"},
        }
    )
    return str(price.id)


def _buy(client: Any, price: str, email: str) -> None:
    customer = client.v1.customers.create({"email": email})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    client.v1.customers.update(
        customer.id, {"invoice_settings": {"default_payment_method": card.id}}
    )
    client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price}]})


def _report(done: Sequence[Sequence[Took]]) -> bool:
    columns = dict(zip(NAMES, zip(*done, strict=True), strict=True))
    print(f"{len(done)} rounds in turns; medians")
    print("               events a second   events a CPU second   ours / that")
    for name, took in columns.items():
        second, core = (
            median(getattr(each, a) for each in took) for a in ("per_second", "per_core")
        )
        beside = ratio(columns["ours"], took, "per_core")
        print(f"{name:<14} {second:15,.0f} {core:21,.0f} {beside:13.1f}")
    print(MEANING)
    return ratio(columns["ours"], columns["dj-stripe"], "per_core") >= LEAST_RATIO
