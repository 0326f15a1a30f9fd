"""Buying by calls alone, up to the page where a person pays."""

from urllib.parse import urlsplit

import pytest

from billing.models import Operation
from onboarding.models import Import
from tests.billing.shop import sell
from tests.factories import ImportFactory

BODY = {"key": "contoso", "name": "Contoso", "plan": "team", "tier": 250_000, "interval": "year"}


@pytest.fixture
def import_(stripe, alice):
    return ImportFactory(ready=True, user=alice)


@pytest.fixture
def ask(program_of, alice, import_, committed):
    program = program_of(alice)

    def create(**changes):
        body = BODY | changes
        with committed():
            return program.post(
                f"/api/v1/imports/{import_.pk}/create", body, content_type="application/json"
            )

    return create


@pytest.fixture
def price(stripe, db):
    return sell(loc_limit=250_000, interval="year", amount=80_000)


def test_a_paid_plan_is_answered_with_where_to_pay(ask, price, stripe, program_of, alice, import_):
    answer = ask()

    assert answer.status_code == 202
    assert answer.json()["state"] == "payment_required"
    assert answer.json()["organization"] is None
    seen = program_of(alice).get(f"/api/v1/imports/{import_.pk}").json()
    assert seen["checkout_url"] == stripe.all("checkout.session")[0]["url"]


def test_before_the_checkout_is_open_our_own_page_leads_there(
    price, program_of, alice, import_, stripe
):
    # No worker runs, since nothing is committed.
    answer = program_of(alice).post(
        f"/api/v1/imports/{import_.pk}/create", BODY, content_type="application/json"
    )

    assert answer.json()["checkout_url"].endswith(f"/imports/{import_.pk}/payment/")


def test_asking_twice_is_one_checkout(ask, price, stripe):
    assert [ask().status_code, ask().status_code] == [202, 202]

    assert Operation.objects.count() == len(stripe.all("checkout.session")) == 1


def test_another_choice_ends_the_first_checkout(ask, price, stripe):
    sell(loc_limit=100_000, interval="year", amount=32_000)
    ask()

    answer = ask(tier=100_000, key="contoso-port")

    assert answer.status_code == 202
    assert [each["status"] for each in stripe.all("checkout.session")] == ["expired", "open"]
    assert Import.objects.get().key == "contoso-port"


def test_what_is_paid_is_answered_as_created(ask, price, stripe, browser_of, alice, committed):
    ask()
    back = urlsplit(stripe.pay(stripe.all("checkout.session")[0]["url"]))
    with committed():
        browser_of(alice).get(f"{back.path}?{back.query}")

    answer = ask()

    assert answer.status_code == 201
    seen = answer.json()
    assert (seen["state"], seen["organization"]) == ("created", "contoso")
    assert seen["checkout_url"] is None


@pytest.mark.parametrize("extra", [{"price": "price_other"}, {"amount": 1}])
def test_case_12_an_amount_of_the_clients_own_is_ignored(ask, price, stripe, extra):
    ask(**extra)

    (session,) = stripe.all("checkout.session")
    with stripe.world.lock:
        asked = stripe.world.get("checkout.session", session["id"])["_params"]
    assert asked["line_items"] == [{"price": price.price_id, "quantity": 1}]
