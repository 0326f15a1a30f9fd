"""The life of a token as its owner sees it: each state of the page, for everybody and in both
themes. Pictures are left beside those of the main path.
"""

import pytest

from tests.e2e import path

BINDING = "/organizations/{}/binding/"


@pytest.fixture
def bound_page(page_of, stack):
    """`bound_page("tokens-a")`: a page, and the token of an organization that was imported."""

    def make(name):
        page = page_of()
        stack.ask_sandbox("POST", "organizations", {"name": name})
        token = stack.ask_sandbox("POST", f"organizations/{name}/tokens", {})["token"]
        path.import_organization(page, name, token, name)
        page.goto(BINDING.format(name))
        return page, token

    return make


def new_token(stack, name, **how):
    return stack.ask_sandbox("POST", f"organizations/{name}/tokens", how)["token"]


def replace(page, token):
    page.get_by_role("link", name="Replace token").click()
    page.get_by_label("Personal access token").fill(token)
    page.get_by_label("Expires on").fill("2027-03-12")
    page.get_by_role("button", name="Verify and replace").click()


@pytest.mark.timeout(300)
def test_a_token_is_replaced_and_brought_back(bound_page, stack, look):
    page, first = bound_page("tokens-a")
    look(page, "token-healthy")
    page.get_by_role("link", name="Replace token").click()
    look(page, "token-replace")
    page.goto(BINDING.format("tokens-a"))

    second = new_token(stack, "tokens-a")
    replace(page, second)
    page.get_by_text(f"…{second[-4:]}").first.wait_for()
    page.reload()
    page.get_by_role("heading", name="Earlier token").wait_for()
    look(page, "token-replaced")
    page.get_by_role("button", name="Bring it back").click()
    page.get_by_text("The earlier token is back in use.").wait_for()

    assert page.locator("dd.mono").first.inner_text() == f"…{first[-4:]}"


@pytest.mark.timeout(300)
def test_a_refused_replacement_leaves_the_old_one(bound_page, stack, look):
    page, first = bound_page("tokens-b")

    replace(page, new_token(stack, "tokens-b", days=0))
    page.get_by_text("was not put into use").wait_for()

    look(page, "token-next-refused")
    assert page.locator("dd.mono").first.inner_text() == f"…{first[-4:]}"


@pytest.mark.timeout(300)
def test_one_refusal_is_told_as_a_doubt(bound_page, stack, look):
    page, first = bound_page("tokens-c")
    stack.ask_sandbox("POST", "spoil", {"token": first})

    page.get_by_role("button", name="Check now").click()
    page.get_by_text("We ask again a few minutes later").wait_for()

    look(page, "token-doubt")


@pytest.mark.timeout(300)
def test_the_pages_around_it(bound_page, look):
    page, _ = bound_page("tokens-d")
    for name in ("history", "name", "expiry", "calendar"):
        page.goto(f"{BINDING.format('tokens-d')}{name}/")
        look(page, f"token-{name}")
    page.get_by_role("button", name="Make my address").click()
    address = page.locator("#address").inner_text()
    assert page.request.get(address).text().startswith("BEGIN:VCALENDAR")
