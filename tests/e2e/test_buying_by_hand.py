"""Buying Team in the import: at Stripe's pages, with all that may come between."""

import re

import pytest

from tests.e2e import path, till

TEAM, GO = re.compile("^Team"), re.compile("^Continue with")


@pytest.fixture
def at_checkout(page_of, stack):
    """`at_checkout("pier")`: a page of an import whose checkout was just opened."""

    def go(name):
        page = page_of()
        stack.ask_sandbox("POST", "organizations", {"name": name})
        token = stack.ask_sandbox("POST", f"organizations/{name}/tokens", {})["token"]
        path.connect(page, name, token)
        path.wait_until_it_can_go_on(page)
        path.choose_details(page, name, name="Pilots of the pier")
        page.get_by_role("radio", name=TEAM).check()
        page.get_by_label("Private lines of code you need").fill("182,400")
        page.keyboard.press("Enter")
        page.locator("#offer .figure", has_text="Team 250k").wait_for()
        page.get_by_role("button", name=GO).click()
        page.get_by_role("button", name="Continue to payment").dblclick()
        page.get_by_role("heading", name="Try Team 250k").wait_for()
        return page

    return go


@pytest.fixture
def bought(stack):
    """`bought()`: the states of the subscriptions that there are more than before."""
    before = {each["id"] for each in stack.ask_sandbox("GET", SUBSCRIPTIONS)}

    def look():
        now = stack.ask_sandbox("GET", SUBSCRIPTIONS)
        return [each["status"] for each in now if each["id"] not in before]

    return look


SUBSCRIPTIONS = "stripe/objects/subscription"


def arrive(page, key):
    page.wait_for_url(f"**/organizations/{key}/")
    page.goto(f"/organizations/{key}/billing/")
    page.get_by_text("Team 250k, monthly").first.wait_for()


@pytest.mark.timeout(300)
def test_a_declined_card_then_another_that_is_pressed_twice(at_checkout, bought):
    page = at_checkout("pier-declined")
    till.start_trial(page, till.DECLINED)
    page.get_by_text("Your card was declined.").wait_for()
    assert bought() == []

    till.type_card(page, till.MASTERCARD)
    page.get_by_role("button", name="Start trial").dblclick()

    arrive(page, "pier-declined")
    assert bought() == ["trialing"]


@pytest.mark.timeout(300)
def test_three_d_secure_fails_and_then_passes(at_checkout, bought):
    page = at_checkout("pier-secure")
    till.start_trial(page, till.ASKS_ONCE)
    till.answer_bank(page, "Fail authentication")
    page.get_by_text("We are unable to authenticate your payment method.").wait_for()
    assert bought() == []

    till.start_trial(page, till.ASKS_ONCE)
    till.answer_bank(page, "Complete authentication")

    arrive(page, "pier-secure")
    assert bought() == ["trialing"]


@pytest.mark.timeout(300)
def test_whoever_goes_back_finds_everything_as_it_was(at_checkout, bought, look):
    page = at_checkout("pier-and-back")
    checkout = page.url
    page.go_back()
    page.get_by_text("Your checkout is open until").wait_for()
    look(page, "payment-open")
    page.get_by_role("link", name="Go to the checkout").click()
    page.get_by_role("link", name="Cancel and go back").click()

    page.get_by_text("Nothing was charged.").wait_for()
    assert page.get_by_role("radio", name=TEAM).is_checked()
    page.locator("#offer .figure", has_text="Team 250k").wait_for()
    look(page, "plan-checkout-open")
    page.get_by_role("link", name="Back to the checkout").click()
    page.get_by_role("link", name="Go to the checkout").click()
    page.wait_for_url(checkout)
    page.go_back()
    page.get_by_role("button", name="Choose another plan").click()
    page.get_by_role("radio", name=re.compile("^Free")).check()
    path.create(page)

    page.wait_for_url("**/organizations/pier-and-back/")
    page.get_by_role("heading", name="Pilots of the pier").wait_for()
    page.goto(checkout)
    page.get_by_text("This page has expired").wait_for()
    assert bought() == []


def pay_and_hear_nothing(route):
    """What was sent arrives, and nobody is there any more for the answer."""
    route.fetch(max_redirects=0)
    route.abort()


@pytest.mark.timeout(300)
def test_who_closes_the_browser_after_paying_gets_an_organization(
    at_checkout, page_of, stack, bought, complaints
):
    page = at_checkout("pier-closed")
    page.go_back()
    payment = page.url
    page.go_forward()
    stack.ask_sandbox("PATCH", "stripe/webhooks", {"hold": True})
    page.route(page.url, pay_and_hear_nothing)
    with page.expect_event("requestfailed"):
        till.start_trial(page, till.AMEX)
    page.context.close()
    complaints.clear()
    assert bought() == ["trialing"]
    other = page_of()
    other.goto(payment)

    stack.ask_sandbox("PATCH", "stripe/webhooks", {"hold": False})
    stack.ask_sandbox("POST", "stripe/webhooks/release", {})

    arrive(other, "pier-closed")
