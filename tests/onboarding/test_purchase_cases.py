"""What goes wrong while an import is paid, a test for each case."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from billing import stripe_api
from billing.models import BillingAccount, Operation, Subscription
from billing.tasks import run_operation, sweep_operations
from onboarding.tasks import sweep_imports
from organizations.models import AuditEvent, Organization
from sandbox.stripe.faults import StripeFault
from tests.billing.shop import sell

ASKS = "4000002760003184"


@pytest.mark.parametrize(
    ("card", "says"),
    [
        ("4000000000000002", "declined"),
        ("4000000000009995", "insufficient funds"),
        ("4000000000000069", "expired"),
        ("4000000000000127", "security code"),
    ],
)
def test_case_01_card_declined_in_checkout(purchase, card, says):
    address = purchase.checkout()

    assert says in purchase.stripe.decline(address, card)

    purchase.is_told()
    assert (purchase.state, purchase.session["status"]) == ("payment_required", "open")
    assert not Organization.objects.exists()
    purchase.comes_back(purchase.stripe.pay(address))
    assert purchase.state == "created"


def test_case_02_3d_secure_completed(purchase):
    bank = purchase.stripe.pay(purchase.checkout(), ASKS)

    purchase.comes_back(purchase.stripe.authenticate(bank))

    assert purchase.state == "created"
    assert len(purchase.stripe.all("subscription")) == len(purchase.stripe.all("invoice")) == 1


def test_case_03_3d_secure_failed_and_abandoned(purchase):
    bank = purchase.stripe.pay(purchase.checkout(), ASKS)
    purchase.stripe.authenticate(bank, passes=False)
    purchase.is_told()
    assert (purchase.state, purchase.session["status"]) == ("payment_required", "open")

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        purchase.stripe.look(purchase.session["url"])
        purchase.is_told("checkout.session.expired")

    assert purchase.state == "ready"
    assert not Organization.objects.exists()


def test_case_04_tab_closed_after_paying(purchase):
    purchase.pays()

    assert set(purchase.is_told()) == {200}

    assert purchase.state == "created"
    assert "/organizations/contoso/" in purchase.browser.get("/").text


def test_case_05_success_page_before_the_webhook(purchase):
    purchase.comes_back(purchase.pays())
    assert purchase.state == "created"

    purchase.is_told()

    assert Organization.objects.count() == Subscription.objects.count() == 1
    assert AuditEvent.objects.filter(action="import.paid").count() == 1


@pytest.mark.parametrize("kind", ["made up", "another's", "none"])
def test_case_06_success_address_forged(purchase, kind, caplog):
    purchase.checkout()
    other = stripe_api.ask(
        lambda v1: v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "success_url": "https://example.com/",
                "line_items": [{"price": purchase.stripe.all("price")[0]["id"], "quantity": 1}],
            }
        )
    )
    purchase.stripe.pay(other["url"])
    session = {"made up": "cs_test_" + "madeup", "another's": other["id"], "none": ""}[kind]
    asked = len(purchase.stripe.requests)

    answer = purchase.comes_back(f"{purchase.page('paid')}?session_id={session}")

    assert answer.status_code == 404
    assert len(purchase.stripe.requests) == asked
    assert purchase.state == "payment_required"
    assert "checkout_forged" in caplog.text


def test_case_07_success_page_loaded_ten_times(purchase):
    landed = purchase.pays()

    for _ in range(10):
        purchase.comes_back(landed)
    purchase.is_told()

    assert Organization.objects.count() == len(purchase.stripe.all("subscription")) == 1
    assert AuditEvent.objects.filter(action="organization.created").count() == 1
    assert len(mail.outbox) <= 1


def test_case_08_double_click_and_two_tabs(purchase):
    purchase.press()
    purchase.press()

    assert Operation.objects.count() == len(purchase.stripe.all("checkout.session")) == 1


def test_case_08_another_tier_in_another_tab(purchase, alice):
    first = purchase.checkout()
    smaller = sell(loc_limit=100_000, amount=3200)
    purchase.browser.post(purchase.page("payment/back/"))
    purchase.import_.refresh_from_db()
    purchase.import_.lookup_key = smaller.lookup_key
    purchase.import_.save()

    second = purchase.checkout()

    assert "expired" in purchase.stripe.look(first)
    purchase.comes_back(purchase.stripe.pay(second))
    assert Subscription.objects.get().loc_limit == 100_000


def test_case_08_paid_in_one_tab_while_another_goes_back(purchase):
    landed = purchase.pays()

    answer = purchase.browser.post(purchase.page("payment/back/"))

    assert answer.status_code == 409
    purchase.comes_back(landed)
    assert purchase.state == "created"


def test_case_09_paid_twice_in_two_tabs_anyway(purchase):
    first = purchase.checkout()
    account = BillingAccount.objects.get()
    opened = account.operations.get(kind="checkout")
    names = {"account": str(account.pk), "operation": str(opened.pk)}
    params = {
        "mode": "subscription",
        "customer": account.customer_id,
        "client_reference_id": names["account"],
        "subscription_data": {"metadata": names},
        "line_items": [{"price": purchase.stripe.all("price")[0]["id"], "quantity": 1}],
        "success_url": "https://example.com/",
    }
    second = stripe_api.ask(lambda v1: v1.checkout.sessions.create(params))["url"]
    landed = purchase.stripe.pay(first)
    with purchase.stripe.world.lock:
        purchase.stripe.world.ahead += 60
    purchase.stripe.pay(second)

    purchase.comes_back(landed)
    purchase.is_told()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        sweep_operations()

    assert Organization.objects.count() == 1
    statuses = [each["status"] for each in purchase.stripe.all("subscription")]
    assert statuses == ["trialing", "canceled"]
    assert [each["amount"] for each in purchase.stripe.all("refund")] == [8000]


def test_case_10_session_expires(purchase):
    first = purchase.checkout()

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        purchase.stripe.look(first)
        purchase.is_told("checkout.session.expired")
        assert (purchase.state, purchase.import_.is_reserved) == ("ready", False)
        again = purchase.checkout()

    assert again != first
    assert purchase.session["status"] == "open"


def test_case_11_price_archived_between_page_and_payment(purchase):
    (price,) = purchase.stripe.all("price")
    stripe_api.ask(lambda v1: v1.prices.update(price["id"], {"active": False}))

    purchase.press()

    page = purchase.browser.get(purchase.page("payment/"), follow=True).text
    assert "This price is not sold, or not any more." in page
    assert purchase.stripe.all("checkout.session") == []


def test_case_11_another_amount_than_was_shown(purchase):
    with purchase.stripe.world.lock:
        for price in purchase.stripe.world.all("price"):
            price["unit_amount"] = 9900

    purchase.press()

    assert Operation.objects.get().error_code == "price-not-sold"
    assert purchase.stripe.all("checkout.session") == []


def test_case_11_price_taken_from_the_catalogue(purchase):
    sell(loc_limit=100_000)
    purchase.import_.lookup_key = "team-1k-month-eur-v1"
    purchase.import_.save()

    answer = purchase.browser.post(purchase.page("create/"), follow=True)

    assert "not sold" in answer.text
    assert purchase.state == "ready"
    assert not Operation.objects.exists()


def test_case_12_foreign_price_from_the_client(purchase):
    purchase.browser.post(purchase.page("create/"), {"price": "price_other", "amount": "1"})

    params = Operation.objects.get().params
    assert params["lookup_key"] == purchase.import_.lookup_key


def test_case_14_stripe_down_while_the_checkout_is_opened(purchase):
    purchase.stripe.fail_next(StripeFault.ERROR, 3)
    purchase.press()

    page = purchase.browser.get(purchase.page("payment/"))
    assert "Taking you to the checkout" in page.text
    assert "Our payment service is not answering." in page.text
    operation = Operation.objects.get()
    assert (operation.state, operation.attempts) == ("waiting", 1)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        sweep_operations()

    assert purchase.waits()["HX-Redirect"] == purchase.session["url"]
    assert len(purchase.stripe.all("customer")) == len(purchase.stripe.all("checkout.session")) == 1


def test_case_14_stripe_stays_down(purchase):
    purchase.stripe.fail_next(StripeFault.ERROR, 1000)
    purchase.press()
    Operation.objects.update(attempts=9, next_attempt_at=timezone.now())

    run_operation(operation_id=str(Operation.objects.get().pk))

    page = purchase.browser.get(purchase.page("payment/")).text
    assert "The checkout could not be opened." in page
    assert "Nothing was charged; try again soon." in page
    assert "Try again" in page
    sweep_imports()
    assert purchase.state == "ready"


@pytest.mark.parametrize("url", ["/v1/customers", "/v1/checkout/sessions"])
def test_case_15_timeout_after_stripe_did_the_work(purchase, url):
    # As often as the library asks by itself.
    purchase.stripe.fail_next(StripeFault.RESET_AFTER, 3, method="POST", url=url)
    purchase.press()
    assert Operation.objects.get().state == "waiting"

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        sweep_operations()

    assert Operation.objects.get().state == "done"
    assert len(purchase.stripe.all("customer")) == len(purchase.stripe.all("checkout.session")) == 1


def test_case_17_idempotency_key_reused_with_other_values(purchase, caplog):
    purchase.stripe.fail_next(StripeFault.RESET_AFTER, 3, method="POST", url="/v1/checkout")
    purchase.press()
    operation = Operation.objects.get()
    operation.asked["session"]["success_url"] = "https://example.com/elsewhere/"
    operation.save()

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        run_operation(operation_id=str(operation.pk))

    operation.refresh_from_db()
    assert (operation.state, operation.attempts) == ("failed", 2)
    assert "stripe_misused" in caplog.text


def test_case_18_retry_when_the_keys_are_forgotten(purchase):
    purchase.stripe.fail_next(StripeFault.RESET_AFTER, 3, method="POST", url="/v1/checkout")
    purchase.press()

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        sweep_operations()
        sweep_imports()

    assert Operation.objects.get().error_code == "checkout-late"
    assert len(purchase.stripe.all("customer")) == len(purchase.stripe.all("checkout.session")) == 1
    assert purchase.state == "ready"


def test_case_18_the_customer_is_found_again(purchase):
    purchase.stripe.fail_next(StripeFault.RESET_AFTER, 3, method="POST", url="/v1/customers")
    purchase.press()

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        sweep_operations()

    (customer,) = purchase.stripe.all("customer")
    assert BillingAccount.objects.get().customer_id == customer["id"]


def test_case_19_too_many_requests(purchase):
    purchase.stripe.fail_next(StripeFault.RATE_LIMIT, 1)
    purchase.press()

    operation = Operation.objects.get()
    assert operation.state == "waiting"
    assert operation.next_attempt_at > timezone.now()
    answer = purchase.browser.get(purchase.page("payment/"))
    assert (answer.status_code, "We keep trying" in answer.text) == (200, True)


def test_case_19_too_many_requests_on_the_way_back(purchase):
    landed = purchase.pays()
    purchase.stripe.fail_next(StripeFault.RATE_LIMIT, 1)

    answer = purchase.comes_back(landed)

    assert answer["Location"] == purchase.page("payment/")
    purchase.is_told()
    assert purchase.state == "created"
