"""Billing at the support desk: what somebody has to look at."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import health
from organizations import audit
from tests.billing.desk import ALARMS
from tests.billing.rows import (
    AccountFactory,
    EventFactory,
    InvoiceFactory,
    OperationFactory,
    SubscriptionFactory,
)


@pytest.fixture(autouse=True)
def _sells(settings):
    settings.BILLING = True


def alarming():
    for name in ("charge_differs", "agreed_beside_another", "customer_of_two"):
        audit.record(AccountFactory().organization, f"billing.{name}", by=None)
    OperationFactory(kind="refund")
    OperationFactory(state="failed", error_code="broken")
    OperationFactory(state="waiting", asked_at=timezone.now() - timedelta(hours=2))
    EventFactory(state="failed")
    EventFactory(state="done", type="charge.dispute.created")
    EventFactory(state="ignored", is_live=True)
    EventFactory(state="ignored")
    SubscriptionFactory(status="frozen", known_status="active")
    SubscriptionFactory(plan="free", loc_limit=0)
    AccountFactory(wanted_at=timezone.now() - timedelta(hours=2))
    InvoiceFactory(status="open", account__left_at=timezone.now())
    two_hours_ago = timezone.now() - timedelta(hours=2)
    SubscriptionFactory(account__organization=None, created_at=two_hours_ago)


def harmless():
    audit.record(AccountFactory().organization, "billing.end_asked", by=None)
    OperationFactory(state="failed", error_code="card_declined")
    OperationFactory(state="waiting")
    EventFactory(state="done")
    EventFactory(state="waiting")
    SubscriptionFactory(status="canceled", plan="free")
    SubscriptionFactory()
    InvoiceFactory(status="open")
    AccountFactory(wanted_at=timezone.now())


def test_what_is_alarming_is_on_one_page_and_leads_to_its_rows(desk):
    harmless()
    alarming()

    page = desk.get(ALARMS)

    alarms = page.context["alarms"]
    assert {alarm.name: count for alarm, count, _ in alarms} == {
        alarm.name: 1 for alarm, _, _ in alarms
    }
    assert len(alarms) == 15
    for alarm, _, place in alarms:
        assert alarm.title in page.text.replace("&#x27;", "'")
        assert list(desk.get(place).context["cl"].result_list) == list(alarm.rows())


def test_where_nothing_is_alarming_the_page_says_so(desk):
    harmless()

    page = desk.get(ALARMS)

    assert all(count == 0 for _, count, _ in page.context["alarms"])
    assert "Stripe takes our key" in page.text


def test_a_key_that_is_refused_is_on_the_page(desk):
    health.note_key(works=False)

    assert "Stripe refuses STRIPE_SECRET_KEY" in desk.get(ALARMS).text


def test_what_was_tried_again_alarms_no_more(desk):
    same = {"kind": "refund", "params": {"subscription_id": "sub_harbour"}}
    failed = OperationFactory(state="failed", error_code="broken", **same)
    OperationFactory(account=failed.account, **same)

    counts = {alarm.name: count for alarm, count, _ in desk.get(ALARMS).context["alarms"]}

    assert counts["failed-operation"] == 0


def test_support_finds_the_alarms_and_the_way_to_attach(desk):
    page = desk.get("/admin/billing/billingaccount/").text

    assert f'href="{ALARMS}"' in page
    assert 'href="/admin/billing/billingaccount/attach/"' in page
