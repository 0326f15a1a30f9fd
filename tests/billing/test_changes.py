"""Changes that wait for the next period, cancelling, and the way back."""

import pytest

from billing import stripe_api
from billing.admission import admit_analysis
from billing.changes import (
    accept_quote,
    cancel_subscription,
    end_subscription,
    plan_change,
    resume_subscription,
    undo_change,
)
from billing.errors import (
    BelowUse,
    ChangedByAgreement,
    NothingToChange,
    NotSubscribed,
    SubscriptionEnding,
    TakesEffectNow,
)
from billing.models import Operation
from billing.quotes import quote_upgrade
from projects.models import Project
from tests.billing.subscribers import DECLINED, GOOD, in_germany, price
from tests.factories import ProjectFactory, SizeFactory


def uses_lines(them, loc):
    project = ProjectFactory(organization=them.account.organization)
    SizeFactory(project=project, loc=loc, branch="main")


def test_less_is_had_from_the_next_period_on(subscriber, alice, clock):
    them = subscriber(250_000)

    operation = them.does(plan_change, price(), by=alice)

    assert operation.state == "done", operation.error
    now = them.subscription
    assert (now.loc_limit, now.next_lookup_key) == (250_000, price().lookup_key)
    assert now.next_at == now.period_end
    assert len(them.invoices()) == 1

    them.later(clock, days=32)

    now = them.subscription
    assert (now.loc_limit, now.next_lookup_key, now.next_at) == (100_000, "", None)
    assert [each["total"] for each in them.invoices()] == [7500, 3200]


def test_tax_and_what_is_taken_off_stay_with_the_plan_of_the_next_period(subscriber, alice, clock):
    coupon = stripe_api.ask(
        lambda v1: v1.coupons.create({"percent_off": 25, "duration": "forever"})
    )
    them = subscriber(250_000, discounts=[{"coupon": coupon["id"]}])
    in_germany(them)

    operation = them.does(plan_change, price(), by=alice)
    (schedule,) = them.stripe.all("subscription_schedule")
    them.later(clock, days=32)

    assert operation.state == "done", operation.error
    assert [each["automatic_tax"]["enabled"] for each in schedule["phases"]] == [True, True]
    invoice = them.invoices()[-1]
    assert (invoice["subtotal"], invoice["total"]) == (3200, 2856)


@pytest.mark.parametrize("has_another", [False, True])
def test_a_planned_change_is_paid_by_the_card_of_the_checkout(subscriber, alice, has_another):
    them = subscriber(250_000)
    world, customer = them.stripe.world, them.account.customer_id
    with world.lock:
        of_customer = world.get("customer", customer)["invoice_settings"]
        there = world.get("subscription", them.subscription.stripe_id)
        card = there["default_payment_method"] = of_customer["default_payment_method"]
        of_customer["default_payment_method"] = None
    if has_another:
        them.uses(GOOD)

    them.does(plan_change, price(), by=alice)

    settings = them.stripe.get("customer", customer)["invoice_settings"]
    assert settings["default_payment_method"] == card


def test_case_44_an_upgrade_lets_go_of_what_was_planned(subscriber, alice):
    them = subscriber(250_000)
    them.does(plan_change, price(), by=alice)

    quote = quote_upgrade(them.account, price(500_000), by=alice)
    operation = them.does(accept_quote, quote.pk, by=alice)

    assert operation.state == "done", operation.error
    now = them.subscription
    assert (now.loc_limit, now.schedule_id, now.next_lookup_key) == (500_000, "", "")
    assert them.invoices()[-1]["total"] == quote.total


def test_what_was_planned_outlives_an_upgrade_that_is_refused(subscriber, alice):
    them = subscriber(250_000)
    them.does(plan_change, price(), by=alice)
    quote = quote_upgrade(them.account, price(500_000), by=alice)
    with them.stripe.world.lock:
        them.stripe.world.get("customer", them.account.customer_id)["balance"] = -1000

    operation = them.does(accept_quote, quote.pk, by=alice)

    assert (operation.state, operation.error_code) == ("failed", "quote-void")
    assert them.subscription.next_lookup_key == price().lookup_key


def test_another_plan_for_the_next_period_takes_the_place_of_the_first(subscriber, alice):
    them = subscriber(500_000)
    them.does(plan_change, price(), by=alice)

    them.does(plan_change, price(250_000), by=alice)

    assert them.subscription.next_lookup_key == price(250_000).lookup_key
    schedules = them.stripe.all("subscription_schedule")
    assert [each["status"] for each in schedules] == ["released", "active"]


def test_case_45_below_the_lines_in_use_only_who_confirms_it(subscriber, alice):
    them = subscriber(250_000)
    uses_lines(them, 150_000)

    with pytest.raises(BelowUse, match="nothing is deleted"):
        plan_change(them.account, price(), by=alice)

    assert not Operation.objects.exists()
    them.does(plan_change, price(), by=alice, confirmed=True)
    assert them.subscription.next_lookup_key == price().lookup_key


def test_case_45_what_was_analysed_since_the_count_is_in_use_as_well(subscriber, alice, browser_of):
    them = subscriber(250_000)
    uses_lines(them, 20_000)
    admit_analysis(Project.objects.get(), branch="main", loc=150_000)

    with pytest.raises(BelowUse):
        plan_change(them.account, price(), by=alice)

    price(500_000)
    assert "150,000" in browser_of(alice).get("/organizations/harbour/billing/change/").text


def test_case_46_a_planned_change_can_be_undone_and_costs_nothing(subscriber, alice):
    them = subscriber(250_000)
    them.does(plan_change, price(), by=alice)

    them.does(undo_change, by=alice)

    now = them.subscription
    assert (now.loc_limit, now.schedule_id, now.next_lookup_key) == (250_000, "", "")
    assert len(them.invoices()) == 1


