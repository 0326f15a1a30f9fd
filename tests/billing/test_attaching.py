"""An Enterprise subscription that was made at Stripe becomes an organization's."""

from datetime import timedelta

import pytest

from billing import stripe_api
from billing.models import BillingAccount, Operation
from billing.running import run_operation
from billing.standing import entitlements_for
from billing.syncing import sync_account
from billing.turns import account_turn
from organizations.models import AuditEvent
from sandbox.stripe.billing.clock import catch_up
from sandbox.stripe.faults import StripeFault
from tests.billing.rows import AccountFactory
from tests.factories import OrganizationFactory, UserFactory

PLACE = "/admin/billing/billingaccount/attach/"
AGREED = {"plan": "enterprise", "loc_limit": "5000000"}


@pytest.fixture(autouse=True)
def _sells(settings, clock):
    settings.BILLING = True


@pytest.fixture
def harbour(alice):
    return OrganizationFactory(key="harbour", owner=alice)


@pytest.fixture
def attach(browser_of, committed, stripe, db):
    """`attach(subscription)`: support types its id, and a worker looks at it."""
    browser = browser_of(UserFactory(email="support@example.com", is_staff=True, is_superuser=True))

    def act(subscription, key="harbour"):
        typed = {"key": key, "subscription_id": subscription["id"], "reason": "Signed on Monday"}
        with committed():
            answer = browser.post(PLACE, typed)
        assert answer.status_code == 302, answer.text
        return Operation.objects.filter(kind="attach").latest("asked_at")

    return act


def made_by_staff(metadata=AGREED, customer=None, **named):
    """At Stripe, for a new customer unless one is named, and paid by invoice."""
    if customer is None:
        about = {"email": "buying@example.com", "name": "Harbour Holding", "metadata": named}
        customer = stripe_api.ask(lambda v1: v1.customers.create(about))["id"]
    product = stripe_api.ask(lambda v1: v1.products.create({"name": "Enterprise"}))["id"]
    priced = {
        "product": product, "currency": "eur", "unit_amount": 1_200_000,
        "recurring": {"interval": "year"},
    }  # fmt: skip
    params = {
        "customer": customer, "metadata": metadata,
        "items": [{"price": stripe_api.ask(lambda v1: v1.prices.create(priced))["id"]}],
        "collection_method": "send_invoice", "days_until_due": 30,
    }  # fmt: skip
    return stripe_api.ask(lambda v1: v1.subscriptions.create(params))


def test_an_agreed_subscription_is_attached(attach, harbour, stripe):
    made = made_by_staff()

    operation = attach(made)

    assert operation.state == "done", operation.error
    entitled = entitlements_for(harbour.pk)
    assert (entitled.plan, entitled.loc_limit, entitled.access) == ("enterprise", 5_000_000, "full")
    account = BillingAccount.objects.get(organization=harbour)
    assert (account.customer_id, account.email) == (made["customer"], "buying@example.com")
    subscription = account.subscriptions.get()
    assert (subscription.is_sent_as_invoice, subscription.amount) == (True, 1_200_000)
    there = stripe.get("subscription", made["id"])["metadata"]
    assert (there["account"], there["loc_limit"]) == (str(account.pk), "5000000")
    assert stripe.get("customer", made["customer"])["metadata"]["account"] == str(account.pk)


def test_attaching_is_on_the_record(attach, harbour):
    made = made_by_staff()

    operation = attach(made)

    asked, done = (
        AuditEvent.objects.get(organization=harbour, action=action)
        for action in ("billing.attach_asked", "billing.attached")
    )
    assert (asked.actor_email, asked.channel) == ("support@example.com", "admin")
    assert asked.data["reason"] == operation.reason == "Signed on Monday"
    assert (done.actor_email, done.data["subscription"]) == ("support@example.com", made["id"])


def test_its_plan_is_written_into_its_metadata_where_only_the_lines_are(attach, harbour, stripe):
    made = made_by_staff({"loc_limit": "5000000"})

    attach(made)

    assert entitlements_for(harbour.pk).plan == "enterprise"
    assert stripe.get("subscription", made["id"])["metadata"]["plan"] == "enterprise"


def test_its_invoice_falls_due_and_then_the_grace_begins(attach, harbour, stripe, clock):
    attach(made_by_staff())
    account = BillingAccount.objects.get(organization=harbour)
    assert account.invoices.get().status == "open"

    clock.shift(timedelta(days=31))
    catch_up(stripe.world)
    with account_turn(account.pk) as mine:
        sync_account(mine)

    entitled = entitlements_for(harbour.pk)
    assert (entitled.reason, entitled.access) == ("past_due", "full")
    assert 5 <= (entitled.until - account.invoices.get().due_at).days <= 7


def refused(operation, harbour):
    """Nothing of it is ours."""
    account = BillingAccount.objects.get(organization=harbour)
    assert operation.state == "failed"
    assert not AuditEvent.objects.filter(action="billing.attached").exists()
    return account.customer_id == "" and operation.error


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"plan": "enterprise"}, "has to say the lines"),
        ({"plan": "enterprise", "loc_limit": "many"}, "has to say the lines"),
        ({"plan": "enterprise", "loc_limit": "0"}, "has to say the lines"),
        ({"plan": "team", "loc_limit": "5000000"}, "another plan than enterprise"),
    ],
)
def test_what_was_agreed_on_must_be_in_its_metadata(attach, harbour, metadata, why):
    assert why in refused(attach(made_by_staff(metadata)), harbour)


