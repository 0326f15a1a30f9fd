"""The desk: a clock to turn, customers to play with, and events to lose."""

import pytest

DAY = 86400


@pytest.fixture
def press(stripe, ask):
    """`press("clock", to="day")`: a button of the desk. The page it leads to, or what it says."""

    def send(path, **form):
        return stripe.post(f"{stripe.url}/{path}", **form)

    return send


@pytest.fixture
def subscription(stripe, session_for, customer):
    stripe.pay(session_for(customer=customer.id).url)
    [bought] = stripe.all("subscription")
    return bought


def test_there_is_nothing_at_the_start(stripe):
    assert "None yet" in stripe.look(f"{stripe.url}/")


def test_the_sandbox_leads_there(stripe, ask):
    assert 'href="/stripe/"' in ask(None, "/", headers={}).text


def test_it_shows_all_there_is(stripe, subscription, customer):
    page = stripe.look(f"{stripe.url}/")

    [invoice], [session] = stripe.all("invoice"), stripe.all("checkout.session")
    for each in (subscription, invoice, session, customer.to_dict()):
        assert each["id"] in page
    assert "Team 100k" in page


@pytest.mark.parametrize(("to", "days"), [("hour", 0), ("day", 1), ("month", 28)])
def test_the_clock_is_turned(stripe, press, to, days):
    before = stripe.world.now()

    press("clock", to=to)

    assert days <= (stripe.world.now() - before) / DAY <= days + 3.1


def test_the_clock_renews(stripe, press, subscription):
    press("clock", to="renewal")

    assert len(stripe.all("invoice")) == 2
    [renewed] = stripe.all("subscription")
    assert renewed["status"] == "active"


def test_a_card_may_go_bad_and_good_again(stripe, press, subscription):
    card = subscription["default_payment_method"]
    press(f"cards/{card}/behave", behaviour="declined")
    press("clock", to="renewal")
    assert stripe.get("subscription", subscription["id"])["status"] == "past_due"
    [unpaid] = [each for each in stripe.all("invoice") if each["status"] == "open"]

    press(f"cards/{card}/behave", behaviour="pays")
    press(f"invoices/{unpaid['id']}/attempt")

    assert stripe.get("subscription", subscription["id"])["status"] == "active"


def test_a_discount_is_given_and_taken_away(stripe, press, subscription):
    customer = f"customers/{subscription['customer']}"
    page = press(f"{customer}/discount")
    press("clock", to="renewal")
    without = press(f"{customer}/discount/end")
    assert "Give 25 % off" in without

    assert ("25 % off each invoice" in page, "off each invoice" in without) == (True, False)
    assert [each["total"] for each in stripe.all("invoice")] == [3000, 2250]


def test_money_goes_back(stripe, press, subscription):
    [charge] = stripe.all("charge")

    press(f"charges/{charge['id']}/refund", part="half")
    assert stripe.get("charge", charge["id"])["amount_refunded"] == 1500
    press(f"charges/{charge['id']}/refund")

    assert stripe.get("charge", charge["id"])["refunded"]
    assert "already been refunded" in press(f"charges/{charge['id']}/refund")


def test_a_charge_is_disputed_and_lost(stripe, press, subscription):
    [charge] = stripe.all("charge")

    press(f"charges/{charge['id']}/dispute")
    [dispute] = stripe.all("dispute")
    press(f"disputes/{dispute['id']}/lost")

    assert stripe.get("dispute", dispute["id"])["status"] == "lost"
    assert stripe.events("charge.dispute.created", "charge.dispute.closed")


def test_an_open_invoice_is_dealt_with(stripe, press, ask_stripe, customer, price):
    def invoice():
        asked = {
            "customer": customer.id,
            "items": [{"price": price.id}],
            "payment_behavior": "default_incomplete",
        }
        return ask_stripe.subscriptions.create(asked).latest_invoice

    ends = {"void": "void", "uncollectible": "uncollectible", "paid": "paid"}
    for act, status in ends.items():
        identifier = invoice()
        press(f"invoices/{identifier}/{act}")
        assert stripe.get("invoice", identifier)["status"] == status


def test_a_customer_is_deleted_with_what_they_had(stripe, press, subscription, customer):
    page = stripe.look(f"{stripe.url}/customers/{customer.id}")
    assert "Visa 4242" in page
    assert subscription["id"] in page

    press(f"customers/{customer.id}/delete")

    assert stripe.events("customer.deleted", "customer.subscription.deleted")
    assert "No such customer" in stripe.look(f"{stripe.url}/customers/{customer.id}")


def test_sessions_and_subscriptions_end_on_request(stripe, press, session_for, subscription):
    session = session_for()

    press(f"sessions/{session.id}/expire")
    press(f"subscriptions/{subscription['id']}/cancel")

    assert stripe.get("checkout.session", session.id)["status"] == "expired"
    assert stripe.get("subscription", subscription["id"])["status"] == "canceled"


def test_events_are_held_doubled_and_lost(stripe, press, customer):
    stripe.register_webhook(f"{stripe.url}/nowhere", "whsec_" + "any")

    press("webhooks", hold="on", double="on", delay="0", drop="1")
    switches = stripe.switches

    assert (switches.hold, switches.double, switches.drop) == (True, True, 1)
    [event] = stripe.events("customer.created")
    press(f"events/{event['id']}/send")
    press(f"events/{event['id']}/send", times="2")
    page = stripe.look(f"{stripe.url}/events")
    assert "4 on their way or on hold" in page
    assert event["id"] in page
    assert "0 to 3600 seconds" in press("webhooks", delay="-1")


def test_what_is_held_is_released(stripe, press, ask_stripe):
    stripe.register_webhook(f"{stripe.url}/nowhere", "whsec_" + "any")
    press("webhooks", hold="on")
    ask_stripe.customers.create({"email": "held@example.com"})

    press("webhooks/release", order="reversed")
    stripe.deliver_all()

    assert {each.kind for each in stripe.deliveries} == {"customer.created"}
    assert "customer.created" in stripe.look(f"{stripe.url}/events")


def test_the_next_request_may_fail(stripe, press, ask_stripe):
    press("faults", fault="rate_limit", times="1")

    with pytest.raises(Exception, match="rate limit"):
        ask_stripe.customers.list()
    ask_stripe.customers.list()


def test_the_authorities_answer(stripe, press, ask_stripe, customer):
    made = ask_stripe.customers.tax_ids.create(
        customer.id, {"type": "eu_vat", "value": "DE123456789"}
    )

    press("tax-ids/verify")

    assert stripe.get("tax_id", made.id)["verification"]["status"] == "verified"


@pytest.mark.parametrize(
    "path",
    [
        "customers/cus_unknown/delete",
        "cards/pm_unknown/behave",
        "invoices/in_unknown/void",
        "charges/ch_unknown/refund",
        "events/evt_unknown/send",
    ],
)
def test_what_is_not_there_cannot_be_changed(press, path):
    assert "No such" in press(path, behaviour="pays")
