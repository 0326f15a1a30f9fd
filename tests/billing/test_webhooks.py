"""What Stripe sends: who is believed, what is kept, and how often anything follows from it."""

import json
import threading
import time

import pytest
import stripe as library
from celery import Task
from django.db import OperationalError, connection
from django.test import Client
from structlog.testing import capture_logs

from billing import stripe_api
from billing.models import StripeEvent

URL = "/billing/webhooks/stripe/"
OLD, NEW = "whsec_" + "old", "whsec_" + "new"


@pytest.fixture(autouse=True)
def _secret(settings):
    settings.STRIPE_WEBHOOK_SECRETS = [NEW]


@pytest.fixture(autouse=True)
def queued(monkeypatch):
    """The tasks that were queued, which nobody carries out here."""
    tasks = []
    monkeypatch.setattr(Task, "apply_async", lambda task, a=None, k=None, **o: tasks.append(k))
    return tasks


def event(identifier="evt_1", **values):
    thing = {"object": "subscription", "id": "sub_1", "customer": "cus_1"}
    return {
        "id": identifier,
        "object": "event",
        "api_version": stripe_api.VERSION,
        "created": int(time.time()),
        "livemode": False,
        "type": "customer.subscription.updated",
        "data": {"object": thing},
        **values,
    }


def signed(body, *, secret=NEW, at=None):
    return library.WebhookSignature.generate_signature_header(body, secret, at or int(time.time()))


def send(client, said=None, *, secret=NEW, at=None, **headers):
    body = json.dumps(said or event())
    headers = {"Stripe-Signature": signed(body, secret=secret, at=at), **headers}
    return client.post(URL, body, content_type="application/json", headers=headers)


def send_raw(client, body, signature):
    return client.post(
        URL, body, content_type="application/json", headers={"Stripe-Signature": signature}
    )


@pytest.fixture
def transactional_client(transactional_db):
    return Client()


def test_an_event_is_kept_and_queued(transactional_client, queued):
    response = send(transactional_client)

    [kept] = StripeEvent.objects.all()
    assert response.status_code == 200
    assert (kept.pk, kept.type, kept.state) == ("evt_1", "customer.subscription.updated", "waiting")
    assert (kept.object_id, kept.customer_id, kept.is_live) == ("sub_1", "cus_1", False)
    assert queued == [{"event_id": "evt_1", "mark": "cus_1"}]


def test_keeping_takes_one_statement(transactional_client, queries):
    with queries() as asked:
        send(transactional_client)

    assert len(asked) == 1


def test_neither_a_sign_in_nor_a_form_is_asked_for(db):
    response = send(Client(enforce_csrf_checks=True))

    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_it_is_only_sent_to(client, db, method):
    assert getattr(client, method)(URL).status_code == 405


def refused(client, body, signature, status=400):
    response = send_raw(client, body, signature)

    assert response.status_code == status
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize(
    "signature",
    ["", "nonsense", "t=,v1=", "t=1", "v1=abc", "t=x,v1=abc", "t=1,v1=é", "t=1,v0=abc", ",=,=="],
)
def test_case_21_a_webhook_without_a_good_signature_is_refused(client, db, signature):
    refused(client, json.dumps(event()), signature)


def test_case_21_a_webhook_signed_with_another_secret_is_refused(client, db, queued):
    body = json.dumps(event())

    refused(client, body, signed(body, secret=OLD))
    assert queued == []


def test_case_21_a_signature_of_another_body_is_refused(client, db):
    refused(client, json.dumps(event("evt_2")), signed(json.dumps(event())))


def test_without_a_secret_nothing_is_believed(client, db, settings):
    settings.STRIPE_WEBHOOK_SECRETS = []
    body = json.dumps(event())

    refused(client, body, signed(body))


def test_case_22_an_old_payload_sent_again_is_refused(client, db):
    body = json.dumps(event())

    refused(client, body, signed(body, at=int(time.time()) - 310))


def test_case_22_a_payload_sent_again_at_once_has_no_effect(transactional_client, queued):
    said = event()

    assert send(transactional_client, said).status_code == 200
    StripeEvent.objects.update(state="done")
    assert send(transactional_client, said).status_code == 200

    assert StripeEvent.objects.get().state == "done"
    assert len(queued) == 1


def test_case_22_the_time_that_was_signed_is_the_one_that_counts(client, db):
    body, now = json.dumps(event()), int(time.time())

    refused(client, body, f"{signed(body, at=now - 400)},t={now}")


def test_case_23_a_timestamp_of_the_future_is_refused(client, db):
    body = json.dumps(event())

    refused(client, body, signed(body, at=int(time.time()) + 310))


@pytest.mark.parametrize("off", [-290, 290])
def test_a_clock_may_be_a_little_off(client, db, off):
    assert send(client, at=int(time.time()) + off).status_code == 200


