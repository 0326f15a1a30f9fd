"""What is said about payments: each step once, to owners and to the billing e-mail."""

from datetime import timedelta

import pytest
from django.db.models.signals import post_save
from django.utils import timezone

from accounts.models import Notification
from billing import stripe_api
from billing.changes import accept_quote, change_details, end_subscription
from billing.dunning import tell
from billing.letters import send_due_letters
from billing.models import BillingAccount, BillingNotice, Operation
from billing.operations import start_checkout
from billing.quotes import quote_upgrade
from billing.running import run_operation
from billing.standing import entitlements_for
from billing.tasks import sweep_left, tell_all
from organizations.models import Group, GroupMembership, Membership, Organization
from organizations.operations import delete_organization
from sandbox.stripe.billing.returning import dispute
from tests.billing.rows import SubscriptionFactory
from tests.billing.subscribers import ASKS, DECLINED, GOOD, price, subscribe


@pytest.fixture(autouse=True)
def _sells(settings):
    settings.BILLING = True


def told(**values):
    return list(
        Notification.objects.filter(**values).order_by("created_at").values_list("kind", flat=True)
    )


def access(them):
    return entitlements_for(them.account.organization_id)


def fails(them, clock):
    """The renewal of a monthly subscription fails."""
    them.uses(DECLINED)
    them.later(clock, days=30, hours=2)


def test_case_35_a_renewal_fails(subscriber, clock, alice, mailoutbox):
    them = subscriber()
    fails(them, clock)
    them.sync()
    tell_all()
    send_due_letters()
    send_due_letters()

    assert them.subscription.status == "past_due"
    assert access(them).access == "full" and access(them).plan == "team"
    assert told(user=alice) == ["payment_failed"]
    (mail,) = mailoutbox
    assert mail.to == ["billing@example.com"]
    assert "a payment of € 32.00 failed" in mail.subject.replace("\N{NO-BREAK SPACE}", " ")
    assert "You keep everything until" in mail.body and "/billing/" in mail.body


def test_an_owner_whose_address_it_is_gets_one_mail_and_not_two(subscriber, clock, alice):
    them = subscriber()
    BillingAccount.objects.update(email=alice.email)
    customer = them.account.customer_id
    stripe_api.ask(lambda v1: v1.customers.update(customer, {"email": alice.email}))

    fails(them, clock)

    assert BillingNotice.objects.get().mailed_at is not None
    assert told() == ["payment_failed"]


def test_a_mail_that_can_not_leave_leaves_later(subscriber, clock, mailoutbox, settings):
    fails(subscriber(), clock)
    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_due_letters()
    notice = BillingNotice.objects.get()
    assert (notice.mailed_at, notice.attempts, notice.lease) == (None, 1, None)

    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clock.shift(timedelta(minutes=5))
    send_due_letters()

    assert len(mailoutbox) == 1


def test_a_name_of_several_lines_is_one_subject(subscriber, clock, mailoutbox):
    them = subscriber()
    Organization.objects.update(name="Harbour\r\nBcc: all@example.com")
    fails(them, clock)

    send_due_letters()

    assert "Harbour Bcc: all@example.com:" in mailoutbox[0].subject


def test_a_mail_that_can_not_be_made_stops_no_other(subscriber, clock, mailoutbox):
    fails(subscriber(), clock)
    good = BillingNotice.objects.get()
    values = {"account": good.account, "text": "Late", "email": "billing@example.com\nBcc: all"}
    bad = BillingNotice.objects.create(kind="bad", next_attempt_at=good.told_at, **values)

    send_due_letters()

    bad.refresh_from_db()
    assert (bad.mailed_at, bad.attempts, bad.lease) == (None, 1, None)
    assert len(mailoutbox) == 1


def test_case_36_the_next_attempt_succeeds(subscriber, clock, alice):
    them = subscriber()
    fails(them, clock)
    them.uses(GOOD)

    them.later(clock, days=3)
    them.sync()

    assert them.subscription.status == "active"
    assert told(user=alice) == ["payment_failed", "payment_recovered"]
    assert told(user=alice, read_at=None) == ["payment_recovered"]


