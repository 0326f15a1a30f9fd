"""What owners do on the billing page, and how it answers."""

from datetime import timedelta

import pytest

from billing.models import BillingAccount, Operation, Quote
from tests.billing.pages import PAGE, leads_to
from tests.billing.subscribers import DECLINED, price
from tests.factories import OrganizationFactory, ProjectFactory, SizeFactory


@pytest.fixture(autouse=True)
def _sells(settings):
    settings.BILLING = True


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", owner=alice, member=bob)


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