def test_case_47_a_month_for_a_year_waits_for_its_end(subscriber, alice, clock):
    them = subscriber(100_000, "year")

    with pytest.raises(TakesEffectNow):
        plan_change(them.account, price(250_000, "year"), by=alice)
    them.does(plan_change, price(), by=alice)
    them.later(clock, days=366)

    assert them.subscription.interval == "month"
    assert [each["total"] for each in them.invoices()] == [32_000, 3200]


def test_case_48_cancelled_and_resumed_as_often_as_one_likes(subscriber, alice, clock):
    them = subscriber()
    ends = them.subscription.period_end

    them.does(cancel_subscription, by=alice, feedback="too_expensive", comment="For now")
    assert them.subscription.cancels_at == ends
    assert them.there["cancellation_details"]["feedback"] == "too_expensive"
    with pytest.raises(NothingToChange):
        cancel_subscription(them.account, by=alice)
    them.does(resume_subscription, by=alice)
    assert them.subscription.cancels_at is None
    them.does(cancel_subscription, by=alice)
    them.later(clock, days=32)

    assert them.subscription.status == "canceled"
    assert len(them.invoices()) == 1


def test_who_cancelled_resumes_before_changing_anything(subscriber, alice):
    them = subscriber()
    them.does(cancel_subscription, by=alice)

    with pytest.raises(SubscriptionEnding):
        quote_upgrade(them.account, price(250_000), by=alice)


def test_cancelling_lets_go_of_what_was_planned(subscriber, alice):
    them = subscriber(250_000)
    them.does(plan_change, price(), by=alice)

    operation = them.does(cancel_subscription, by=alice)

    assert operation.state == "done", operation.error
    assert (them.subscription.schedule_id, them.there["cancel_at_period_end"]) == ("", True)


def test_case_49_who_cancels_owing_is_not_asked_for_money_again(subscriber, alice, clock):
    them = subscriber()
    them.uses(DECLINED)
    them.later(clock, days=32)
    assert them.subscription.status == "past_due"

    them.does(cancel_subscription, by=alice)
    them.uses(GOOD)
    them.later(clock, days=12)

    assert them.subscription.status == "past_due"
    assert [each["status"] for each in them.invoices()] == ["paid", "open"]


def test_case_49_all_that_is_open_is_stopped_and_goes_on_with_the_subscription(
    subscriber, alice, clock
):
    them = subscriber()
    them.uses(DECLINED)
    them.stripe.give_up_with("past_due")
    them.later(clock, days=64)
    older, newer = (each["id"] for each in them.invoices(status="open"))
    collected(older, True)

    them.does(cancel_subscription, by=alice)
    assert [each["auto_advance"] for each in them.invoices(status="open")] == [False, False]

    them.does(resume_subscription, by=alice)
    assert [each["auto_advance"] for each in them.invoices(status="open")] == [True, True]


def test_what_staff_do_not_collect_is_not_collected_for_a_resumption(subscriber, alice, clock):
    them = subscriber()
    them.uses(DECLINED)
    them.later(clock, days=32)
    collected(them.invoices(status="open")[0]["id"], False)
    them.does(cancel_subscription, by=alice)

    them.does(resume_subscription, by=alice)

    assert [each["auto_advance"] for each in them.invoices(status="open")] == [False]


def collected(invoice, wanted):
    """Staff say at Stripe whether the card is tried."""
    stripe_api.ask(lambda v1: v1.invoices.update(invoice, {"auto_advance": wanted}))


def test_cancelling_voids_an_upgrade_that_waits_and_keeps_what_is_owed_besides(subscriber, alice):
    them = subscriber()
    them.uses(DECLINED)
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.does(accept_quote, quote.pk, by=alice)
    owed = another_open_invoice(them)

    them.does(cancel_subscription, by=alice)

    (left,) = them.invoices(status="open")
    assert (left["id"], left["auto_advance"]) == (owed, False)


def another_open_invoice(them):
    """Of the same subscription, as a renewal leaves one whose card failed."""
    with them.stripe.world.lock:
        there = them.stripe.world
        (open_one,) = there.all("invoice", status="open")
        copy = {**open_one, "id": there.new_id("in"), "created": open_one["created"] - 60}
        return there.put(copy)["id"]


def test_an_agreed_plan_is_changed_by_agreement(subscriber, alice):
    them = subscriber()
    them.account.subscriptions.update(is_sent_as_invoice=True)

    for ask in (
        lambda: plan_change(them.account, price(), by=alice),
        lambda: cancel_subscription(them.account, by=alice),
        lambda: quote_upgrade(them.account, price(250_000), by=alice),
    ):
        with pytest.raises(ChangedByAgreement):
            ask()


def test_nothing_is_changed_where_nothing_was_bought(harbour_account, alice):
    for ask in (undo_change, cancel_subscription, resume_subscription):
        with pytest.raises(NotSubscribed):
            ask(harbour_account, by=alice)


def test_nothing_is_undone_where_nothing_is_planned(subscriber, alice):
    with pytest.raises(NothingToChange):
        undo_change(subscriber().account, by=alice)


def test_support_ends_a_subscription_at_once(subscriber, alice):
    them = subscriber()

    operation = them.does(end_subscription, by=alice, reason="Asked by phone")

    assert operation.state == "done", operation.error
    assert them.subscription.status == "canceled"
    assert them.account.credit == 0
    event = them.account.organization.audit_events.get(action="billing.end_asked")
    assert event.data["reason"] == "Asked by phone"


def test_case_53_what_was_not_used_becomes_credit_where_support_says_so(subscriber, alice):
    them = subscriber()

    them.does(end_subscription, by=alice, reason="Goodwill", credit_unused=True)

    assert them.account.credit == 3200
