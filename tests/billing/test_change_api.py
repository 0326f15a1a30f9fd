"""Quotes and changes for programs."""

import json

import pytest

from billing.models import Operation, Quote
from tests.billing.rows import AccountFactory
from tests.billing.subscribers import DECLINED, price

HERE = "/api/v1/organizations/harbour/subscription/"


@pytest.fixture
def program(program_of, alice):
    return program_of(alice)


def sends(program, address, body, **headers):
    return program.post(HERE + address, json.dumps(body), "application/json", headers=headers)


def changes(program, committed, body, **headers):
    with committed():
        return sends(program, "changes", body, **headers)


def test_an_upgrade_is_quoted_accepted_and_followed(subscriber, program, committed):
    them = subscriber()
    price(250_000)

    quote = sends(program, "quotes", {"tier": 250_000, "interval": "month"})
    asked = changes(program, committed, {"kind": "upgrade", "quote": quote.json()["id"]})
    done = program.get(f"{HERE}changes/{asked.json()['id']}").json()

    assert quote.status_code == 201
    said = quote.json()
    assert (said["total"], said["amount_due"], said["currency"]) == (4300, 4300, "eur")
    assert [line["amount"] for line in said["lines"]] == [-3200, 7500]
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert (done["state"], done["error_code"]) == ("done", "")
    assert them.subscription.loc_limit == 250_000


def test_a_change_sent_twice_under_one_key_is_made_once(subscriber, program, committed):
    them = subscriber()
    price(250_000)
    quote = sends(program, "quotes", {"tier": 250_000, "interval": "month"}).json()["id"]
    key = {"Idempotency-Key": "upgrade-1"}

    first = changes(program, committed, {"kind": "upgrade", "quote": quote}, **key)
    second = changes(program, committed, {"kind": "upgrade", "quote": quote}, **key)

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert len(them.invoices()) == 2


def test_what_has_to_be_paid_by_a_person_says_where(subscriber, program, committed):
    them = subscriber()
    them.uses(DECLINED)
    price(250_000)
    quote = sends(program, "quotes", {"tier": 250_000, "interval": "month"}).json()["id"]

    asked = changes(program, committed, {"kind": "upgrade", "quote": quote}).json()

    done = program.get(f"{HERE}changes/{asked['id']}").json()
    assert done["url"] == them.invoices(status="open")[0]["hosted_invoice_url"]


def test_less_is_planned_undone_cancelled_and_resumed(subscriber, program, committed):
    them = subscriber(250_000)
    price()

    less = {"kind": "downgrade", "tier": 100_000, "interval": "month"}
    assert changes(program, committed, less).status_code == 202
    assert them.subscription.next_lookup_key == price().lookup_key
    assert changes(program, committed, {"kind": "undo"}).status_code == 202
    assert changes(program, committed, {"kind": "cancel"}).status_code == 202
    assert them.subscription.cancels_at
    assert changes(program, committed, {"kind": "resume"}).status_code == 202
    assert them.subscription.cancels_at is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid"),
        ({"kind": "upgrade"}, 422, "invalid"),
        ({"kind": "downgrade"}, 422, "invalid"),
        ({"kind": "upgrade", "quote": "00000000-0000-4000-8000-000000000000"}, 409, "quote-void"),
        ({"kind": "downgrade", "tier": 500_000, "interval": "month"}, 422, "takes-effect-now"),
        ({"kind": "downgrade", "tier": 123, "interval": "month"}, 422, "price-not-sold"),
        ({"kind": "undo"}, 409, "nothing-to-change"),
        ({"kind": "resume"}, 409, "nothing-to-change"),
    ],
)
def test_what_is_refused_says_why(subscriber, program, committed, body, status, code):
    subscriber()
    price(500_000)

    refused = changes(program, committed, body)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not Operation.objects.exists()


def test_what_costs_nothing_now_needs_no_quote(subscriber, program):
    subscriber(250_000)
    price()

    refused = sends(program, "quotes", {"tier": 100_000, "interval": "month"})

    assert refused.json()["code"] == "takes-effect-later"
    assert not Quote.objects.exists()


def test_a_change_of_somebody_else_is_none(subscriber, program):
    subscriber()
    foreign = Operation.objects.create(account=AccountFactory(), kind="cancel")

    assert program.get(f"{HERE}changes/{foreign.pk}").status_code == 404
