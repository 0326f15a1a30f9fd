"""One trial for each external organization, wherever it is bought and however often imported."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import Notification
from billing import stripe_api
from billing.models import BillingAccount, Subscription, TrialOrganization
from onboarding.models import Import
from organizations.models import Organization
from organizations.operations import delete_organization
from tests.billing.shop import sell
from tests.factories import ImportFactory

TAKING_OVER = [
    "billing.migrations.0009_trials_there_were",
    "onboarding.migrations.0005_trials_of_imports",
]
CHANGE = "/organizations/contoso/billing/change/"


@pytest.fixture
def imports(purchase):
    """`imports(plan)`: the same external organization once more, up to the last step."""
    external_id = purchase.import_.external_id

    def again(plan="team"):
        purchase.import_ = ImportFactory(
            ready=True,
            user=purchase.import_.user,
            key="contoso",
            external_id=external_id,
            plan=plan,
            lookup_key="team-250k-month-eur-v1" if plan == "team" else "",
        )

    return again


def on_free(purchase):
    Import.objects.filter(pk=purchase.import_.pk).update(plan="free", lookup_key="")


def buys_by_the_billing_page(purchase):
    """The answer of the page, and the checkout that it led to."""
    with purchase.committed():
        purchase.browser.post(
            CHANGE, {"loc_limit": "250000", "interval": "month", "currency": "eur"}
        )
    return purchase.session


def deleted(purchase):
    with purchase.committed():
        delete_organization(Organization.objects.get(), by=purchase.import_.user)


def promises(purchase, address):
    return "14 days" in purchase.browser.get(address).text


def test_an_organization_has_one_trial_however_often_it_is_imported(purchase, imports):
    purchase.comes_back(purchase.pays())
    deleted(purchase)
    imports()

    assert not promises(purchase, purchase.page("plan/"))
    assert not promises(purchase, purchase.page("create/"))
    purchase.checkout()

    assert purchase.session["amount_total"] == 8000


def test_a_trial_begun_on_the_billing_page_is_known_to_the_next_import(purchase, imports):
    on_free(purchase)
    purchase.press()
    purchase.comes_back(purchase.stripe.pay(buys_by_the_billing_page(purchase)["url"]))
    assert Subscription.objects.get().status == "trialing"
    deleted(purchase)
    imports()

    assert not promises(purchase, purchase.page("create/"))
    purchase.checkout()

    assert purchase.session["amount_total"] == 8000


def test_a_trial_of_an_import_is_known_to_the_billing_page(purchase, imports):
    purchase.comes_back(purchase.pays())
    deleted(purchase)
    imports("free")
    purchase.press()

    assert not promises(purchase, CHANGE)
    assert buys_by_the_billing_page(purchase)["amount_total"] == 8000


def test_a_trial_is_remembered_where_its_import_came_to_nothing(purchase, imports):
    purchase.pays()
    (trial,) = purchase.stripe.all("subscription")
    stripe_api.ask(lambda v1: v1.subscriptions.cancel(trial["id"]))
    purchase.is_told()
    assert purchase.state == "ready"
    purchase.browser.post(purchase.page("abandon/"))
    Import.objects.all().delete()
    imports()

    purchase.checkout()

    assert purchase.session["amount_total"] == 8000


def test_another_organization_of_the_same_person_has_its_own(purchase):
    purchase.comes_back(purchase.pays())
    price = sell(loc_limit=500_000, amount=14_500)
    purchase.import_ = ImportFactory(
        ready=True, user=purchase.import_.user, plan="team", lookup_key=price.lookup_key
    )

    assert promises(purchase, purchase.page("create/"))
    purchase.checkout()

    assert purchase.session["amount_total"] == 0
    assert BillingAccount.objects.count() == 2


@pytest.mark.parametrize("is_deleted", [False, True])
def test_trials_from_before_they_were_kept_are_taken_over(purchase, imports, is_deleted):
    purchase.comes_back(purchase.pays())
    TrialOrganization.objects.all().delete()
    BillingAccount.objects.update(platform="", external_id="")
    if is_deleted:
        deleted(purchase)
    for name in (
        "billing.migrations.0009_trials_there_were",
        "onboarding.migrations.0005_trials_of_imports",
    ):
        import_module(name).take_over(apps, None)

    (kept,) = TrialOrganization.objects.all()
    assert kept.external_id == purchase.import_.external_id
    assert BillingAccount.objects.get().external_id == kept.external_id


@pytest.fixture
def second(purchase):
    """Another import by the same card, which was promised a trial and is back from the checkout."""
    purchase.comes_back(purchase.pays())
    purchase.import_ = ImportFactory(
        ready=True,
        user=purchase.import_.user,
        name="Fabrikam",
        key="fabrikam",
        plan="team",
        lookup_key="team-250k-month-eur-v1",
    )
    assert promises(purchase, purchase.page("create/"))
    purchase.comes_back(purchase.pays())
    return purchase


def test_a_card_that_had_a_trial_is_charged_nothing_and_leads_back(second):
    assert second.state == "ready"
    assert [each["amount_paid"] for each in second.stripe.all("invoice")] == [0, 0]
    assert not Organization.objects.filter(key="fabrikam").exists()
    assert second.waits()["HX-Redirect"] == second.page("create/")
    for page in ("create/", "plan/"):
        assert "ends with 4242 has had its trial" in second.browser.get(second.page(page)).text
        assert not promises(second, second.page(page))
    notice = Notification.objects.get(kind="trial_ended")
    assert notice.action_path == second.page("plan/")


def test_a_program_learns_why_it_is_ready_again(second, program_of):
    program = program_of(second.import_.user)

    state = program.get(f"/api/v1/imports/{second.import_.pk}").json()

    assert state["state"] == "ready"
    assert "ends with 4242 has had its trial" in state["no_trial"]


def test_after_that_it_is_paid_from_the_first_day(second):
    second.comes_back(second.pays())

    assert second.state == "created"
    assert Subscription.objects.get(account=second.import_.billing, status="active")
    assert [each["amount_paid"] for each in second.stripe.all("invoice")] == [0, 0, 8000]


def test_while_a_second_trial_is_being_ended_the_page_waits(second, browser_of):
    """Stripe did not answer when it was asked to end it."""
    Subscription.objects.filter(account__of_import=second.import_).update(status="trialing")
    Import.objects.filter(pk=second.import_.pk).update(state="payment_required", is_reserved=True)

    page = second.browser.get(second.page("payment/"))

    assert "Looking how your checkout ended" in page.text
    assert "Your checkout is open" not in page.text
