"""What is kept when the sandbox stops, and its controls for programs elsewhere."""

import json
import urllib.error
import urllib.request

import pytest

from sandbox.testing import running_sandbox
from tests.sandbox.conftest import client_of


def test_what_stripe_has_outlives_the_sandbox(tmp_path):
    with running_sandbox(tmp_path) as sandbox:
        made = client_of(sandbox.stripe).v1.customers.create({"name": "Harbour"})
        sandbox.stripe.register_webhook("http://127.0.0.1:9/hook/", "whsec_" + "ours")
        sandbox.stripe.world.ahead = 86400
        client_of(sandbox.stripe).v1.customers.create()

    with running_sandbox(tmp_path) as sandbox:
        kept = client_of(sandbox.stripe).v1.customers.retrieve(made.id)
        (endpoint,) = sandbox.stripe.world.all("webhook_endpoint")
        ahead = sandbox.stripe.world.ahead

    assert (kept.name, ahead) == ("Harbour", 86400)
    assert endpoint["_secrets"] == ["whsec_" + "ours"]
    assert (tmp_path / "stripe.json").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["stripe.json"]


def test_a_key_that_was_answered_outlives_the_sandbox_as_well(tmp_path):
    key = {"idempotency_key": "account-7"}
    with running_sandbox(tmp_path) as sandbox:
        first = client_of(sandbox.stripe).v1.customers.create({"name": "Harbour"}, key)

    with running_sandbox(tmp_path) as sandbox:
        second = client_of(sandbox.stripe).v1.customers.create({"name": "Harbour"}, key)
        assert len(sandbox.stripe.all("customer")) == 1

    assert first.id == second.id


def test_a_reset_is_kept_too(tmp_path):
    with running_sandbox(tmp_path) as sandbox:
        client_of(sandbox.stripe).v1.customers.create()
        sandbox.reset()

    with running_sandbox(tmp_path) as sandbox:
        assert sandbox.stripe.all("customer") == []


@pytest.fixture
def control(sandbox):
    """`control("POST", "faults", {…})`: the answer, or the status of a refusal."""

    def call(method, path, body=None):
        request = urllib.request.Request(
            f"{sandbox.url}/_sandbox/stripe/{path}",
            method=method,
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code
        return json.loads(text) if text else None

    return call


def test_faults_are_ordered_and_requests_read_from_elsewhere(control, stripe, ask_stripe):
    control("POST", "faults", {"fault": "error", "url": "/v1/products"})
    ask_stripe.customers.create({"metadata": {"account": "7"}}, {"idempotency_key": "one"})
    control("POST", "faults", {"fault": "rate_limit", "times": 5})
    control("DELETE", "faults")
    ask_stripe.products.create({"name": "Team"})

    first, second = control("GET", "requests")
    assert (first["url"], first["idempotency_key"]) == ("/v1/customers", "one")
    assert first["params"] == {"metadata": {"account": "7"}}
    assert (second["status"], second["replayed"]) == (200, False)
    assert control("POST", "faults", {"fault": "gremlins"}) == 400


def test_webhooks_are_switched_and_released_from_elsewhere(control, stripe, ask_stripe):
    control("PUT", "webhook", {"url": "http://127.0.0.1:9/hook/", "secrets": ["whsec_" + "a"]})
    control("PUT", "webhook", {"url": "http://127.0.0.1:9/hook/", "secrets": ["whsec_" + "b"]})
    assert control("PATCH", "webhooks", {"hold": True})["hold"] is True
    ask_stripe.customers.create()

    assert control("GET", "webhooks")["waiting"] == 1
    control("POST", "webhooks/release", {"order": "reversed"})
    control("POST", "webhooks/deliver")
    (event,) = control("GET", "objects/event")
    control("POST", f"events/{event['id']}/resend")
    control("POST", "webhooks/release")
    control("POST", "webhooks/deliver")

    seen = control("GET", "webhooks")
    assert seen["waiting"] == 0
    assert [each["status"] for each in seen["deliveries"]] == [0] * 8
    assert control("PATCH", "webhooks", {"teleport": True}) == 400


def test_the_product_that_moved_is_no_longer_sent_to_where_it_was(control, stripe):
    for port in (9, 9, 10):
        hook = {"url": f"http://127.0.0.1:{port}/hook/", "secrets": ["whsec_" + str(port)]}
        control("PUT", "webhook", hook)

    (endpoint,) = control("GET", "objects/webhook_endpoint")
    assert endpoint["url"] == "http://127.0.0.1:10/hook/"


def test_the_clock_is_moved_from_elsewhere(control, stripe, ask_stripe):
    customer = ask_stripe.customers.create().id
    ask_stripe.customers.tax_ids.create(customer, {"type": "eu_vat", "value": "DE123456789"})
    before = control("GET", "clock")

    after = control("POST", "clock", {"seconds": 3600})["now"]

    assert before["now"] < before["next_due"] < after
    (verified,) = stripe.events("customer.tax_id.updated")
    assert verified["created"] == before["next_due"]
    assert control("GET", "clock")["next_due"] is None


def test_a_reset_from_elsewhere_empties_stripe(control, stripe, ask_stripe):
    ask_stripe.customers.create()
    control("POST", "reset")

    assert stripe.all("customer") == []
