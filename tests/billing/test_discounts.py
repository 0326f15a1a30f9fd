"""What coupons take off is said before it is taken."""

import pytest

from accounts.models import Notification
from billing import stripe_api, tasks
from billing.changes import accept_quote
from billing.endpoints import EVENTS
from billing.quotes import quote_upgrade
from tests.billing.subscribers import price


def coupon(**values):
    return stripe_api.ask(lambda v1: v1.coupons.create(values))["id"]


@pytest.mark.parametrize(
    ("off", "amount", "after_upgrade"),
    [
        ({"percent_off": 25, "duration": "forever"}, "24.00", 5625),
        ({"amount_off": 500, "currency": "eur", "duration": "forever"}, "27.00", 7000),
        (
            {"percent_off": 50, "duration": "repeating", "duration_in_months": 3},
            "16.00",
            3750,
        ),
        (
            {"percent_off": 50, "duration": "repeating", "duration_in_months": 1},
            "32.00",
            7500,
        ),
        ({"percent_off": 50, "duration": "once"}, "32.00", 7500),
    ],
)
def test_the_next_charge_is_said_with_what_is_taken_off(
    subscriber, alice, browser_of, clock, off, amount, after_upgrade
):
    them = subscriber(discounts=[{"coupon": coupon(**off)}])

    page = browser_of(alice).get("/organizations/harbour/billing/").text
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.later(clock, days=32)

    assert f'<p class="figure">€\N{NO-BREAK SPACE}{amount}</p>' in page
    assert quote.next_amount == after_upgrade
    assert f"{them.invoices()[-1]['total'] / 100:.2f}" == amount


def test_a_discount_is_a_line_of_the_quote(subscriber, alice):
    them = subscriber(discounts=[{"coupon": coupon(percent_off=25, duration="forever")}])

    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.does(accept_quote, quote.pk, by=alice)

    assert quote.lines[-1] == {"text": "Your discount", "amount": -1075}
    assert sum(line["amount"] for line in quote.lines) == quote.total
    assert them.invoices()[-1]["amount_paid"] == quote.amount_due == 3225


def test_a_customers_discount_is_said_while_it_lasts(subscriber, alice, browser_of, clock):
    them = subscriber()
    customer = them.account.customer_id
    them.stripe.give_discount(customer, coupon(percent_off=25, duration="forever"))
    them.sync()

    reduced = browser_of(alice).get("/organizations/harbour/billing/").text
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.does(accept_quote, quote.pk, by=alice)
    stripe_api.ask(lambda v1: v1.customers.delete_discount(customer))
    them.sync()
    page = browser_of(alice).get("/organizations/harbour/billing/").text

    assert '<p class="figure">€\N{NO-BREAK SPACE}24.00</p>' in reduced
    assert "less your discount" in reduced
    assert quote.next_amount == 5625
    assert them.invoices()[-1]["amount_paid"] == quote.amount_due == 3225
    assert '<p class="figure">€\N{NO-BREAK SPACE}75.00</p>' in page


def test_a_subscriptions_own_discount_takes_the_place_of_its_customers(
    subscriber, alice, browser_of, clock
):
    own = coupon(percent_off=50, duration="repeating", duration_in_months=2)
    them = subscriber(discounts=[{"coupon": own}])
    them.stripe.give_discount(them.account.customer_id, coupon(percent_off=25, duration="forever"))
    said = []
    for _ in range(2):
        them.sync()
        said.append(browser_of(alice).get("/organizations/harbour/billing/").text)
        them.later(clock, days=31, hours=2)

    assert [each["total"] for each in them.invoices()] == [1600, 1600, 2400]
    assert '<p class="figure">€\N{NO-BREAK SPACE}16.00</p>' in said[0]
    assert '<p class="figure">€\N{NO-BREAK SPACE}24.00</p>' in said[1]


def given_by_staff(them):
    quarter = coupon(percent_off=25, duration="forever")
    them.stripe.new_events()
    them.stripe.give_discount(them.account.customer_id, quarter)


def test_a_discount_that_staff_give_is_heard_of(subscriber, alice, browser_of, deliver):
    them = subscriber()
    given_by_staff(them)

    told = [each for each in them.stripe.new_events() if each["type"] in EVENTS]
    deliver(them.stripe, told)

    page = browser_of(alice).get("/organizations/harbour/billing/").text
    assert '<p class="figure">€\N{NO-BREAK SPACE}24.00</p>' in page


