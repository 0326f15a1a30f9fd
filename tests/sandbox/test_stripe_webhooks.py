"""Events on their way, over HTTP, to somebody who listens."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe as library

SECRET = "whsec_" + "ours"


class Listener:
    """Takes whatever comes, and answers with the next of `statuses`, or 200."""

    def __init__(self):
        self.got, self.statuses = [], []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/"

    def _handler(listener):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(listener.statuses.pop(0) if listener.statuses else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    @property
    def ids(self):
        return [json.loads(body)["id"] for body, _ in self.got]


@pytest.fixture
def listener(stripe):
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever, daemon=True)
    thread.start()
    stripe.register_webhook(listener.url, SECRET)
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


def genuine(body, header, secret):
    library.WebhookSignature.verify_header(body.decode(), header, secret, 300)
    return json.loads(body)


def test_an_event_arrives_signed(stripe, ask_stripe, listener):
    customer = ask_stripe.customers.create({"email": "ada@example.com"})
    stripe.deliver_all()

    ((body, header),) = listener.got
    event = genuine(body, header, SECRET)
    assert event["type"] == "customer.created"
    assert event["data"]["object"]["id"] == customer.id
    assert event["pending_webhooks"] == 1
    assert stripe.events()[0]["pending_webhooks"] == 0
    with pytest.raises(library.SignatureVerificationError):
        genuine(body, header, "whsec_" + "theirs")


def test_two_secrets_sign_while_one_is_rotated(stripe, ask_stripe, listener):
    stripe.register_webhook(listener.url, SECRET, "whsec_" + "new")
    ask_stripe.customers.create()
    stripe.deliver_all()

    ((body, header),) = listener.got
    assert genuine(body, header, SECRET) == genuine(body, header, "whsec_" + "new")


def test_an_endpoint_made_through_the_api_gets_what_it_asked_for(stripe, ask_stripe, listener):
    asked = {"url": listener.url + "two/", "enabled_events": ["product.created", "product.updated"]}
    made = ask_stripe.webhook_endpoints.create(asked)
    ask_stripe.customers.create()
    ask_stripe.products.create({"name": "Team"})
    stripe.deliver_all()

    theirs = [each for each in stripe.deliveries if each.url == made.url]
    assert [each.kind for each in theirs] == ["product.created"]
    assert len(listener.got) == 3
    assert "secret" not in ask_stripe.webhook_endpoints.retrieve(made.id)


def test_a_failure_is_tried_again_three_times(stripe, ask_stripe, listener):
    listener.statuses = [500, 302, 404, 503]
    ask_stripe.customers.create()
    stripe.deliver_all()

    assert [each.status for each in stripe.deliveries] == [500, 302, 404, 503]
    assert stripe.events()[0]["pending_webhooks"] == 1


def test_a_retry_that_succeeds_is_the_last(stripe, ask_stripe, listener):
    listener.statuses = [500]
    ask_stripe.customers.create()
    stripe.deliver_all()

    assert [each.attempt for each in stripe.deliveries] == [1, 2]


def test_events_are_doubled_dropped_and_held_on_demand(stripe, ask_stripe, listener):
    stripe.switches.double = True
    ask_stripe.customers.create()
    stripe.switches.double = False
    stripe.switches.drop = 1
    ask_stripe.customers.create()
    stripe.switches.hold = True
    ask_stripe.customers.create()
    ask_stripe.customers.create()
    stripe.deliver_all()
    one, _, three, four = (each["id"] for each in stripe.events())

    assert listener.ids == [one, one]
    stripe.release("reversed")
    stripe.deliver_all()
    assert listener.ids == [one, one, four, three]


def test_an_event_may_come_late_and_overtaken(stripe, ask_stripe, listener):
    stripe.switches.delay = 3600
    ask_stripe.customers.create()
    stripe.switches.delay = 0
    ask_stripe.customers.create()

    stripe.deliver_all()

    assert sorted(listener.ids) == sorted(each["id"] for each in stripe.events())


def test_an_event_may_come_with_a_wrong_signature_version_or_mode(stripe, ask_stripe, listener):
    stripe.switches.api_version = "2020-01-01"
    stripe.switches.livemode = True
    ask_stripe.customers.create()
    stripe.deliver_all()
    stripe.switches.wrong_signature = True
    ask_stripe.customers.create()
    stripe.deliver_all()

    (first, second) = listener.got
    event = genuine(*first, SECRET)
    assert (event["api_version"], event["livemode"]) == ("2020-01-01", True)
    with pytest.raises(library.SignatureVerificationError):
        genuine(*second, SECRET)


def test_nobody_there_is_a_failure_too(stripe, ask_stripe):
    stripe.register_webhook("http://127.0.0.1:9/hook/", SECRET)
    ask_stripe.customers.create()
    stripe.deliver_all()

    assert [each.status for each in stripe.deliveries] == [0] * 4


def test_a_test_may_post_events_itself(stripe, ask_stripe):
    posted = []

    class Client:
        def post(self, path, body, content_type, headers):
            posted.append((path, genuine(body, headers["Stripe-Signature"], SECRET)["type"]))
            return type("Response", (), {"status_code": 200})

    ask_stripe.customers.create()
    assert stripe.deliver_to(Client(), SECRET, "/hook/") == [200]
    assert stripe.deliver_to(Client(), SECRET, "/hook/") == []
    ask_stripe.products.create({"name": "Team"})
    stripe.deliver_to(Client(), SECRET, "/hook/", stripe.events("product.created"))

    assert posted == [("/hook/", "customer.created"), ("/hook/", "product.created")]
