"""What comes after buying: each state of the billing page, for everybody and in both themes, and
every way from one to the next. Pictures are left beside those of the main path.

One organization goes through it all, so the order of these tests matters.
"""

import re

import pytest

from tests.e2e import path, till

BILLING = "/organizations/dues/billing/"
# What it is called depends on whether it was told already that the bank said no.
PAY = re.compile("^(Confirm the payment|Pay the open invoice)$")
# A week and a day without a payment, as time alone makes them.
GRACE_IS_OVER = """
from datetime import timedelta
from django.utils import timezone
from billing.models import Subscription
owing = Subscription.objects.filter(account__organization__key="dues", status="past_due")
assert owing.update(past_due_since=timezone.now() - timedelta(days=8)) == 1
"""


def look_until(page, locator):
    """What a webhook brings, the page shows to who looks again."""
    page.goto(BILLING)
    while not locator.first.is_visible():
        page.reload()


def plan(page, title):
    return page.locator("main .figure", has_text=title)


def choose(page, tier, button):
    page.goto(f"{BILLING}change/")
    page.get_by_role("radio", name=re.compile(f"^{tier}")).check()
    page.get_by_role("button", name=button).click()


def newest(stack, kind, **values):
    found = stack.ask_sandbox("GET", f"stripe/objects/{kind}")
    return [each for each in found if values.items() <= each.items()][-1]


def card_does(page, stack, behaviour):
    """As its bank decides from now on."""
    card = newest(stack, "subscription", status="active")["default_payment_method"]
    address = f"{stack.sandbox_url}/stripe/cards/{card}/behave"
    assert page.request.post(address, form={"behaviour": behaviour}).ok


def to_next_renewal(stack):
    stack.ask_sandbox("POST", "stripe/clock", {})


@pytest.mark.timeout(300)
def test_from_free_to_a_trial(page_of, look, stack):
    page = page_of()
    stack.ask_sandbox("POST", "organizations", {"name": "dues"})
    token = stack.ask_sandbox("POST", "organizations/dues/tokens", {})["token"]
    path.import_organization(page, "dues", token, "dues")
    page.goto(BILLING)
    look(page, "billing-free")
    page.get_by_role("link", name="Choose a plan").click()
    look(page, "billing-choose")
    choose(page, "250k", "Continue to the checkout")
    page.get_by_role("heading", name="Try Team 250k").wait_for()
    page.go_back()
    page.get_by_text("Your checkout is open").wait_for()
    look(page, "billing-checkout-open")
    page.get_by_role("link", name="Go to the checkout").click()
    till.start_trial(page, till.VISA)

    page.wait_for_url(f"**{BILLING}")
    page.get_by_text("Free until").wait_for()
    look(page, "billing-trial")


@pytest.mark.timeout(300)
def test_what_was_quoted_is_what_is_charged(page_of, look, stack):
    page = page_of()
    to_next_renewal(stack)
    look_until(page, page.get_by_role("cell", name="€ 75.00"))
    look(page, "billing-active")
    choose(page, "500k", "See what it costs")
    accept = page.get_by_role("button", name="Upgrade and pay")
    accept.wait_for()
    look(page, "billing-quote")
    due = accept.inner_text().removeprefix("Upgrade and pay ")
    accept.dblclick()

    page.get_by_text("Your plan is changed.").wait_for()
    plan(page, "Team 500k").wait_for()
    assert page.get_by_role("row").nth(1).get_by_text(due).is_visible()
    assert due.endswith(f"{newest(stack, 'charge')['amount'] / 100:.2f}")
    look(page, "billing-upgraded")


@pytest.mark.timeout(300)
def test_an_upgrade_waits_for_the_bank(page_of, look, stack):
    page = page_of()
    card_does(page, stack, "asks")
    choose(page, "1M", "See what it costs")
    page.get_by_role("button", name="Upgrade and pay").click()
    page.get_by_text("waits for its payment until").wait_for()
    look(page, "billing-payment-open")
    page.get_by_role("link", name="Confirm the payment").click()
    page.get_by_role("link", name="Confirm the payment").click()
    till.answer_bank(page, "Fail authentication")
    page.get_by_role("alert").wait_for()
    page.goto(BILLING)
    plan(page, "Team 500k").wait_for()

    page.get_by_role("link", name=PAY).click()
    till.type_card(page, till.MASTERCARD)
    page.get_by_role("button", name=re.compile("^Pay €")).click()
    page.get_by_text("Paid. Thank you.").wait_for()

    look_until(page, plan(page, "Team 1M"))
    assert page.get_by_text("Payment open").count() == 0


@pytest.mark.timeout(300)
def test_a_failed_renewal_and_the_way_out(page_of, look, stack):
    page = page_of()
    card_does(page, stack, "declined")
    to_next_renewal(stack)
    look_until(page, page.get_by_text("The last payment failed."))
    look(page, "billing-past-due")
    page.goto("/")
    banner = page.get_by_role("complementary", name="Needs you")
    banner.get_by_text("A payment is missing.").wait_for()
    look(page, "billing-banner")
    stack.manage("shell", "-v", "0", "-c", GRACE_IS_OVER)
    banner.get_by_role("link", name="See what to do").click()
    page.get_by_text("nothing new is analysed").first.wait_for()
    look(page, "billing-read-only")

    page.get_by_role("button", name="Use another card").click()
    till.type_card(page, till.AMEX)
    page.get_by_role("button", name="Use this card").click()
    page.wait_for_url(f"**{BILLING}")
    page.get_by_role("link", name=PAY).click()
    till.type_card(page, till.AMEX)
    page.get_by_role("button", name=re.compile("^Pay €")).click()
    page.get_by_text("Paid. Thank you.").wait_for()

    look_until(page, page.locator("body:not(:has(.banner))"))
    page.get_by_text("Amex ending in 0005").wait_for()
    assert page.get_by_text("Pay the open invoice").count() == 0


@pytest.mark.timeout(300)
def test_a_downgrade_is_planned_and_called_off(page_of, look):
    page = page_of()
    choose(page, "100k", "See what it costs")
    page.get_by_role("button", name="Plan the change").wait_for()
    look(page, "billing-downgrade")
    page.get_by_role("button", name="Plan the change").click()
    page.get_by_text("Planned: your plan changes").wait_for()
    page.get_by_text("Changes to Team 100k, monthly").wait_for()
    look(page, "billing-change-planned")

    page.get_by_role("button", name="Undo the change").click()

    page.get_by_text("Called off. Your plan stays as it is.").wait_for()
    assert page.get_by_text("Team 100k").count() == 0


@pytest.mark.timeout(300)
def test_cancelling_resuming_and_the_end(page_of, look, stack):
    page = page_of()
    page.goto(f"{BILLING}cancel/")
    look(page, "billing-cancel")
    cancel(page)
    look(page, "billing-cancelled")
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("It goes on.").wait_for()
    page.get_by_role("link", name="Cancel", exact=True).click()
    cancel(page)

    to_next_renewal(stack)

    look_until(page, page.get_by_text("Your subscription ended"))
    look(page, "billing-ended")


def cancel(page):
    page.get_by_role("button", name="Cancel the subscription").click()
    page.get_by_text("Cancelled. You keep everything until the period ends").wait_for()
