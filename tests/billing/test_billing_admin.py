"""Billing at the support desk: what is seen there, and what may be done."""

import pytest

from tests.billing.rows import OperationFactory
from tests.factories import UserFactory


@pytest.fixture
def support(db):
    return UserFactory(email="support@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(browser_of, support):
    return browser_of(support)


def test_no_page_has_an_address_where_somebody_may_pay(desk):
    address = "https://pay.example.com/c/pay/secret"
    operation = OperationFactory(
        kind="checkout",
        url=address,
        error=f"Go to {address} first.",
        params={"success": "/organizations/harbour/billing/", "wrong": address},
    )

    page = desk.get(f"/admin/billing/operation/{operation.pk}/change/").text

    assert "pay.example.com" not in page
    assert "Go to [address] first." in page
    assert "success: /organizations/harbour/billing/" in page
