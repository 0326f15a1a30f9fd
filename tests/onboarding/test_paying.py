"""From choosing a paid plan to an organization, by its pages, and every way back."""

from datetime import timedelta
from urllib.parse import urlsplit

import time_machine
from django.utils import timezone

from billing.models import BillingAccount, Subscription
from onboarding.models import Import
from onboarding.tasks import sweep_imports
from organizations.models import AuditEvent, Organization
from tests.factories import ImportFactory, OrganizationFactory


def test_an_organization_is_there_when_it_is_paid(purchase):
    purchase.comes_back(purchase.pays())

    assert purchase.waits()["HX-Redirect"] == "/organizations/contoso/"
    organization = Organization.objects.get()
    subscription = Subscription.objects.get(account__organization=organization)
    assert (subscription.status, subscription.loc_limit) == ("trialing", 250_000)
    assert purchase.state == "created"
    assert (purchase.import_.secret, purchase.import_.is_reserved) == (None, False)
    assert purchase.import_.billing.organization == organization


def test_nothing_is_created_before_it_is_paid(purchase):
    purchase.checkout()

    purchase.comes_back(purchase.page("payment/"))

    assert not Organization.objects.exists()
    assert purchase.state == "payment_required"


def test_the_last_step_names_the_price_and_what_comes_first(purchase):
    page = purchase.browser.get(purchase.page("create/")).text

    assert "Team 250k" in page
    assert (
        "€\N{NO-BREAK SPACE}80.00 a month, plus tax where it applies, after 14 days of trial"
        in page
    )
    assert "Continue to payment" in page


def test_who_comes_back_from_the_checkout_is_not_sent_there_again(purchase):
    address = purchase.checkout()

    page = purchase.browser.get(purchase.page("payment/"))

    assert "Your checkout is open until" in page.text
    assert address in page.text
    assert "HX-Redirect" not in purchase.waits()


def test_without_scripts_the_checkout_is_reached_too(purchase):
    purchase.press()

    answer = purchase.browser.get(purchase.page("payment/?go"))

    assert answer["Location"] == purchase.session["url"]


def test_going_back_leads_to_the_plans_and_loses_nothing(purchase):
    leads_to = urlsplit(purchase.stripe.cancel(purchase.checkout())).path

    page = purchase.browser.get(leads_to)

    assert leads_to == purchase.page("plan/")
    assert "Nothing was charged." in page.text
    import_ = Import.objects.get()
    assert (import_.key, import_.has_details, bool(import_.secret)) == ("contoso", True, True)


def test_choosing_otherwise_ends_the_checkout(purchase):
    purchase.checkout()

    purchase.browser.post(purchase.page("payment/back/"))

    assert (purchase.state, purchase.import_.is_reserved) == ("ready", False)
    assert purchase.session["status"] == "expired"
    assert AuditEvent.objects.filter(action="import.payment_ended").count() == 1


def test_free_can_be_chosen_instead(purchase):
    purchase.checkout()

    purchase.browser.post(purchase.page("plan/"), {"plan": "free"})
    purchase.browser.post(purchase.page("create/"))

    assert Organization.objects.get().billing.customer_id
    assert purchase.session["status"] == "expired"
    assert purchase.stripe.all("subscription") == []


def test_the_key_is_held_while_it_is_being_paid(purchase, browser_of, bob):
    purchase.checkout()
    other = ImportFactory(ready=True, user=bob, key="contoso")

    answer = browser_of(bob).post(f"/imports/{other.pk}/create/", follow=True)

    assert "This key is taken" in answer.text
    assert not Organization.objects.exists()
    assert "contoso-2" in browser_of(bob).get("/imports/key/", {"key": "contoso"}).text


def test_the_external_organization_is_held_as_well(purchase, browser_of, bob):
    purchase.checkout()
    external_id = purchase.import_.external_id
    other = ImportFactory(ready=True, user=bob, key="another", external_id=external_id)

    answer = browser_of(bob).post(f"/imports/{other.pk}/create/", follow=True)

    assert "Somebody is about to pay" in answer.text
    other.refresh_from_db()
    assert (other.state, bool(other.secret)) == ("ready", True)


def test_what_is_here_already_is_not_sold(purchase):
    OrganizationFactory(key="contoso")

    answer = purchase.browser.post(purchase.page("create/"), follow=True)

    assert "This key is taken" in answer.text
    assert not BillingAccount.objects.exists()


def test_an_import_that_is_being_paid_is_not_wiped(purchase):
    purchase.checkout()
    Import.objects.update(touched_at=timezone.now() - timedelta(hours=25))

    sweep_imports()

    assert purchase.state == "payment_required"
    assert purchase.import_.secret


def test_stopping_ends_the_checkout_too(purchase):
    purchase.checkout()

    purchase.browser.post(purchase.page("abandon/"))

    assert (purchase.state, purchase.import_.secret) == ("expired", None)
    assert purchase.session["status"] == "expired"


def test_what_is_paid_can_not_be_stopped(purchase):
    purchase.pays()

    answer = purchase.browser.post(purchase.page("abandon/"))

    assert answer.status_code == 409
    assert purchase.state == "payment_required"


def test_nobody_else_sees_the_payment(purchase, browser_of, bob):
    purchase.checkout()

    assert browser_of(bob).get(purchase.page("payment/")).status_code == 404


def test_an_hour_later_everything_is_free_again(purchase):
    purchase.checkout()

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        sweep_imports()

    assert (purchase.state, purchase.import_.is_reserved) == ("ready", False)
    assert purchase.session["status"] == "expired"