def test_access_ends_on_a_day_that_is_said_before(subscriber, clock, alice):
    them = subscriber()
    fails(them, clock)

    clock.shift(timedelta(days=5, hours=1))
    tell_all()
    tell_all()

    assert told(user=alice) == ["payment_failed", "access_ending"]
    assert access(them).access == "full"
    clock.shift(timedelta(days=2))
    assert access(them).access == "read_only"


def test_case_37_all_attempts_fail(subscriber, clock, alice, committed):
    them = subscriber()
    fails(them, clock)
    for days in (3, 5, 7):
        them.later(clock, days=days, hours=1)

    assert them.subscription.status == "canceled"
    assert (access(them).plan, access(them).access) == ("free", "full")
    assert told(user=alice)[-1] == "subscription_ended"
    with committed():
        again = start_checkout(them.account, price=price(), by=alice)
    again.refresh_from_db()
    assert again.state == "done" and again.url


def test_case_38_a_renewal_has_to_be_confirmed(subscriber, clock, alice):
    them = subscriber()
    them.uses(ASKS)

    them.later(clock, days=30, hours=2)

    assert them.subscription.status == "past_due"
    assert told(user=alice) == ["payment_unconfirmed"]
    assert them.account.invoices.filter(status="open", needs_authentication=True).exists()


def test_case_41_who_did_not_pay_an_upgrade_in_time_is_told(subscriber, clock, alice):
    them = subscriber()
    them.uses(DECLINED)
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.does(accept_quote, quote.pk, by=alice)
    assert told() == []

    them.later(clock, hours=24)
    them.sync()

    assert told(user=alice) == ["change_lapsed"]


@pytest.mark.parametrize(("days", "kinds"), [(10, []), (11.1, ["trial_ending"])])
def test_case_50_a_trial_that_ends_soon_is_said_once(subscriber, clock, alice, days, kinds):
    them = subscriber(trial_period_days=14)

    them.later(clock, days=days)
    them.sync()
    tell_all()

    assert told(user=alice) == kinds


def test_case_56_a_tax_id_that_nobody_confirms_is_said(subscriber, alice, stripe):
    them = subscriber()
    tax_id = {"type": "eu_vat", "value": "DE111111111"}
    them.does(change_details, by=alice, tax_id=tax_id)
    assert told() == []

    stripe.answer_for_tax_ids()
    them.sync()

    assert them.account.tax_ids[0]["status"] == "unverified"
    assert told(user=alice) == ["billing_details"]


def test_case_57_an_invoice_without_an_address_is_finished_once_there_is_one(
    subscriber, clock, alice
):
    them = subscriber()
    with them.stripe.world.lock:
        there = them.stripe.world.get("subscription", them.subscription.stripe_id)
        there["automatic_tax"] = there["automatic_tax"] | {"enabled": True}

    them.later(clock, days=30, hours=2)
    assert told(user=alice) == ["billing_details"]
    assert them.invoices()[-1]["status"] == "draft"

    address = {"line1": "1 Quay", "city": "Kiel", "country": "DE"}
    operation = them.does(change_details, by=alice, address=address)
    them.later(clock, hours=1)

    assert operation.state == "done", operation.error
    assert them.invoices()[-1]["status"] == "paid"
    assert them.invoices()[-1]["total"] == 3808


def test_case_59_a_refund_is_recorded_and_takes_nothing_away(subscriber, alice, browser_of):
    them = subscriber()
    charge = them.stripe.all("charge")[-1]

    stripe_api.ask(lambda v1: v1.refunds.create({"charge": charge["id"], "amount": 1200}))
    them.sync()

    assert them.account.invoices.get().amount_refunded == 1200
    assert access(them).plan == "team"
    page = browser_of(alice).get("/organizations/harbour/billing/").text
    assert "€ 12.00 given back" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_case_60_a_dispute_takes_nothing_away_by_itself(subscriber, alice):
    them = subscriber()
    (charge,) = them.stripe.all("charge")

    with them.stripe.world.lock:
        dispute(them.stripe.world, them.stripe.world.get("charge", charge["id"]))
    them.sync()

    assert (them.subscription.status, access(them).plan) == ("active", "team")


