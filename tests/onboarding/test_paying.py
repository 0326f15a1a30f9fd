"""From choosing a paid plan to an organization, by its pages, and every way back."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone

from billing.models import BillingAccount, Subscription
from onboarding.models import Import
from onboarding.tasks import sweep_imports
from organizations.models import AuditEvent, Organization
from tests.billing.shop import sell
from tests.factories import ImportFactory, OrganizationFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def import_(stripe, alice):
    price = sell(loc_limit=250_000, amount=8000)
    return ImportFactory(
        ready=True, user=alice, key="contoso", plan="team", lookup_key=price.lookup_key
    )


@pytest.fixture
def browser(browser_of, alice):
    return browser_of(alice)


@pytest.fixture
def at_checkout(import_, browser, committed):
    """Alice pressed the button; where the waiting page takes her."""

    def go():
        with committed():
            browser.post(f"/imports/{import_.pk}/create/")
        return browser.get(f"/imports/{import_.pk}/payment/", headers=HTMX)["HX-Redirect"]

    return go


def follow(browser, committed, address):
    """Back from Stripe, with whatever that sets going."""
    with committed():
        return browser.get(path_of(address))


def path_of(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def test_an_organization_is_there_when_it_is_paid(at_checkout, browser, committed, stripe, import_):
    address = at_checkout()

    follow(browser, committed, stripe.pay(address))
    opened = browser.get(f"/imports/{import_.pk}/payment/", headers=HTMX)

    assert opened["HX-Redirect"] == "/organizations/contoso/"
    organization = Organization.objects.get()
    subscription = Subscription.objects.get(account__organization=organization)
    assert (subscription.status, subscription.loc_limit) == ("trialing", 250_000)
    import_.refresh_from_db()
    assert (import_.state, import_.secret, import_.is_reserved) == ("created", None, False)
    assert import_.billing.organization == organization


def test_nothing_is_created_before_it_is_paid(at_checkout, browser, committed, import_):
    at_checkout()

    follow(browser, committed, f"/imports/{import_.pk}/payment/")

    assert not Organization.objects.exists()
    import_.refresh_from_db()
    assert import_.state == "payment_required"


def test_the_last_step_names_the_price_and_what_comes_first(browser, import_):
    page = browser.get(f"/imports/{import_.pk}/create/").text

    assert "Team, up to 250,000 private lines of code" in page
    assert "€\N{NO-BREAK SPACE}80.00 a month, after 14 days that cost nothing" in page
    assert "Continue to payment" in page


def test_who_comes_back_from_the_checkout_is_not_sent_there_again(at_checkout, browser, import_):
    address = at_checkout()

    page = browser.get(f"/imports/{import_.pk}/payment/")
    again = browser.get(f"/imports/{import_.pk}/payment/", headers=HTMX)

    assert "Your checkout is open until" in page.text
    assert address in page.text
    assert "HX-Redirect" not in again


def test_without_scripts_the_checkout_is_reached_too(browser, import_, committed, stripe):
    with committed():
        browser.post(f"/imports/{import_.pk}/create/")

    answer = browser.get(f"/imports/{import_.pk}/payment/?go")

    (session,) = stripe.all("checkout.session")
    assert answer["Location"] == session["url"]


def test_going_back_leads_to_the_plans_and_loses_nothing(at_checkout, browser, stripe, import_):
    leads_to = stripe.cancel(at_checkout())

    page = browser.get(path_of(leads_to))

    assert path_of(leads_to) == f"/imports/{import_.pk}/plan/"
    assert "Nothing was charged." in page.text
    import_.refresh_from_db()
    assert (import_.key, import_.has_details, bool(import_.secret)) == ("contoso", True, True)


def test_choosing_otherwise_ends_the_checkout(at_checkout, browser, stripe, import_):
    at_checkout()

    browser.post(f"/imports/{import_.pk}/payment/back/")

    import_.refresh_from_db()
    assert (import_.state, import_.is_reserved) == ("ready", False)
    assert stripe.all("checkout.session")[0]["status"] == "expired"
    assert AuditEvent.objects.filter(action="import.payment_ended").count() == 1


def test_free_can_be_chosen_instead(at_checkout, browser, stripe, import_):
    at_checkout()

    browser.post(f"/imports/{import_.pk}/plan/", {"plan": "free"})
    browser.post(f"/imports/{import_.pk}/create/")

    assert Organization.objects.get().billing.customer_id
    assert stripe.all("checkout.session")[0]["status"] == "expired"
    assert stripe.all("subscription") == []


def test_the_key_is_held_while_it_is_being_paid(at_checkout, browser_of, bob, import_):
    at_checkout()
    other = ImportFactory(ready=True, user=bob, key="contoso")

    answer = browser_of(bob).post(f"/imports/{other.pk}/create/", follow=True)

    assert "This key is taken" in answer.text
    assert not Organization.objects.exists()
    assert "contoso-2" in browser_of(bob).get("/imports/key/", {"key": "contoso"}).text


def test_the_external_organization_is_held_as_well(at_checkout, browser_of, bob, import_):
    at_checkout()
    other = ImportFactory(
        ready=True, user=bob, key="another", external_id=Import.objects.get().external_id
    )

    answer = browser_of(bob).post(f"/imports/{other.pk}/create/", follow=True)

    assert "Somebody is about to pay" in answer.text
    other.refresh_from_db()
    assert (other.state, bool(other.secret)) == ("ready", True)


def test_what_is_here_already_is_not_sold(browser, import_, stripe):
    OrganizationFactory(key="contoso")

    answer = browser.post(f"/imports/{import_.pk}/create/", follow=True)

    assert "This key is taken" in answer.text
    assert not BillingAccount.objects.exists()


def test_an_import_that_is_being_paid_is_not_wiped(at_checkout, import_):
    at_checkout()
    yesterday = timezone.now() - timedelta(hours=25)
    Import.objects.update(touched_at=yesterday)

    sweep_imports()

    import_.refresh_from_db()
    assert import_.state == "payment_required"
    assert import_.secret


def test_stopping_ends_the_checkout_too(at_checkout, browser, stripe, import_):
    at_checkout()

    browser.post(f"/imports/{import_.pk}/abandon/")

    import_.refresh_from_db()
    assert (import_.state, import_.secret) == ("expired", None)
    assert stripe.all("checkout.session")[0]["status"] == "expired"


def test_what_is_paid_can_not_be_stopped(at_checkout, browser, stripe, import_):
    stripe.pay(at_checkout())

    answer = browser.post(f"/imports/{import_.pk}/abandon/")

    assert answer.status_code == 409
    import_.refresh_from_db()
    assert import_.state == "payment_required"


def test_nobody_else_sees_the_payment(at_checkout, browser_of, bob, import_):
    at_checkout()

    assert browser_of(bob).get(f"/imports/{import_.pk}/payment/").status_code == 404


def test_an_hour_later_everything_is_free_again(at_checkout, stripe, import_):
    at_checkout()

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        sweep_imports()

    import_.refresh_from_db()
    assert (import_.state, import_.is_reserved) == ("ready", False)
    assert stripe.all("checkout.session")[0]["status"] == "expired"
