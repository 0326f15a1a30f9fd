"""The billing page: who sees what, and each state in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.billing.pages import PAGE
from tests.billing.rows import AccountFactory, InvoiceFactory, SubscriptionFactory
from tests.factories import OrganizationFactory, ProjectFactory, SizeFactory

NOW = timezone.now


@pytest.fixture(autouse=True)
def _sells(settings):
    settings.BILLING = True


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", owner=alice, member=bob)


@pytest.fixture
def has(harbour):
    """`has(status="past_due", …)`: a subscription like that, with its account."""

    def make(card=True, **values):
        account = AccountFactory(organization=harbour, currency="eur")
        if card:
            account.card = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}
            account.save(update_fields=["card"])
        known = {"known_status": values.get("status", "active"), "currency": "eur", "amount": 7500}
        known |= {"interval": "month", "loc_limit": 250_000, "plan": "team"}
        known |= {"period_end": NOW() + timedelta(days=20)}
        return SubscriptionFactory(account=account, **known | values)

    return make


def in_days(days):
    return NOW() + timedelta(days=days)


STATES = {
    "trialing": ({"trial_end": 10}, "Free until"),
    "trialing, no card": ({"trial_end": 2, "card": False}, "Add a card"),
    "trialing, cancelled": ({"trial_end": 10, "cancels_at": 10}, "Resume"),
    "active": ({}, "Next charge"),
    "active, ends": ({"cancels_at": 20}, "Resume"),
    "active, pending": (
        {"pending_until": 0.9, "pending_lookup_key": "team-500k-month-eur-v1"},
        "Call the change off",
    ),
    "active, planned": (
        {"next_at": 20, "next_lookup_key": "team-100k-month-eur-v1", "schedule_id": "sub_sched_1"},
        "Undo the change",
    ),
    "past_due": ({"past_due_since": -1}, "The last payment failed. You keep everything until"),
    "past_due, read-only": ({"past_due_since": -9}, "nothing new is analysed"),
    "unpaid": ({}, "A payment is missing, so nothing new is analysed"),
    "incomplete": ({}, "The first payment did not go through"),
    "canceled": ({"ended_at": -1}, "Your subscription ended on"),
    "paused": ({}, "Add a card and resume it"),
    "active, by invoice": ({"is_sent_as_invoice": True, "plan": "enterprise"}, "paid by invoice"),
    "past_due, by invoice": (
        {"is_sent_as_invoice": True, "plan": "enterprise", "past_due_since": -1},
        "An invoice is overdue",
    ),
    "frozen": ({"known_status": ""}, "says something that we don&#x27;t know yet"),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_said_in_words_with_its_way_out(has, browser_of, alice, state):
    values, words = STATES[state]
    values = {
        name: in_days(value) if isinstance(value, (int, float)) and value is not True
        and value is not False else value
        for name, value in values.items()
    }  # fmt: skip
    has(status=state.split(",")[0], **values)

    page = browser_of(alice).get(PAGE)

    assert page.status_code == 200
    assert words in page.text


def test_nothing_was_bought_yet(harbour, browser_of, alice):
    page = browser_of(alice).get(PAGE).text

    assert "Nothing is charged." in page
    assert "Choose a plan" in page
    assert "/billing/cancel/" not in page


def test_members_see_plan_and_usage_and_no_payments(has, browser_of, bob, harbour):
    has()
    SizeFactory(project=ProjectFactory(organization=harbour), loc=12_345, branch="main")

    page = browser_of(bob).get(PAGE).text

    assert "Team 250k, monthly" in page and "12,345" in page
    assert "4242" not in page and "Invoices" not in page and "billing@example.com" not in page
    assert "Next charge" not in page


def test_owners_see_card_credit_address_tax_ids_and_invoices(has, browser_of, alice):
    account = has().account
    account.credit, account.address = 1250, {"line1": "1 Quay", "city": "Kiel", "country": "DE"}
    account.tax_ids = [{"id": "t", "type": "eu_vat", "value": "DE1", "status": "unverified"}]
    account.save()
    InvoiceFactory(account=account, number="A-1", status="paid", total=7500, currency="eur")
    InvoiceFactory(account=account, number="A-2", status="open", total=7500, currency="eur")

    page = browser_of(alice).get(PAGE).text

    for words in ("Visa ending in 4242", "12.50, taken off", "1 Quay", "Kiel", "Not confirmed"):
        assert words in page
    assert "A-1" in page and "A-2" in page and "Paid" in page and "Open" in page
    assert "12.50 of it is paid from your credit" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_the_overview_shows_the_plan(has, browser_of, bob):
    has()

    panel = browser_of(bob).get(PAGE + "?panel=1", headers={"HX-Request": "true"}).text

    assert "Team 250k, monthly" in panel and "<html" not in panel


def test_who_deletes_an_organization_is_told_what_ends(has, browser_of, alice):
    has()

    part = browser_of(alice).get(PAGE + "?ending=1", headers={"HX-Request": "true"}).text

    assert "Team 250k, monthly is cancelled" in part
    assert "Nothing more is charged" in part


def test_a_missing_payment_is_a_banner_on_every_page(has, browser_of, alice, bob):
    has(status="past_due", past_due_since=in_days(-1))

    assert "A payment is missing." in browser_of(alice).get("/organizations/harbour/").text
    assert "A payment is missing." not in browser_of(bob).get("/organizations/harbour/").text


def test_where_nothing_is_sold_there_is_no_page(harbour, browser_of, alice, settings):
    settings.BILLING = False
    browser = browser_of(alice)

    assert browser.get(PAGE).status_code == 404
    assert "/billing/" not in browser.get("/organizations/harbour/").text
