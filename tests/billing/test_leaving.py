"""Case 65: what an organization that was deleted had open is closed, so that nobody pays for it."""

import pytest

from billing.models import BillingAccount, Operation
from billing.operations import start_checkout
from billing.tasks import sweep_left
from billing.turns import account_turn
from organizations.models import Organization
from organizations.operations import delete_organization
from sandbox.stripe.faults import StripeFault


@pytest.fixture
def swept(committed):
    """`swept()`: a minute later, and the workers have done what that queued."""

    def sweep():
        with committed():
            sweep_left()

    return sweep


def deleted(buyer, alice):
    delete_organization(Organization.objects.get(pk=buyer.organization.pk), by=alice)


def session_of(stripe):
    return stripe.all("checkout.session")[-1]


def test_a_checkout_does_not_outlive_its_organization(buyer, checkout, stripe, alice, swept):
    address = checkout(buyer)
    deleted(buyer, alice)

    swept()

    assert session_of(stripe)["status"] == "expired"
    assert "expired" in stripe.look(address)
    assert BillingAccount.objects.get().checkout_id == ""


def test_one_that_waits_to_be_opened_never_is(buyer, on_sale, stripe, alice, committed, swept):
    stripe.fail_next(StripeFault.ERROR, 3)
    with committed():
        waiting = start_checkout(buyer.account, price=on_sale, by=alice)
    assert Operation.objects.get().state == "waiting"
    deleted(buyer, alice)

    swept()

    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code) == ("failed", "organization-deleted")
    assert stripe.all("checkout.session") == []


def test_what_was_paid_in_the_last_moment_is_given_back(buyer, checkout, stripe, alice, swept):
    buyer.account.trial_used_at = buyer.account.created_at
    buyer.account.save()
    address = checkout(buyer)
    deleted(buyer, alice)
    buyer.shop.advance(seconds=60)
    stripe.pay(address)

    swept()
    swept()

    assert [each["status"] for each in stripe.all("subscription")] == ["canceled"]
    assert [each["amount"] for each in stripe.all("refund")] == [7500]


@pytest.mark.parametrize("hindrance", ["silence", "somebody else"])
def test_where_it_could_not_be_closed_the_next_sweep_does(
    buyer, checkout, stripe, alice, swept, hindrance
):
    checkout(buyer)
    deleted(buyer, alice)
    if hindrance == "silence":
        stripe.fail_next(StripeFault.ERROR, 3)
        swept()
    else:
        with account_turn(buyer.account.pk):
            swept()
    assert session_of(stripe)["status"] == "open"

    swept()

    assert session_of(stripe)["status"] == "expired"


def test_checkouts_of_those_who_stay_are_left_alone(buyer, checkout, stripe, swept):
    checkout(buyer)

    swept()

    assert session_of(stripe)["status"] == "open"