def test_one_that_has_ended_is_not_attached(attach, harbour):
    made = made_by_staff()
    stripe_api.ask(lambda v1: v1.subscriptions.cancel(made["id"], {}))

    assert "has ended" in refused(attach(made), harbour)


def test_one_that_is_not_there_is_not_attached(attach, harbour):
    assert "No such subscription" in refused(attach({"id": "sub_nowhere"}), harbour)


def test_another_organizations_is_not_attached(attach, harbour):
    made = made_by_staff()
    AccountFactory(customer_id=made["customer"])

    assert "another organization's" in refused(attach(made), harbour)


@pytest.mark.parametrize("place", ["subscription", "customer"])
def test_one_that_names_another_account_is_not_attached(attach, harbour, place):
    named = {"account": str(AccountFactory().pk)}
    made = made_by_staff(AGREED | named) if place == "subscription" else made_by_staff(**named)

    assert "another organization's" in refused(attach(made), harbour)


def test_one_that_names_nobody_that_we_know_is_taken_over(attach, harbour):
    gone = "00000000-0000-0000-0000-000000000000"

    operation = attach(made_by_staff(AGREED | {"account": gone}, account="by hand"))

    assert operation.state == "done", operation.error
    assert entitlements_for(harbour.pk).plan == "enterprise"


def test_a_customer_who_pays_for_something_else_is_not_taken_over(attach, harbour):
    made = made_by_staff()
    other = made_by_staff({}, made["customer"])

    assert f"{other['id']} is paid as well" in refused(attach(made), harbour)


def test_while_a_team_is_paid_nothing_else_is_attached(attach, subscriber):
    them = subscriber()

    operation = attach(made_by_staff())

    assert operation.state == "failed"
    assert "is paid as well. End that first." in operation.error
    assert them.subscription.plan == "team"


def test_what_staff_made_beside_a_team_is_not_given_back_as_bought_twice(subscriber, stripe, clock):
    them = subscriber()
    # Of two that began in the same second, either may be the first.
    clock.shift(timedelta(hours=1))
    made = made_by_staff(customer=them.account.customer_id)

    them.sync()
    them.sync()

    assert stripe.get("subscription", made["id"])["status"] == "active"
    assert them.subscription.plan == "team"
    assert not them.account.operations.exists()
    events = them.account.organization.audit_events
    assert events.filter(action="billing.agreed_beside_another").count() == 1

    stripe_api.ask(lambda v1: v1.subscriptions.cancel(them.subscription.stripe_id, {}))
    them.sync()

    assert them.subscription.plan == "enterprise"


def test_who_had_a_team_before_gets_another_customer(attach, subscriber):
    them = subscriber()
    stripe_api.ask(lambda v1: v1.subscriptions.cancel(them.subscription.stripe_id, {}))
    before, made = them.account.customer_id, made_by_staff()

    operation = attach(made)

    assert operation.state == "done", operation.error
    them.account.refresh_from_db()
    assert them.account.customer_id == made["customer"] != before
    assert them.subscription.plan == "enterprise"
    assert AuditEvent.objects.get(action="billing.attached").data["before"] == before


def test_credit_is_not_lost_with_a_customer(attach, subscriber):
    them = subscriber()
    params = {"prorate": True, "invoice_now": True}
    stripe_api.ask(lambda v1: v1.subscriptions.cancel(them.subscription.stripe_id, params))
    them.sync()

    operation = attach(made_by_staff())

    assert operation.state == "failed"
    assert "of credit, which would be lost" in operation.error


def test_an_attachment_goes_on_where_stripe_fell_silent(attach, harbour, stripe):
    made = made_by_staff()
    stripe.fail_next(StripeFault.ERROR, 3, method="POST", url=f"/v1/customers/{made['customer']}")

    operation = attach(made)
    assert (operation.state, entitlements_for(harbour.pk).plan) == ("waiting", "free")
    Operation.objects.update(next_attempt_at=operation.asked_at)
    run_operation(operation.pk)

    operation.refresh_from_db()
    assert operation.state == "done", operation.error
    assert entitlements_for(harbour.pk).plan == "enterprise"
    assert AuditEvent.objects.filter(action="billing.attached").count() == 1


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"key": "nowhere"}, "There is no organization with this key."),
        ({"subscription_id": "cus_harbour"}, "begins with sub_"),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_what_is_typed_wrong_is_said_beside_it(browser_of, harbour, typed, why):
    known = {"key": "harbour", "subscription_id": "sub_harbour", "reason": "Signed on Monday"}
    support = UserFactory(email="support@example.com", is_staff=True, is_superuser=True)

    answer = browser_of(support).post(PLACE, known | typed)

    assert answer.status_code == 422
    assert why in answer.text
    assert not Operation.objects.exists()
