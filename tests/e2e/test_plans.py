"""Picking a tier: with the keyboard, by a number, and without JavaScript."""

import re

import pytest

from tests.e2e import path

TEAM, OFFER, GO = re.compile("^Team"), "#offer .figure", re.compile("^Continue with")


def to_the_plans(page, stack, key):
    stack.ask_sandbox("POST", "organizations", {"name": key})
    token = stack.ask_sandbox("POST", f"organizations/{key}/tokens", {})["token"]
    path.connect(page, key, token)
    path.wait_until_it_can_go_on(page)
    path.choose_details(page, key)
    page.get_by_role("heading", name="Choose a plan").wait_for()
    page.get_by_role("radio", name=TEAM).check()


def offered(page, words):
    page.locator(OFFER, has_text=words).wait_for()


@pytest.mark.timeout(300)
def test_a_tier_is_picked_with_the_keyboard(page_of, look, stack):
    page = page_of()
    to_the_plans(page, stack, "picked")
    slider = page.get_by_role("slider", name="Tier")
    slider.focus()
    page.keyboard.press("End")
    offered(page, "Team 1.9M")
    page.keyboard.press("ArrowLeft")
    offered(page, "Team 1M")
    assert "1M lines" in slider.get_attribute("aria-valuetext")
    page.get_by_role("button", name="A smaller tier").press("Enter")
    offered(page, "Team 500k")
    page.get_by_role("radio", name="Yearly").press("Space")
    offered(page, "a year for Team 500k")
    page.get_by_label("Private lines of code you need").fill("182,400")
    page.keyboard.press("Enter")
    offered(page, "a year for Team 250k")
    look(page, "plan-team")
    page.get_by_role("button", name=GO).press("Enter")
    page.get_by_text("Team 250k:").wait_for()
    look(page, "create-team")


@pytest.mark.timeout(300)
def test_a_tier_is_picked_without_javascript(new_page, page_of, stack):
    page = page_of()
    to_the_plans(page, stack, "plainly")
    plain = new_page(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto(page.url)
    plain.get_by_role("radio", name=TEAM).check()
    plain.get_by_role("radio", name=re.compile("^1M lines")).check()
    plain.get_by_role("radio", name="GBP").check()
    plain.get_by_role("button", name="Show the price").click()
    offered(plain, "for Team 1M")
    plain.get_by_role("button", name=GO).click()
    plain.get_by_text("Team 1M:").wait_for()


def test_the_prices_are_for_everybody(page, look):
    page.goto("/plans/")
    page.get_by_role("link", name="GBP").click()
    page.get_by_role("cell", name="£").first.wait_for()
    look(page, "prices")
