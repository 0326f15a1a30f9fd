"""Billing at the support desk: what may be done there, by whom, and what is on the record."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from billing.models import BillingAccount, Operation
from billing.standing import entitlements_for
from billing.turns import account_turn
from organizations.models import AuditEvent
from tests.billing.desk import ALARMS, WHY, act_on, page_of
from tests.billing.rows import (
    AccountFactory,
    EventFactory,
    OperationFactory,
    SubscriptionFactory,
)
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _sells(settings):
    settings.BILLING = True


def recorded(action):
    """The one event of this kind, as people at the desk find it."""
    event = AuditEvent.objects.get(action=action)
    assert (event.actor_email, event.channel) == ("support@example.com", "admin")
    assert event.data["reason"] == WHY["reason"]
    return event


def acts():
    """What was done at the desk; looking is on the record too."""
    return AuditEvent.objects.filter(channel="admin").exclude(action="support.viewed")


def nothing_recorded():
    return not acts().exists()


def rows_to_act_on():
    waiting = OperationFactory(state="waiting")
    account = SubscriptionFactory(account=waiting.account).account
    event = EventFactory(stripe_id="evt_harbour", account=account, state="failed")
    acts = [(account, name) for name in ("resync", "grace", "end")]
    return [*acts, (event, "replay"), (waiting, "retry"), (waiting, "fail")]


def state_of_all():
    accounts = BillingAccount.objects.values_list("grace_until", "wanted_at")
    operations = Operation.objects.values_list("state", "attempts", "next_attempt_at")
    return list(accounts), list(operations), acts().count()


def test_who_may_only_look_is_offered_nothing_and_may_do_nothing(browser_of, db):
    looker = UserFactory(email="looker@example.com", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    browser = browser_of(looker)
    acts = rows_to_act_on()
    before = state_of_all()

    for row, name in acts:
        page = browser.get(page_of(row))
        assert page.status_code == 200
        assert "/act/" not in page.text
        assert browser.get(act_on(row, name)).status_code == 403
        assert browser.post(act_on(row, name), WHY).status_code == 403
    attach = "/admin/billing/billingaccount/attach/"
    assert browser.post(attach, WHY).status_code == 403
    assert browser.get(ALARMS).status_code == 200
    assert attach not in browser.get("/admin/billing/billingaccount/").text
    assert state_of_all() == before


def test_who_has_the_permission_to_change_acts(browser_of, committed, stripe, db):
    clerk = UserFactory(email="clerk@example.com", is_staff=True)
    names = ["view_billingaccount", "change_billingaccount"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    browser, account = browser_of(clerk), AccountFactory(customer_id="")

    with committed():
        done = browser.post(act_on(account, "resync"), WHY)

    assert done.status_code == 302
    assert AuditEvent.objects.get(action="billing.resync_asked").actor == clerk
    event = EventFactory(stripe_id="evt_harbour")
    assert browser.post(act_on(event, "replay"), WHY).status_code == 403


def test_the_acts_and_the_alarms_are_for_staff(browser_of, client, charlie):
    places = [act_on(row, name) for row, name in rows_to_act_on()]
    before = state_of_all()

    for place in [*places, ALARMS, "/admin/billing/billingaccount/attach/"]:
        assert client.post(place, WHY)["Location"].startswith("/account/login/")
        assert browser_of(charlie).post(place, WHY, follow=True).status_code == 403
    assert state_of_all() == before


def test_looking_at_an_act_does_nothing_nor_does_one_without_a_reason(desk):
    acts = rows_to_act_on()
    before = state_of_all()

    for row, name in acts:
        assert act_on(row, name).replace("evt_", "evt_5F") in desk.get(page_of(row)).text
        assert desk.get(act_on(row, name)).status_code == 200
        refused = desk.post(act_on(row, name), {"reason": "  ", "until": "2099-01-01"})
        assert refused.status_code == 422
        assert "This field is required." in refused.text
    assert state_of_all() == before


def test_an_act_that_is_none_is_not_found(desk):
    account = AccountFactory()

    assert desk.post(act_on(account, "delete"), WHY).status_code == 404
    nobody = "/admin/billing/billingaccount/00000000-0000-0000-0000-000000000000/act/resync/"
    assert desk.post(nobody, WHY).status_code == 404


def test_an_event_is_replayed_by_support(buyer, does):
    bought = buyer.buys()
    event = EventFactory(
        stripe_id="evt_harbour", customer_id=buyer.customer["id"], account=buyer.account,
        state="failed", attempts=30, error="Traceback",
    )  # fmt: skip

    does(event, "replay")

    event.refresh_from_db()
    assert (event.state, event.error) == ("done", "")
    assert buyer.subscription.stripe_id == bought["id"]
    told = recorded("billing.event_replayed")
    assert (told.organization, told.data["event"]) == (buyer.organization, "evt_harbour")


def test_an_event_of_the_other_mode_is_not_replayed(desk, does):
    event = EventFactory(stripe_id="evt_harbour", is_live=True, state="ignored")

    refused = does(event, "replay")

    event.refresh_from_db()
    assert (refused.status_code, event.state) == (422, "ignored")
    assert "other mode" in refused.text
    assert nothing_recorded()


def test_an_account_is_synced_by_support(buyer, does):
    buyer.buys()

    done = does(buyer.account, "resync")

    assert done["Location"] == page_of(buyer.account)
    assert buyer.subscription.status == "active"
    assert recorded("billing.resync_asked").organization == buyer.organization


def test_support_lets_somebody_keep_what_is_not_paid(does):
    subscription = SubscriptionFactory(status="unpaid")
    account = subscription.account
    assert entitlements_for(account.organization_id).is_read_only
    until = timezone.now().date() + timedelta(days=10)

    does(account, "grace", until=until.isoformat())

    entitled = entitlements_for(account.organization_id)
    assert (entitled.access, entitled.loc_limit) == ("full", 250_000)
    assert entitled.until.date() == until + timedelta(days=1)
    told = recorded("billing.grace_extended").data
    assert (told["until"][:10], told["before"]) == (str(until + timedelta(days=1)), None)


@pytest.mark.parametrize("days", [-1, 400])
def test_grace_ends_within_a_year(does, days):
    account = SubscriptionFactory(status="unpaid").account
    until = timezone.now().date() + timedelta(days=days)

    refused = does(account, "grace", until=until.isoformat())

    account.refresh_from_db()
    assert (refused.status_code, account.grace_until) == (422, None)
    assert nothing_recorded()


def test_there_is_no_grace_where_nothing_was_bought(does):
    account = AccountFactory()
    until = timezone.now().date() + timedelta(days=10)

    refused = does(account, "grace", until=until.isoformat())

    assert refused.status_code == 422
    assert "Nothing was ever bought here" in refused.text
    assert nothing_recorded()


@pytest.mark.parametrize(("typed", "credit"), [({}, 0), ({"credit_unused": "on"}, 3200)])
def test_support_ends_a_subscription_from_the_desk(subscriber, does, typed, credit):
    them = subscriber()

    does(them.account, "end", **typed)

    them.account.refresh_from_db()
    assert (them.subscription.status, them.account.credit) == ("canceled", credit)
    assert recorded("billing.end_asked").organization == them.account.organization


def test_nothing_is_ended_twice(desk, does):
    account = SubscriptionFactory(status="canceled").account

    assert act_on(account, "end") not in desk.get(page_of(account)).text
    refused = does(account, "end")

    assert refused.status_code == 422
    assert not account.operations.exists()


def test_an_operation_that_waits_is_tried_at_once(subscriber, does):
    them = subscriber()
    later = timezone.now() + timedelta(minutes=5)
    operation = OperationFactory(
        account=them.account, state="waiting", attempts=9, next_attempt_at=later
    )

    does(operation, "retry")

    operation.refresh_from_db()
    assert operation.state == "done", operation.error
    assert them.subscription.cancels_at is not None
    assert recorded("billing.operation_retried").data["operation"] == str(operation.pk)


def test_a_refund_that_failed_is_asked_for_once_more(buyer, does):
    first, second = buyer.buys(), buyer.buys(buyer.sells(500_000, 14_500))
    failed = OperationFactory(
        account=buyer.account, kind="refund", state="failed", error_code="broken",
        params={"subscription_id": second["id"]},
    )  # fmt: skip

    does(failed, "retry")

    again = buyer.account.operations.exclude(pk=failed.pk).get()
    assert (again.kind, again.state, again.reason) == ("refund", "done", "Asked by phone")
    assert buyer.find("subscription", second)["status"] == "canceled"
    assert buyer.subscription.stripe_id == first["id"]
    assert recorded("billing.refund_asked").data["after"] == str(failed.pk)


def test_what_a_person_asked_for_and_failed_is_theirs_to_ask_again(desk, does):
    failed = OperationFactory(state="failed", kind="cancel")

    assert "/act/" not in desk.get(page_of(failed)).text
    assert does(failed, "retry").status_code == 422
    assert Operation.objects.count() == 1
    assert nothing_recorded()


def test_an_operation_that_waits_is_given_up(does, stripe):
    operation = OperationFactory(state="waiting", account__customer_id="")

    does(operation, "fail")

    operation.refresh_from_db()
    account = operation.account
    account.refresh_from_db()
    assert (operation.state, operation.error_code) == ("failed", "given-up")
    assert account.wanted_at is not None
    assert account.lease is None
    OperationFactory(account=account, state="waiting")
    assert recorded("billing.operation_failed").data["kind"] == "cancel"


def test_an_operation_that_a_worker_is_at_is_not_given_up(does):
    operation = OperationFactory(state="waiting")

    with account_turn(operation.account_id):
        refused = does(operation, "fail")

    operation.refresh_from_db()
    assert (refused.status_code, operation.state) == (422, "waiting")
    assert "Another change of this subscription is under way." in refused.text
    assert nothing_recorded()
