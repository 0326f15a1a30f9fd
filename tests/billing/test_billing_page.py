"""The billing page: who sees what, each state in words, and what owners do there."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from billing import stripe_api
from billing.models import BillingAccount, Operation, PortalConfiguration, Quote
from billing.portal import wanted
from tests.billing.rows import AccountFactory, InvoiceFactory, SubscriptionFactory
from tests.billing.subscribers import DECLINED, price
from tests.factories import OrganizationFactory, ProjectFactory, SizeFactory

PAGE = "/organizations/harbour/billing/"
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

    assert "Team 250k, monthly ends at once" in part


def test_a_missing_payment_is_a_banner_on_every_page(has, browser_of, alice, bob):
    has(status="past_due", past_due_since=in_days(-1))

    assert "A payment is missing." in browser_of(alice).get("/organizations/harbour/").text
    assert "A payment is missing." not in browser_of(bob).get("/organizations/harbour/").text


def test_where_nothing_is_sold_there_is_no_page(harbour, browser_of, alice, settings):
    settings.BILLING = False
    browser = browser_of(alice)

    assert browser.get(PAGE).status_code == 404
    assert "/billing/" not in browser.get("/organizations/harbour/").text


# What owners do


@pytest.fixture
def browser(browser_of, alice):
    return browser_of(alice)


def does(browser, committed, address, data=None):
    """Post a form, let the worker run, and see the page it leads to."""
    with committed():
        answer = browser.post(PAGE + address, data or {})
    return browser.get(answer["Location"])


def test_an_upgrade_from_choice_to_the_new_plan(subscriber, browser, committed):
    them = subscriber()
    price(250_000)

    offer = browser.post(PAGE + "change/", {"loc_limit": 250_000, "interval": "month"})
    quote = Quote.objects.get()
    page = does(browser, committed, "accept/", {"quote": quote.pk})

    said = offer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Team 100k, monthly → Team 250k, monthly" in said
    assert "−€ 32.00" in said and "€ 75.00" in said and "Upgrade and pay € 43.00" in said
    assert "Your plan is changed." in page.text
    assert them.subscription.loc_limit == 250_000


def test_the_offer_alone_for_htmx(subscriber, browser):
    subscriber()
    price(250_000)

    part = browser.post(
        PAGE + "change/",
        {"loc_limit": 250_000, "interval": "month"},
        headers={"HX-Request": "true"},
    ).text

    assert 'id="offer"' in part and "<html" not in part


def test_a_smaller_tier_names_its_day_and_its_consequence(subscriber, browser, committed):
    them = subscriber(250_000)
    price()
    project = ProjectFactory(organization=them.account.organization)
    SizeFactory(project=project, loc=150_000, branch="main")

    offer = browser.post(PAGE + "change/", {"loc_limit": 100_000, "interval": "month"}).text
    refused = does(browser, committed, "later/", {"price": price().lookup_key})
    assert "150,000 lines are in use, 50,000 more than that tier has" in offer
    assert "Nothing is charged now" in offer
    assert "nothing is deleted" in refused.text and not Operation.objects.exists()

    page = does(browser, committed, "later/", {"price": price().lookup_key, "confirmed": "on"})
    assert "Changes to Team 100k, monthly on" in page.text
    assert "Undo the change" in page.text


def test_undo_cancel_and_resume(subscriber, browser, committed):
    subscriber(250_000)
    does(browser, committed, "later/", {"price": price().lookup_key})

    assert "Your plan stays as it is." in does(browser, committed, "undo/").text
    assert "Cancel Team 250k, monthly?" in browser.get(PAGE + "cancel/").text
    cancelled = does(browser, committed, "cancel/", {"feedback": "unused", "comment": ""}).text
    assert "You keep everything until the period ends" in cancelled
    assert "It goes on." in does(browser, committed, "resume/").text


def test_a_declined_upgrade_shows_where_to_finish_the_payment(subscriber, browser, committed):
    them = subscriber()
    them.uses(DECLINED)
    price(250_000)
    browser.post(PAGE + "change/", {"loc_limit": 250_000, "interval": "month"})

    page = does(browser, committed, "accept/", {"quote": Quote.objects.get().pk})

    invoice = them.invoices(status="open")[0]
    assert "waits for its payment until" in page.text
    assert f"{PAGE}invoices/{invoice['id']}/pay/" in page.text
    assert (
        browser.get(f"{PAGE}invoices/{invoice['id']}/pay/")["Location"]
        == (invoice["hosted_invoice_url"])
    )


def test_while_an_upgrade_waits_the_page_of_changes_leads_to_paying_it(
    subscriber, browser, committed
):
    them = subscriber()
    them.uses(DECLINED)
    price(250_000)
    browser.post(PAGE + "change/", {"loc_limit": 250_000, "interval": "month"})
    does(browser, committed, "accept/", {"quote": Quote.objects.get().pk})
    invoice = them.invoices(status="open")[0]

    page = browser.get(PAGE + "change/").text
    refused = browser.post(PAGE + "change/", {"loc_limit": 250_000, "interval": "month"})

    assert "The change to Team 250k, monthly waits for its payment" in page
    assert f"{PAGE}invoices/{invoice['id']}/pay/" in page
    assert f'action="{PAGE}undo/"' in page
    assert "See what it costs" not in page
    assert (refused.status_code, Quote.objects.count()) == (422, 1)
    assert "An earlier change waits for its payment." in refused.text


def test_an_old_quote_leads_to_a_new_one(subscriber, browser, committed, clock):
    subscriber()
    price(250_000)
    browser.post(PAGE + "change/", {"loc_limit": 250_000, "interval": "month"})
    clock.shift(timedelta(minutes=16))

    page = does(browser, committed, "accept/", {"quote": Quote.objects.get().pk})

    assert "This quote was older than 15 minutes" in page.text
    assert "See what it costs" in page.text


def test_the_first_purchase_leads_to_the_checkout(harbour, stripe, browser, committed, clock):
    price()

    with committed():
        answer = browser.post(PAGE + "change/", {"loc_limit": 100_000, "interval": "month"})
    away = browser.get(answer["Location"])

    (session,) = stripe.all("checkout.session")
    assert session["currency"] == "eur"
    assert leads_to(away) == session["url"]
    assert BillingAccount.objects.get().organization == harbour


def test_who_comes_back_from_the_checkout_by_the_back_button_stays(
    harbour, stripe, browser, committed, clock
):
    price()
    with committed():
        answer = browser.post(PAGE + "change/", {"loc_limit": 100_000, "interval": "month"})
    browser.get(answer["Location"])

    page = browser.get(answer["Location"])

    (session,) = stripe.all("checkout.session")
    assert "refresh" not in page.text
    assert f'href="{session["url"]}">Go to the checkout' in page.text


def test_a_price_that_is_not_sold_is_refused_on_its_form(harbour, stripe, browser):
    price()

    page = browser.post(PAGE + "change/", {"loc_limit": 123, "interval": "month", "amount": 1})

    assert page.status_code == 422
    assert not Operation.objects.exists()


def test_what_is_under_way_is_polled_until_it_is_done(subscriber, browser, alice):
    them = subscriber()
    operation = Operation.objects.create(account=them.account, kind="cancel", by=alice)
    address = f"{PAGE}?operation={operation.pk}"

    waiting = browser.get(address, headers={"HX-Request": "true"})
    Operation.objects.update(state="done")
    done = browser.get(address, headers={"HX-Request": "true"})

    assert "Under way" in waiting.text and "every 1s" in waiting.text
    assert (done.status_code, done["HX-Redirect"]) == (204, address)


def test_who_pays_is_changed_with_name_address_and_tax_id(subscriber, browser, committed):
    them = subscriber()

    page = does(
        browser, committed, "details/",
        {
            "email": "money@example.com", "name": "Harbour GmbH", "line1": "1 Quay",
            "city": "Kiel", "country": "de", "tax_id_kind": "eu_vat", "tax_id": "DE 123 456 789",
        },
    )  # fmt: skip

    them.account.refresh_from_db()
    assert "Saved." in page.text and "money@example.com" in page.text
    assert them.account.address["country"] == "DE"
    assert [each["value"] for each in them.account.tax_ids] == ["DE123456789"]


def test_case_56_an_invalid_tax_id_is_an_error_on_its_form(subscriber, browser, committed):
    them = subscriber()
    typed = {"email": "money@example.com", "name": "Harbour GmbH", "country": "DE"}

    page = does(browser, committed, "details/", typed | {"tax_id_kind": "eu_vat", "tax_id": "DE12"})
    operation = Operation.objects.get()
    form = browser.get(f"{PAGE}details/?operation={operation.pk}").text

    them.account.refresh_from_db()
    assert operation.error_code == "tax_id_invalid"
    assert "This is no valid tax id" in page.text and "This is no valid tax id" in form
    assert 'value="DE12"' in form and 'value="Harbour GmbH"' in form
    assert (them.account.email, them.account.tax_ids) == ("billing@example.com", [])


def test_a_tax_id_is_removed(subscriber, browser, committed):
    them = subscriber()
    typed = {"email": "money@example.com", "name": "Harbour GmbH", "country": "DE"}
    typed |= {"tax_id_kind": "eu_vat", "tax_id": "DE123456789"}
    does(browser, committed, "details/", typed)
    them.account.refresh_from_db()

    does(browser, committed, "tax-id/remove/", {"tax_id": them.account.tax_ids[0]["id"]})

    them.account.refresh_from_db()
    assert them.account.tax_ids == []


# Away to Stripe


def leads_to(page):
    """By itself. A redirect that answers a form would be stopped by the browser."""
    return re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)[1]


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
