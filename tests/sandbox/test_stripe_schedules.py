"""What a subscription turns into by itself."""

import pytest
import stripe as library

from tests.sandbox.stripe_cast import HOUR, Shop, amounts, moment

SAME_DAY = {"interval": "month", "interval_count": 1}


@pytest.fixture
def shop(stripe):
    return Shop(stripe.world)


@pytest.fixture
def subscription(shop):
    shop.advance(to=moment(2043, 6, 1))
    return shop.subscribe(shop.customer(), shop.price(9000))


def planned(ask_stripe, subscription, price, duration=SAME_DAY):
    """The period that is going on, then this price; afterwards it goes on by itself."""
    schedule = ask_stripe.subscription_schedules.create({"from_subscription": subscription["id"]})
    now = schedule.phases[0]
    current = {
        "items": [{"price": now["items"][0].price, "quantity": 1}],
        "start_date": now.start_date,
        "end_date": now.end_date,
    }
    later = {"items": [{"price": price["id"], "quantity": 1}], "duration": duration}
    return ask_stripe.subscription_schedules.update(
        schedule.id,
        {
            "end_behavior": "release",
            "phases": [current, later],
            "proration_behavior": "none",
        },
    )


def test_a_downgrade_comes_with_the_next_period(ask_stripe, shop, subscription):
    schedule = planned(ask_stripe, subscription, shop.price(3000))

    held = ask_stripe.subscriptions.retrieve(subscription["id"])
    upcoming = ask_stripe.invoices.create_preview({"subscription": subscription["id"]})
    shop.advance(to=moment(2043, 7, 1) + HOUR)

    assert (held.schedule, held["items"].data[0].price.unit_amount) == (schedule.id, 9000)
    assert amounts(upcoming) == amounts(shop.invoice(subscription)) == [3000]
    assert shop.invoice(subscription)["amount_paid"] == 3000
    assert subscription["items"]["data"][0]["id"] == held["items"].data[0].id
    shop.advance(to=moment(2043, 8, 1) + HOUR)
    released = ask_stripe.subscription_schedules.retrieve(schedule.id)
    assert (released.status, released.subscription) == ("released", None)
    assert released.released_subscription == subscription["id"]
    assert (subscription["schedule"], shop.invoice(subscription)["amount_paid"]) == (None, 3000)


def test_a_year_becomes_months_when_it_is_over(ask_stripe, shop):
    shop.advance(to=moment(2044, 1, 31))
    subscription = shop.subscribe(shop.customer(), shop.price(90000, "year"))
    planned(ask_stripe, subscription, shop.price(3000))

    shop.advance(to=moment(2045, 1, 31) + HOUR)

    item = subscription["items"]["data"][0]
    assert amounts(shop.invoice(subscription)) == [3000]
    assert item["current_period_end"] == moment(2045, 2, 28)
    shop.advance(to=moment(2045, 2, 28) + HOUR)
    assert subscription["items"]["data"][0]["current_period_end"] == moment(2045, 3, 31)
    assert len(shop.kept("invoice")) == 3


def test_undone_it_is_as_if_it_had_never_been_planned(ask_stripe, shop, subscription):
    schedule = planned(ask_stripe, subscription, shop.price(3000))

    ask_stripe.subscription_schedules.release(schedule.id)

    assert subscription["schedule"] is None
    shop.advance(to=moment(2043, 7, 1) + HOUR)
    assert [each["amount_paid"] for each in shop.kept("invoice")] == [9000, 9000]
    with pytest.raises(library.InvalidRequestError, match="`released` status"):
        ask_stripe.subscription_schedules.release(schedule.id)


@pytest.mark.parametrize(
    "change",
    [{"cancel_at_period_end": True}, {"trial_end": "now"}, {"proration_behavior": "none"}],
)
def test_what_it_manages_is_not_changed_directly(ask_stripe, shop, subscription, change):
    item = subscription["items"]["data"][0]
    planned(ask_stripe, subscription, shop.price(3000))
    items = {"items": [{"id": item["id"], "price": shop.price(20000)["id"]}]}

    with pytest.raises(library.InvalidRequestError, match="managed by the subscription schedule"):
        ask_stripe.subscriptions.update(subscription["id"], {**items, **change})
    ask_stripe.subscriptions.update(subscription["id"], {"metadata": {"note": "fine"}})

    assert subscription["items"]["data"][0]["price"]["unit_amount"] == 9000


def test_nothing_else_is_said_when_it_is_made_of_a_subscription(ask_stripe, shop, subscription):
    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.subscription_schedules.create(
            {"from_subscription": subscription["id"], "end_behavior": "release"}
        )
    made = ask_stripe.subscription_schedules.create({"from_subscription": subscription["id"]})
    with pytest.raises(library.InvalidRequestError, match="already attached"):
        ask_stripe.subscription_schedules.create({"from_subscription": subscription["id"]})

    assert refused.value.param == "end_behavior"
    assert [each.id for each in ask_stripe.subscription_schedules.list()] == [made.id]


def test_the_current_phase_begins_when_it_began(ask_stripe, shop, subscription):
    schedule = ask_stripe.subscription_schedules.create({"from_subscription": subscription["id"]})
    phase = {
        "items": [{"price": subscription["items"]["data"][0]["price"]["id"]}],
        "start_date": schedule.phases[0].start_date + 60,
        "end_date": schedule.phases[0].end_date,
    }

    with pytest.raises(library.InvalidRequestError, match="start date of the current phase"):
        ask_stripe.subscription_schedules.update(schedule.id, {"phases": [phase]})


def test_the_end_of_a_subscription_ends_its_schedule(ask_stripe, shop, subscription):
    schedule = planned(ask_stripe, subscription, shop.price(3000))

    ask_stripe.subscriptions.cancel(subscription["id"])

    assert ask_stripe.subscription_schedules.retrieve(schedule.id).status == "canceled"
    assert shop.events("subscription_schedule.canceled")


def test_a_schedule_can_be_canceled_with_its_subscription(ask_stripe, shop, subscription):
    schedule = planned(ask_stripe, subscription, shop.price(3000))
    shop.advance(to=moment(2043, 6, 16))

    canceled = ask_stripe.subscription_schedules.cancel(schedule.id)

    assert (canceled.status, subscription["status"]) == ("canceled", "canceled")
    assert shop.invoice(subscription)["total"] == -4500


def test_a_phase_in_the_middle_of_a_period_is_prorated(ask_stripe, shop, subscription):
    schedule = ask_stripe.subscription_schedules.create({"from_subscription": subscription["id"]})
    old = {"price": subscription["items"]["data"][0]["price"]["id"]}
    now = {"items": [old], "start_date": moment(2043, 6, 1), "end_date": moment(2043, 6, 16)}
    later = {
        "items": [{"price": shop.price(12000)["id"]}],
        "end_date": moment(2043, 9, 1),
        "proration_behavior": "always_invoice",
    }
    ask_stripe.subscription_schedules.update(schedule.id, {"phases": [now, later]})

    shop.advance(to=moment(2043, 6, 17))

    assert amounts(shop.invoice(subscription)) == [-4500, 6000]
    assert shop.invoice(subscription)["created"] == moment(2043, 6, 16)
