"""`BILLING=off`: nothing is sold, so nothing is withheld and nobody hears of plans."""

import json

import pytest
from django.urls import reverse

from accounts.models import Scope
from billing import urls
from onboarding.models import Import
from tests.billing.rows import InvoiceFactory, SubscriptionFactory
from tests.factories import BindingFactory, ImportFactory, OrganizationFactory, ProjectFactory

PARTS = {"key": "harbour", "invoice_id": "in_1"}
PAGES = [
    "/organizations/harbour/",
    "/organizations/harbour/lines-of-code/",
    "/organizations/harbour/estimate/",
    "/organizations/harbour/settings/",
    "/organizations/harbour/settings/delete/",
    "/lines-of-code/",
]


@pytest.fixture
def harbour(alice):
    """It once bought Team and owes a payment."""
    organization = OrganizationFactory(key="harbour", owner=alice)
    BindingFactory(organization=organization)
    bought = SubscriptionFactory(account__organization=organization, status="unpaid")
    InvoiceFactory(account=bought.account, stripe_id="in_1", status="open")
    return organization


@pytest.fixture
def off(settings):
    settings.BILLING = False


@pytest.fixture
def api(program_of, alice, harbour):
    """`api("GET", "entitlements")`: of the harbour."""
    program = program_of(alice, scopes=Scope.values)

    def call(method, address, **body):
        address = f"/api/v1/organizations/harbour/{address}"
        return program.generic(method, address, json.dumps(body), "application/json")

    return call


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda pattern: pattern.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_about_billing_is_there(browser_of, alice, harbour, off, pattern, method):
    names = pattern.pattern.converters
    address = reverse(f"billing:{pattern.name}", kwargs={name: PARTS[name] for name in names})

    response = getattr(browser_of(alice), method)(address)

    # Some want to be posted to, and say so before they look.
    assert response.status_code in ((404, 405) if method == "get" else (404,))


@pytest.mark.parametrize("address", PAGES)
def test_no_other_page_leads_to_plans_or_payments(browser_of, alice, harbour, off, address):
    page = browser_of(alice).get(address).text

    assert "/billing/" not in page and "/plans/" not in page
    assert "A payment is missing" not in page


@pytest.mark.parametrize("address", PAGES[:1])
def test_where_something_is_sold_they_do(browser_of, alice, harbour, address):
    page = browser_of(alice).get(address).text

    assert "/organizations/harbour/billing/" in page
    assert "A payment is missing" in page


def test_programs_are_told_that_everything_is_unlocked(api, off):
    may = api("GET", "entitlements").json()
    bought = api("GET", "subscription").json()

    assert (may["plan"], may["loc_limit"], may["members"]) == ("unlimited", None, None)
    assert (may["access"], may["reason"]) == ("full", "not_sold")
    assert (bought["plan"], bought["loc_limit"], bought["status"]) == ("unlimited", None, None)


def test_where_something_is_sold_programs_are_told_what_was_bought(api):
    may, bought = api("GET", "entitlements").json(), api("GET", "subscription").json()

    assert (may["plan"], may["access"]) == ("team", "read_only")
    assert (bought["plan"], bought["status"]) == ("team", "unpaid")


def test_no_analysis_is_refused_for_money(api, harbour, off):
    ProjectFactory(organization=harbour, key="crane")

    response = api("POST", "projects/crane/analyses", branch="main", loc=9_000_000)

    assert (response.status_code, response.json()["limit"]) == (201, None)


def test_where_something_is_sold_it_is(api, harbour):
    ProjectFactory(organization=harbour, key="crane")

    assert api("POST", "projects/crane/analyses", branch="main", loc=9).status_code == 402


@pytest.mark.parametrize("address", ["subscription/quotes", "subscription/changes"])
def test_there_is_nothing_to_change(api, off, address):
    response = api("POST", address, kind="cancel", loc_limit=100_000, interval="month")

    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_nothing_has_a_price(program_of, alice, off):
    plans = program_of(alice).get("/api/v1/plans").json()["results"]

    assert [plan["tiers"] for plan in plans] == [[], [], []]


def test_an_import_knows_no_step_about_plans(browser_of, alice, off):
    import_ = ImportFactory(ready=True, has_plan=False, user=alice)
    browser, at = browser_of(alice), f"/imports/{import_.pk}"

    saved = browser.post(f"{at}/details/", {"name": "Contoso", "key": "contoso"}, follow=True)

    assert saved.redirect_chain[-1][0] == f"{at}/create/"
    labels = [step["label"] for step in saved.context["steps"]]
    assert labels == ["Connect", "Details", "Create"]
    assert "Plan" not in saved.text and f"{at}/plan/" not in saved.text
    assert browser.post(f"{at}/create/")["Location"] == "/organizations/contoso/"


def test_a_tier_that_was_chosen_before_is_not_paid(browser_of, alice, off):
    import_ = ImportFactory(
        ready=True, user=alice, key="contoso", plan="team", lookup_key="team-100k-month-eur-v1"
    )

    page = browser_of(alice).get(f"/imports/{import_.pk}/create/")
    created = browser_of(alice).post(f"/imports/{import_.pk}/create/")

    assert "Create organization" in page.text and "payment" not in page.text
    assert created["Location"] == "/organizations/contoso/"


def test_where_something_is_sold_an_import_waits_for_a_plan(browser_of, alice):
    import_ = ImportFactory(ready=True, has_plan=False, user=alice)
    browser, at = browser_of(alice), f"/imports/{import_.pk}"

    saved = browser.post(f"{at}/details/", {"name": "Contoso", "key": "contoso"}, follow=True)

    assert saved.redirect_chain[-1][0] == f"{at}/plan/"
    assert browser.post(f"{at}/create/")["Location"] == f"{at}/plan/"


@pytest.mark.parametrize("plan", ["free", "team", "enterprise"])
def test_a_program_creates_at_once_whatever_plan_it_names(program_of, alice, off, plan):
    import_ = ImportFactory(ready=True, has_plan=False, user=alice)
    body = {"key": "contoso", "name": "Contoso", "plan": plan}

    response = program_of(alice).post(
        f"/api/v1/imports/{import_.pk}/create", body, content_type="application/json"
    )

    assert (response.status_code, response.json()["organization"]) == (201, "contoso")
    assert Import.objects.get().plan in ("", "free")