def test_a_discount_that_nobody_told_us_of_is_found(subscriber, alice, browser_of, committed):
    them = subscriber()
    with committed():
        tasks.reconcile_events()
    given_by_staff(them)

    with committed():
        tasks.reconcile_events()

    page = browser_of(alice).get("/organizations/harbour/billing/").text
    assert '<p class="figure">€\N{NO-BREAK SPACE}24.00</p>' in page


def test_what_follows_a_trial_is_said_after_the_discount(subscriber, alice, browser_of, clock):
    them = subscriber(trial_period_days=14)
    given_by_staff(them)
    them.sync()

    page = browser_of(alice).get("/organizations/harbour/billing/").text
    them.later(clock, days=11, hours=3)
    tasks.tell_all()
    [letter] = Notification.objects.filter(kind="trial_ending")

    assert "Then €\N{NO-BREAK SPACE}24.00 is charged for a month." in page
    assert "€\N{NO-BREAK SPACE}24.00 is charged then for a month" in letter.text


def test_what_is_taken_off_once_is_no_promise_for_what_follows(subscriber, alice, browser_of):
    them = subscriber()
    half_once = coupon(percent_off=50, duration="once")
    them.stripe.give_discount(them.account.customer_id, half_once)
    them.sync()

    page = browser_of(alice).get("/organizations/harbour/billing/").text
    quote = quote_upgrade(them.account, price(250_000), by=alice)

    assert '<p class="figure">€\N{NO-BREAK SPACE}16.00</p>' in page
    assert quote.next_amount == 7500


def test_tax_is_not_left_out_of_what_is_announced(subscriber, alice, browser_of, settings):
    settings.BILLING_AUTOMATIC_TAX = True
    them = subscriber(trial_period_days=14)
    price(250_000)
    browser, asked = browser_of(alice), {"loc_limit": 250_000, "interval": "month"}

    page = browser.get("/organizations/harbour/billing/").text
    offer = browser.post("/organizations/harbour/billing/change/", asked).text

    assert them.subscription.status == "trialing"
    assert "Then €\N{NO-BREAK SPACE}32.00 plus tax is charged for a month." in page
    assert "Next charge: €\N{NO-BREAK SPACE}75.00 plus tax on" in offer


def test_a_smaller_plan_is_offered_after_the_discount(subscriber, alice, browser_of):
    them = subscriber(250_000)
    given_by_staff(them)
    them.sync()
    price(100_000)

    asked = {"loc_limit": 100_000, "interval": "month"}
    offer = browser_of(alice).post("/organizations/harbour/billing/change/", asked).text

    assert "on, for €\N{NO-BREAK SPACE}24.00 a month." in offer


def test_what_is_owed_from_before_is_said_with_the_next_charge(subscriber, alice, browser_of):
    them = subscriber()
    with them.stripe.world.lock:
        them.stripe.world.get("customer", them.account.customer_id)["balance"] = 40
    them.sync()
    price(250_000)
    browser, asked = browser_of(alice), {"loc_limit": 250_000, "interval": "month"}

    page = browser.get("/organizations/harbour/billing/").text
    offer = browser.post("/organizations/harbour/billing/change/", asked).text

    assert "€\N{NO-BREAK SPACE}0.40 that is left from before comes with it" in page
    assert "Left from before" in offer and "Upgrade and pay €\N{NO-BREAK SPACE}43.40" in offer


def test_what_is_left_over_is_no_debt(subscriber, alice, browser_of):
    them = subscriber()
    about = {"customer": them.account.customer_id, "currency": "eur", "amount": -9000}
    stripe_api.ask(lambda v1: v1.invoice_items.create(about | {"description": "Goodwill"}))
    price(250_000)
    asked = {"loc_limit": 250_000, "interval": "month"}

    offer = browser_of(alice).post("/organizations/harbour/billing/change/", asked).text

    assert "What is left over becomes credit" in offer
    assert "Left from before" not in offer


def test_only_owners_read_what_is_charged(subscriber, bob, browser_of):
    them = subscriber(trial_period_days=14)
    them.account.organization.memberships.create(user=bob)

    page = browser_of(bob).get("/organizations/harbour/billing/").text

    assert "Free until" in page
    assert "32.00" not in page
