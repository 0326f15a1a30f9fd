"""Billing at the support desk: what is seen there."""

import pytest
from django.utils import timezone

from tests.billing.desk import page_of
from tests.billing.rows import (
    AccountFactory,
    EventFactory,
    InvoiceFactory,
    OperationFactory,
    QuoteFactory,
    SubscriptionFactory,
)
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _sells(settings):
    settings.BILLING = True


def test_all_of_an_account_is_on_one_page(desk):
    subscription = SubscriptionFactory(status="past_due", past_due_since=timezone.now())
    account = subscription.account
    InvoiceFactory(account=account, status="open", number="HARBOUR-0007")
    OperationFactory(account=account, kind="downgrade")
    event = EventFactory(account=account, type="invoice.payment_failed", stripe_id="evt_harbour")
    QuoteFactory(subscription=subscription)
    InvoiceFactory(number="OTHERS-0001")

    page = desk.get(page_of(account)).text

    assert "Team 250k, monthly" in page
    assert "The last payment failed." in page
    assert "Team, 250,000 private lines, full access, until" in page
    for said in ("HARBOUR-0007", "Change at the end of the period", "€\N{NO-BREAK SPACE}43.00"):
        assert said in page
    assert f'<a href="/admin/billing/stripeevent/evt_5Fharbour/change/">{event.type}</a>' in page
    assert "OTHERS-0001" not in page


def test_who_pays_is_said_in_words(desk):
    kept = {"percent_off": 25, "amount_off": None, "until": None}
    sum_off = {"percent_off": None, "amount_off": 500, "until": "2027-03-01T12:00:00+00:00"}
    account = AccountFactory(
        address={"line1": "1 Quay Street", "line2": None, "city": "Kiel", "country": "DE"},
        tax_ids=[{"id": "txi_1", "type": "eu_vat", "value": "DE123456789", "status": "verified"}],
        discounts=[kept, sum_off],
        currency="eur",
    )

    page = desk.get(page_of(account)).text

    assert "1 Quay Street, Kiel, DE" in page
    assert "DE123456789 (verified)" in page
    assert "25 %, €\N{NO-BREAK SPACE}5.00 until Monday 1 March 2027" in page


@pytest.mark.parametrize("kind", ["subscription", "invoice", "operation", "stripeevent", "quote"])
def test_the_page_leads_to_all_rows_of_the_account(desk, kind):
    mine, other = SubscriptionFactory(), SubscriptionFactory()
    for each in (mine, other):
        InvoiceFactory(account=each.account)
        OperationFactory(account=each.account)
        EventFactory(account=each.account)
        QuoteFactory(subscription=each)
    place = f"/admin/billing/{kind}/?account={mine.account.pk}"

    assert f'href="{place}"' in desk.get(page_of(mine.account)).text
    (row,) = desk.get(place).context["cl"].result_list
    assert row.account == mine.account


def test_an_account_costs_the_same_with_few_and_many_rows(desk, queries):
    costs = []
    for size in (2, 15):
        subscription = SubscriptionFactory()
        account = subscription.account
        InvoiceFactory.create_batch(size, account=account)
        EventFactory.create_batch(size, account=account)
        QuoteFactory.create_batch(size, subscription=subscription)
        for _ in range(size):
            OperationFactory(account=account, by=UserFactory())
        desk.get(page_of(account))
        with queries() as asked:
            desk.get(page_of(account))
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_an_account_that_bought_nothing_or_has_no_organization_is_seen(desk):
    for account in (AccountFactory(), AccountFactory(organization=None, customer_id="")):
        page = desk.get(page_of(account))
        assert page.status_code == 200
        assert "Nothing is charged." in page.text


def test_no_page_has_an_address_where_somebody_may_pay(desk):
    address = "https://pay.example.com/c/pay/secret"
    operation = OperationFactory(
        kind="checkout",
        url=address,
        error=f"Go to {address} first.",
        params={"success": "/organizations/harbour/billing/", "wrong": address},
        steps={"session": "cs_harbour"},
    )
    event = EventFactory(stripe_id="evt_harbour", error=f"No answer: {address}")

    pages = [page_of(operation), page_of(operation.account), page_of(event)]
    pages += ["/admin/billing/operation/", "/admin/billing/stripeevent/"]
    texts = [desk.get(page).text for page in pages]

    assert not any("pay.example.com" in text for text in texts)
    assert "Go to [address] first." in texts[0]
    assert "success: /organizations/harbour/billing/" in texts[0]
    assert "session: cs_harbour" in texts[0]
