"""The ways from the billing page to Stripe: for owners alone, each time anew, and never kept."""

import pytest

from billing import stripe_api
from billing.models import Operation, PortalConfiguration
from billing.portal import wanted
from tests.billing.pages import PAGE, leads_to
from tests.billing.rows import AccountFactory, InvoiceFactory


@pytest.fixture(autouse=True)
def _sells(settings):
    settings.BILLING = True


def may_be_opened():
    """As `sync_catalogue` leaves the portal."""
    made = stripe_api.ask(lambda v1: v1.billing_portal.configurations.create(wanted()))
    PortalConfiguration.objects.create(is_live=False, configuration_id=made["id"])


def test_case_67_the_portal_is_opened_by_post_and_never_kept(subscriber, browser, caplog):
    subscriber()
    may_be_opened()

    looked, went = browser.get(PAGE + "portal/"), browser.post(PAGE + "portal/", {"to": "card"})

    assert looked.status_code == 405
    assert went.status_code == 200 and "/stripe/portal/" in leads_to(went)
    assert "no-store" in went["Cache-Control"]
    assert leads_to(went) not in caplog.text
    assert not Operation.objects.exists()


def test_who_put_in_another_card_is_led_back(subscriber, browser, stripe, settings):
    subscriber()
    may_be_opened()

    went = browser.post(PAGE + "portal/", {"to": "card"})

    assert stripe.pay(f"{leads_to(went)}/card") == settings.SITE_URL + PAGE


def test_the_pdf_is_fetched_when_somebody_wants_it(subscriber, browser):
    them = subscriber()
    (invoice,) = them.invoices()

    answer = browser.get(f"{PAGE}invoices/{invoice['id']}/")

    assert answer["Location"] == invoice["invoice_pdf"]
    assert "no-store" in answer["Cache-Control"]


def test_nothing_but_a_card_pays_whatever_the_dashboard_offers(checkout, buyer, stripe):
    checkout(buyer)

    (session,) = stripe.all("checkout.session")
    assert session["payment_method_types"] == ["card"]
    assert session["adaptive_pricing"] == {"enabled": False}


def test_who_pays_otherwise_is_not_asked_for_a_card(subscriber, browser):
    them = subscriber(trial_period_days=14)
    world = them.stripe.world
    with world.lock:
        method = next(iter(world.all("payment_method")))
        method |= {"type": "link", "link": {"email": "payer@example.com"}, "card": None}
    them.sync()

    page = browser.get(PAGE).text

    assert "<dd>Link</dd>" in page
    assert "Add a card" not in page and "is charged for a month." in page


def test_an_invoice_is_had_from_whichever_customer_it_was(subscriber, browser):
    them = subscriber()
    (invoice,) = them.invoices()
    them.account.customer_id = ""
    them.account.save()

    answer = browser.get(f"{PAGE}invoices/{invoice['id']}/")

    assert answer["Location"] == invoice["invoice_pdf"]


@pytest.mark.parametrize("page", ["", "pay/"])
def test_case_66_another_organizations_invoice_is_none(subscriber, browser, stripe, page):
    subscriber()
    foreign = InvoiceFactory(account=AccountFactory(), currency="eur")
    stripe.desk.log.clear()

    answer = browser.get(f"{PAGE}invoices/{foreign.stripe_id}/{page}")

    assert answer.status_code == 404
    assert stripe.requests == []


def test_case_66_members_ask_for_nothing_and_stripe_is_not_asked(
    subscriber, browser_of, bob, stripe
):
    them = subscriber()
    them.account.organization.memberships.create(user=bob)
    stripe.desk.log.clear()
    browser = browser_of(bob)
    invoice = them.account.invoices.get().stripe_id

    asked = ("accept/", "later/", "undo/", "resume/", "cancel/", "portal/", "tax-id/remove/")
    answers = [browser.post(PAGE + each).status_code for each in (*asked, "change/", "details/")]
    answers += [
        browser.get(f"{PAGE}invoices/{invoice}/{each}").status_code for each in ("", "pay/")
    ]

    assert set(answers) == {403}
    assert stripe.requests == []
    assert not Operation.objects.exists()