def test_case_64_an_overdue_invoice_is_no_matter_of_cards(subscriber, clock, alice):
    them = subscriber(collection_method="send_invoice", days_until_due=14)

    them.later(clock, days=14, hours=2)

    notice = BillingNotice.objects.get()
    assert them.subscription.status == "past_due"
    assert them.subscription.past_due_since is not None
    assert access(them).access == "full"
    assert "is overdue" in notice.title and "card" not in notice.text


def test_case_65_a_deleted_organization_pays_no_more(subscriber, alice, committed):
    them = subscriber()
    organization = them.account.organization

    delete_organization(organization, by=alice)
    with committed():
        sweep_left()
    sweep_left()

    account = BillingAccount.objects.get()
    assert (account.organization, account.left_at is not None) == (None, True)
    assert account.subscriptions.get().status == "canceled"
    assert account.invoices.count() == 1
    assert account.operations.get().state == "done"


def left(them, **ago):
    """Its organization was deleted so long ago."""
    delete_organization(them.account.organization, by=None)
    BillingAccount.objects.update(left_at=timezone.now() - timedelta(**ago))
    them.account.refresh_from_db()


def test_case_65_what_was_bought_for_a_deleted_organization_is_given_back(subscriber, committed):
    them = subscriber()
    left(them, hours=1)

    with committed():
        sweep_left()

    assert them.subscription.status == "canceled"
    assert [each["amount"] for each in them.stripe.all("refund")] == [3200]
    assert [each.kind for each in them.account.operations.all()] == ["refund"]


def test_case_65_one_that_is_busy_stops_the_end_of_no_other(db):
    now = timezone.now()
    first, second, third = [
        SubscriptionFactory(
            account__organization=None, account__left_at=now + timedelta(minutes=n), created_at=now
        ).account
        for n in (1, 2, 3)
    ]

    def make_the_second_busy(instance, **_):
        if instance.account == first:
            second.operations.create(kind="cancel")

    post_save.connect(make_the_second_busy, sender=Operation)
    try:
        sweep_left()
    finally:
        post_save.disconnect(make_the_second_busy, sender=Operation)

    kinds = {each.account: each.kind for each in Operation.objects.all()}
    assert kinds == {first: "end", second: "cancel", third: "end"}


@pytest.mark.parametrize("kind", ["checkout", "upgrade", "resume", "details", "end_trial"])
def test_case_65_nothing_else_is_done_for_a_deleted_organization(subscriber, kind):
    them = subscriber()
    operation = them.account.operations.create(kind=kind)
    left(them, hours=-1)
    before = len(them.stripe.requests)

    run_operation(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, operation.error_code) == ("failed", "organization-deleted")
    asked = [each.asked.method for each in them.stripe.requests[before:]]
    assert set(asked) == {"GET"}


def test_case_65_another_purchase_is_not_ended_in_the_place_of_the_first(subscriber, alice):
    them = subscriber()
    asked = end_subscription(them.account, by=alice, reason="Asked by phone")
    stripe_api.ask(lambda v1: v1.subscriptions.cancel(them.subscription.stripe_id))
    subscribe(them, price())

    run_operation(asked.pk)

    asked.refresh_from_db()
    assert (asked.state, them.subscription.status) == ("done", "active")


def test_case_65_a_new_owner_is_who_is_told(subscriber, clock, alice, bob):
    them = subscriber()
    organization = them.account.organization
    group = Group.objects.get(organization=organization)
    joined = Membership.objects.create(organization=organization, user=bob)
    GroupMembership.objects.create(group=group, membership=joined)
    GroupMembership.objects.filter(membership__user=alice).delete()

    fails(them, clock)

    assert told(user=bob) == ["payment_failed"]
    assert told(user=alice) == []


def test_nothing_is_said_where_nothing_is_wrong(subscriber):
    them = subscriber()

    assert tell(them.account) == 0
    assert not BillingNotice.objects.exists()
    assert timezone.now() < them.subscription.period_end
