"""Disputes: a bank takes a payment back, and somebody of ours has to answer."""

import pytest

from billing.alarms import ALARMS
from billing.models import StripeEvent
from tests.billing.staff import stripe_v1


def dispute_of(buyer):
    """The bank of whoever paid last takes the money back; our copy knows of the payment."""
    buyer.sync()
    buyer.stripe.new_events()
    buyer.stripe.dispute(buyer.stripe.all("charge")[-1]["id"])
    return buyer.stripe.new_events("charge.dispute.created")


def alarmed_by_events():
    (alarm,) = [alarm for alarm in ALARMS if alarm.name == "grave-event"]
    return list(alarm.rows())


@pytest.mark.parametrize("is_deleted", [False, True])
def test_case_60_a_dispute_is_of_whose_payment_it_takes_back(buyer, deliver, is_deleted):
    buyer.buys()
    told = dispute_of(buyer)
    if is_deleted:
        stripe_v1(buyer).customers.delete(buyer.customer["id"])
        buyer.sync()

    deliver(buyer.stripe, told)

    event = StripeEvent.objects.get(type="charge.dispute.created")
    assert (event.state, event.account, event.customer_id) == ("done", buyer.account, "")
    assert alarmed_by_events() == [event]


def test_a_dispute_about_somebody_elses_payment_is_ignored(buyer, deliver):
    theirs = buyer.shop.customer(email="elsewhere@example.com")
    buyer.shop.subscribe(theirs, buyer.sells())

    deliver(buyer.stripe, dispute_of(buyer))

    assert StripeEvent.objects.get(type="charge.dispute.created").state == "ignored"
    assert alarmed_by_events() == []
