"""Upgrades: charged as quoted, had when paid."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.changes import accept_quote, undo_change
from billing.errors import (
    AccountBusy,
    ChangeUnpaid,
    CurrencyFixed,
    PaymentOwed,
    QuoteExpired,
    QuoteVoid,
)
from billing.models import Operation, Quote
from billing.quotes import quote_upgrade
from billing.running import run_operation
from sandbox.testing import StripeFault
from tests.billing.subscribers import ASKS, DECLINED, in_germany, price
from tests.factories import OrganizationFactory


def upgraded(them, by, loc_limit=250_000, interval="month"):
    quote = quote_upgrade(them.account, price(loc_limit, interval), by=by)
    return them.does(accept_quote, quote.pk, by=by)


def test_accepting_twice_is_accepting_once(subscriber, alice):
    them = subscriber()
    quote = quote_upgrade(them.account, price(250_000), by=alice)

    first = them.does(accept_quote, quote.pk, by=alice)
    second = them.does(accept_quote, quote.pk, by=alice)

    assert first == second
    assert len(them.invoices()) == 2


def test_somebody_elses_quote_is_none(subscriber, alice):
    them = subscriber()
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    other = type(them.account).objects.create(organization=OrganizationFactory())

    with pytest.raises(QuoteVoid):
        accept_quote(other, quote.pk, by=alice)

    assert not Operation.objects.exists()


def test_credit_is_taken_off_what_the_card_is_charged(subscriber, alice):
    them = subscriber()
    owe(them, 1000)

    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.does(accept_quote, quote.pk, by=alice)

    assert (quote.total, quote.credit, quote.amount_due) == (4300, 1000, 3300)
    assert them.invoices()[-1]["amount_paid"] == 3300
    assert them.account.credit == 0


def owe(them, amount):
    with them.stripe.world.lock:
        them.stripe.world.get("customer", them.account.customer_id)["balance"] = -amount
    them.sync()


def test_credit_that_went_meanwhile_voids_the_quote(subscriber, alice):
    them = subscriber()
    owe(them, 1000)
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    owe(them, 0)

    operation = them.does(accept_quote, quote.pk, by=alice)

    assert (operation.state, operation.error_code) == ("failed", "quote-void")
    assert len(them.invoices()) == 1
    assert them.subscription.loc_limit == 100_000


def test_tax_is_a_line_of_its_own(subscriber, alice):
    them = subscriber(automatic_tax={"enabled": False})
    in_germany(them)

    quote = quote_upgrade(them.account, price(250_000), by=alice)
    them.does(accept_quote, quote.pk, by=alice)

    assert (quote.subtotal, quote.tax, quote.total) == (4300, 817, 5117)
    assert them.invoices()[-1]["total"] == 5117


def test_a_trial_goes_on_with_the_larger_tier_and_nothing_is_charged(subscriber, alice, clock):
    them = subscriber(trial_period_days=14)
    ends = them.subscription.trial_end
    quote = quote_upgrade(them.account, price(250_000, "year"), by=alice)

    operation = them.does(accept_quote, quote.pk, by=alice)

    assert operation.state == "done", operation.error
    assert (quote.amount_due, quote.next_at) == (0, ends)
    now = them.subscription
    assert (now.status, now.loc_limit, now.interval) == ("trialing", 250_000, "year")
    assert now.trial_end == ends
    assert {each["amount_due"] for each in them.invoices()} == {0}


def test_case_40_a_declined_card_leaves_the_plan_as_it_was(subscriber, alice):
    them = subscriber()
    them.uses(DECLINED)

    operation = upgraded(them, alice)

    now = them.subscription
    assert (now.status, now.loc_limit) == ("active", 100_000)
    assert now.pending_lookup_key == price(250_000).lookup_key
    assert now.pending_until is not None
    assert operation.url == them.invoices(status="open")[0]["hosted_invoice_url"]


def test_case_40_the_open_invoice_can_be_paid_then(subscriber, alice):
    them = subscriber()
    them.uses(DECLINED)
    upgraded(them, alice)

    them.pays(card="4242424242424242")

    now = them.subscription
    assert (now.loc_limit, now.pending_until) == (250_000, None)


def test_an_upgrade_that_asks_for_authentication_waits_for_it(subscriber, alice):
    them = subscriber()
    them.uses(ASKS)

    operation = upgraded(them, alice)

    assert operation.url.startswith("http")
    assert (them.subscription.loc_limit, len(them.invoices(status="open"))) == (100_000, 1)


def test_what_waits_for_its_payment_can_be_called_off(subscriber, alice):
    them = subscriber()
    them.uses(DECLINED)
    upgraded(them, alice)

    them.does(undo_change, by=alice)

    assert them.subscription.pending_until is None
    assert them.invoices(status="open") == []
    assert them.subscription.loc_limit == 100_000


def test_while_an_upgrade_waits_for_its_payment_there_is_no_other_price(subscriber, alice):
    them = subscriber()
    them.uses(ASKS)
    upgraded(them, alice)

    for wanted in (price(250_000), price(500_000)):
        with pytest.raises(ChangeUnpaid, match="Pay the open invoice or call that change off"):
            quote_upgrade(them.account, wanted, by=alice)

    assert Quote.objects.count() == 1
    them.does(undo_change, by=alice)
    assert quote_upgrade(them.account, price(500_000), by=alice).total == 11_300


def test_what_waits_though_our_copy_does_not_know_is_not_taken_for_this_quote(
    subscriber, alice, clock
):
    them = subscriber()
    them.uses(DECLINED)
    upgraded(them, alice)
    waiting = them.invoices(status="open")
    them.account.subscriptions.update(pending_until=None)
    clock.shift(timedelta(minutes=1))

    second = upgraded(them, alice)

    assert (second.state, second.error_code) == ("failed", "change-unpaid")
    assert them.invoices(status="open") == waiting
    assert them.subscription.pending_until is not None


def test_case_15_an_upgrade_that_waits_is_known_again_by_its_next_attempt(subscriber, alice):
    them = subscriber()
    them.uses(ASKS)
    at = f"/v1/subscriptions/{them.subscription.stripe_id}"
    them.stripe.fail_next(StripeFault.RESET_AFTER, 3, method="POST", url=at)
    operation = upgraded(them, alice)
    assert operation.state == "waiting"

    Operation.objects.update(next_attempt_at=timezone.now())
    run_operation(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, len(them.invoices(status="open"))) == ("done", 1)


def test_case_41_an_upgrade_that_is_never_paid_is_forgotten(subscriber, alice, clock):
    them = subscriber()
    them.uses(DECLINED)
    upgraded(them, alice)

    them.later(clock, hours=24)

    now = them.subscription
    assert (now.status, now.loc_limit, now.pending_until) == ("active", 100_000, None)
    assert [each["status"] for each in them.invoices()] == ["paid", "void"]


def test_case_42_the_charge_is_the_quote_though_time_passes(subscriber, alice, clock):
    them = subscriber()
    clock.shift(timedelta(days=10))
    quote = quote_upgrade(them.account, price(250_000), by=alice)
    clock.shift(timedelta(minutes=14))

    them.does(accept_quote, quote.pk, by=alice)

    assert them.invoices()[-1]["total"] == quote.total


def test_case_42_an_old_quote_is_refused_and_a_new_one_made(subscriber, alice, clock):
    them = subscriber()
    old = quote_upgrade(them.account, price(250_000), by=alice)
    clock.shift(timedelta(minutes=15, seconds=1))

    with pytest.raises(QuoteExpired):
        accept_quote(them.account, old.pk, by=alice)

    assert len(them.invoices()) == 1
    assert quote_upgrade(them.account, price(250_000), by=alice).expires_at > old.expires_at


def test_case_43_of_two_upgrades_at_once_one_is_done(subscriber, alice):
    them = subscriber()
    first = quote_upgrade(them.account, price(250_000), by=alice)
    second = quote_upgrade(them.account, price(500_000), by=alice)
    accept_quote(them.account, first.pk, by=alice)

    with pytest.raises(AccountBusy):
        accept_quote(them.account, second.pk, by=alice)


def test_case_43_the_second_one_has_to_be_quoted_anew(subscriber, alice):
    them = subscriber()
    second = quote_upgrade(them.account, price(500_000), by=alice)
    upgraded(them, alice)

    with pytest.raises(QuoteVoid):
        accept_quote(them.account, second.pk, by=alice)

    upgraded(them, alice, 500_000)
    assert [each["total"] for each in them.invoices()] == [3200, 4300, 7000]


def test_a_plan_that_was_changed_at_stripe_voids_the_quote(subscriber, alice):
    them = subscriber()
    quote = quote_upgrade(them.account, price(500_000), by=alice)
    other = price(250_000).price_id
    with them.stripe.world.lock:
        there = them.stripe.world.get("subscription", them.subscription.stripe_id)
        changed = them.stripe.world.get("price", other)
        there["items"]["data"][0]["price"] = changed

    operation = them.does(accept_quote, quote.pk, by=alice)

    assert operation.error_code == "quote-void"
    assert len(them.invoices()) == 1


def test_case_47_a_year_begins_now_and_what_was_paid_of_the_month_is_given_back(subscriber, alice):
    them = subscriber()
    quote = quote_upgrade(them.account, price(100_000, "year"), by=alice)

    them.does(accept_quote, quote.pk, by=alice)

    now = them.subscription
    assert quote.total == 32_000 - 3200
    assert now.interval == "year"
    assert abs(now.period_end - quote.next_at) < timedelta(minutes=15)
    assert them.invoices()[-1]["total"] == quote.total


def test_case_54_less_than_can_be_charged_is_carried_over(subscriber, alice, clock):
    them = subscriber()
    owe(them, 4280)

    quote = quote_upgrade(them.account, price(250_000), by=alice)
    operation = them.does(accept_quote, quote.pk, by=alice)

    invoice = them.invoices()[-1]
    assert operation.state == "done"
    assert (quote.amount_due, invoice["amount_paid"], invoice["status"]) == (0, 0, "paid")
    assert them.subscription.loc_limit == 250_000
    assert them.account.credit == -20


def test_case_63_a_price_in_another_currency_is_refused(subscriber, alice):
    them = subscriber()

    with pytest.raises(CurrencyFixed):
        quote_upgrade(them.account, price(250_000, currency="usd"), by=alice)

    assert not Quote.objects.exists()


def test_nothing_is_upgraded_while_a_payment_is_owed(subscriber, alice):
    them = subscriber()
    them.account.subscriptions.update(status="past_due")

    with pytest.raises(PaymentOwed):
        quote_upgrade(them.account, price(250_000), by=alice)