BODIES = [
    "",
    "no json",
    "[]",
    "null",
    "7",
    "{}",
    '{"id": "evt_1"}',
    json.dumps(event(created="soon")),
    json.dumps(event(created=-1)),
    json.dumps(event(created=10**30)),
    json.dumps(event(identifier="evt_\0")),
    json.dumps(event(identifier="evt_" + "x" * 300)),
    json.dumps(event(type=None)),
    "[" * 100_000,
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_case_24_a_signed_body_that_is_no_event_is_refused(client, db, body):
    refused(client, body, signed(body))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"object": None},
        {"object": {"id": 7, "customer": ["x"]}},
        {"object": {"id": "\0"}},
    ],
)
def test_case_24_an_event_about_something_odd_is_kept(client, db, data):
    assert send(client, event(data=data)).status_code == 200
    assert StripeEvent.objects.get().customer_id == ""


def test_case_24_a_body_that_is_not_utf8_is_refused(client, db):
    refused(client, b"\xff\xfe\x00", signed("whatever"))


def test_case_24_a_body_of_ten_megabytes_is_refused_unread(client, db):
    refused(client, b" " * 10_000_000, signed("whatever"), status=413)


def test_case_25_the_same_event_twice_at_once_is_kept_once(transactional_db, queued):
    said, both = event(), threading.Barrier(2)

    def deliver():
        both.wait(timeout=10)
        try:
            statuses.append(send(Client(), said).status_code)
        finally:
            connection.close()

    statuses = []
    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (statuses, StripeEvent.objects.count(), len(queued)) == ([200, 200], 1, 1)


def test_case_28_an_event_of_an_unknown_type_is_kept(client, db):
    assert send(client, event(type="harbour.flooded")).status_code == 200
    assert StripeEvent.objects.get().type == "harbour.flooded"


@pytest.mark.parametrize(("key", "livemode"), [("sk_test_", True), ("sk_live_", False)])
def test_case_30_an_event_of_the_other_mode_is_not_applied(
    transactional_client, settings, queued, key, livemode
):
    settings.STRIPE_SECRET_KEY = key + "mooring"

    with capture_logs() as logs:
        response = send(transactional_client, event(livemode=livemode))

    assert (response.status_code, StripeEvent.objects.get().state) == (200, "ignored")
    assert queued == []
    assert [log["log_level"] for log in logs if log["event"] == "stripe_event_of_other_mode"] == [
        "error"
    ]


def test_case_31_an_event_of_another_version_is_only_warned_about(transactional_client, queued):
    with capture_logs() as logs:
        response = send(transactional_client, event(api_version="2019-01-01"))

    assert (response.status_code, len(queued)) == (200, 1)
    assert [log["log_level"] for log in logs] == ["warning"]


def test_case_34_while_a_secret_is_rotated_both_are_good(client, db, settings):
    settings.STRIPE_WEBHOOK_SECRETS = [NEW, OLD]

    assert send(client, event("evt_1"), secret=OLD).status_code == 200
    assert send(client, event("evt_2"), secret=NEW).status_code == 200
    settings.STRIPE_WEBHOOK_SECRETS = [NEW]
    assert send(client, event("evt_3"), secret=OLD).status_code == 400
    assert StripeEvent.objects.count() == 2


def test_case_34_while_stripe_signs_with_both_either_is_enough(client, db):
    body = json.dumps(event())
    by_old, by_new = signed(body, secret=OLD), signed(body, secret=NEW)

    assert send_raw(client, body, f"{by_old},{by_new.split(',')[1]}").status_code == 200


def test_case_71_a_flood_about_one_customer_queues_one_task(transactional_client, queued):
    for number in range(20):
        send(transactional_client, event(f"evt_{number}"))
    other = {"object": {"id": "sub_2", "customer": "cus_2"}}
    send(transactional_client, event("evt_other", data=other))

    assert StripeEvent.objects.count() == 21
    assert [task["mark"] for task in queued] == ["cus_1", "cus_2"]


def test_case_72_while_the_database_is_down_stripe_is_asked_to_come_again(client, db):
    def down(execute, sql, *rest):
        raise OperationalError("the database system is shutting down")

    with connection.execute_wrapper(down):
        response = send(client)

    assert response.status_code == 503
    assert not StripeEvent.objects.exists()
    assert send(client).status_code == 200


def test_a_broker_that_is_away_costs_no_event(transactional_client, lost):
    lost()

    assert send(transactional_client).status_code == 200
    assert StripeEvent.objects.get().state == "waiting"


def test_a_dispute_calls_for_somebody(client, db):
    with capture_logs() as logs:
        send(client, event(type="charge.dispute.created"))

    assert [log["event"] for log in logs] == ["stripe_needs_somebody"]


def test_nothing_of_a_body_is_logged(client, db):
    with capture_logs() as logs:
        send(client, event(data={"object": {"id": "sub_1", "email": "harbour@example.com"}}))
        send(client, secret=OLD)

    assert "harbour@example.com" not in str(logs)
