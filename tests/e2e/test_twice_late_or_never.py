"""Reload, sign-out, another browser, a worker's death: nothing is lost and nothing doubled."""

import pytest

from bin.stack import OWNER
from tests.e2e import path

# A lease runs 45 seconds and the sweep looks every 20; a slow machine may take longer.
TAKEN_OVER = 150_000


@pytest.fixture
def slow(stack):
    """Answers take a second, so that there is time to do something meanwhile."""
    stack.ask_sandbox("PUT", "latency", {"seconds": 1})
    yield
    stack.ask_sandbox("PUT", "latency", {"seconds": 0})


def test_an_import_survives_a_reload_a_sign_out_and_another_browser(new_page, stack, slow):
    page = new_page()
    path.sign_in(page, OWNER, stack.passwords[OWNER])
    page.get_by_role("heading", name="Your organizations").wait_for()
    path.connect(page, "atlantis", stack.token("global"))
    page.get_by_text("Asking Azure DevOps.").wait_for()
    address = page.url
    page.reload()
    page.get_by_text("Asking Azure DevOps.").wait_for()
    page.context.clear_cookies()

    other = new_page()
    path.sign_in(other, OWNER, stack.passwords[OWNER])
    other.get_by_role("heading", name="Your organizations").wait_for()
    other.goto("/imports/new/")
    other.get_by_role("link", name="atlantis").click()

    other.get_by_text("You can't go on with this token.").wait_for()
    assert other.url == address
    other.get_by_label("Azure DevOps organization").fill("marked")
    other.get_by_label("Personal access token").fill(stack.token("marked"))
    other.get_by_role("button", name="Continue").click()
    path.wait_until_it_can_go_on(other)


def test_the_page_shows_the_checks_as_they_come_in(page_of, stack, slow):
    page = page_of()

    path.connect(page, "patchy", stack.token("patchy"))

    page.locator(".check--pass", has_text="The token looks right").wait_for()
    assert page.locator(".check--running").count() == 1
    assert not page.get_by_text("You can go on.").is_visible()
    path.wait_until_it_can_go_on(page)
    assert page.locator(".check--running").count() == 0


@pytest.mark.timeout(240)
def test_a_worker_that_dies_at_work_is_replaced(page_of, stack, slow):
    page = page_of()
    path.connect(page, "slowlane", stack.token("slowlane"))
    page.locator(".check--pass", has_text="The token looks right").wait_for()

    stack.kill_worker()
    assert page.locator(".check--running").count() == 1
    stack.start_worker()

    path.wait_until_it_can_go_on(page, timeout=TAKEN_OVER)


def test_continue_pressed_while_no_worker_runs_waits_for_one(page_of, stack):
    page = page_of()
    stack.kill_worker()
    path.connect(page, "plain-missing", stack.token("plain-missing"))
    page.get_by_text("Asking Azure DevOps.").wait_for()

    stack.start_worker()

    path.wait_until_it_can_go_on(page, timeout=TAKEN_OVER)


def test_create_pressed_in_two_windows_makes_one_organization(page_of, stack):
    first = page_of()
    path.connect(first, "empty-shelf", stack.token("empty-shelf"))
    path.wait_until_it_can_go_on(first)
    path.choose_details(first, "empty-shelf", name="Empty shelf")
    first.get_by_role("button", name="Continue with Free").click()
    first.get_by_role("button", name="Create organization").wait_for()
    second = first.context.new_page()
    second.goto(first.url)

    first.get_by_role("button", name="Create organization").click(no_wait_after=True)
    second.get_by_role("button", name="Create organization").click()

    for page in (first, second):
        page.wait_for_url("**/organizations/empty-shelf/")
    second.goto("/")
    assert second.get_by_role("link", name="Empty shelf").count() == 1
