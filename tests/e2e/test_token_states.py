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


@pytest.fixture
def set_back(stack):
    """`set_back("tokens-a", "expires_on=…")`: what time alone does to a token in use."""

    def update(name, change):
        code = f"""
from datetime import timedelta
from django.utils import timezone
from bindings.models import PersonalAccessToken
now = timezone.now()
tokens = PersonalAccessToken.objects.in_use()
assert tokens.filter(binding__external_name={name!r}).update({change}) == 1
"""
        done = stack.manage("shell", "-v", "0", "-c", code)
        assert done.returncode == 0, done.stdout

    return update


def new_token(stack, name, **how):
    return stack.ask_sandbox("POST", f"organizations/{name}/tokens", how)["token"]


def replace(page, token, when="Now"):
    page.get_by_role("link", name="Replace token").click()
    page.get_by_label("Personal access token").fill(token)
    page.get_by_label("Expires on").fill("2027-03-12")
    page.get_by_label(when).check()
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
        if name == "history":
            page.locator("main summary").first.click()
            page.get_by_text("activity id").first.wait_for()
        look(page, f"token-{name}")
    page.get_by_role("button", name="Make my address").click()
    address = page.locator("#address").inner_text()
    assert page.request.get(address).text().startswith("BEGIN:VCALENDAR")


@pytest.mark.timeout(300)
def test_a_token_that_stands_by_is_shown_and_can_be_used(bound_page, stack, look):
    page, _ = bound_page("tokens-e")
    second = new_token(stack, "tokens-e")

    replace(page, second, "When it is needed")
    page.get_by_text("We switch to it when the present one fails").wait_for()

    look(page, "token-standby")
    page.get_by_role("link", name="Replace token").click()
    page.get_by_label("Wipe the token that stands by").wait_for()
    look(page, "token-replace-standby")
    page.goto(BINDING.format("tokens-e"))
    page.get_by_role("button", name="Use it now").click()
    page.get_by_role("heading", name="Earlier token").wait_for()
    assert page.locator("dd.mono").first.inner_text() == f"…{second[-4:]}"


@pytest.mark.timeout(300)
def test_a_token_that_stands_by_takes_over(bound_page, stack, look):
    page, first = bound_page("tokens-i")
    second = new_token(stack, "tokens-i")
    replace(page, second, "When it is needed")
    page.get_by_text("We switch to it when the present one fails").wait_for()

    stack.ask_sandbox("POST", "spoil", {"token": first})
    page.get_by_role("button", name="Check now").click()
    page.get_by_role("heading", name="Earlier token").wait_for()

    assert page.locator("dd.mono").first.inner_text() == f"…{second[-4:]}"
    look(page, "token-took-over")


@pytest.mark.timeout(300)
def test_a_token_of_another_account_waits_for_a_person(bound_page, stack, look):
    page, _ = bound_page("tokens-f")
    second = new_token(stack, "tokens-f", person="administrator")

    replace(page, second)
    page.get_by_text("was not put into use").wait_for()

    look(page, "token-other-account")
    page.get_by_role("button", name="Use it all the same").click()
    page.get_by_role("heading", name="Earlier token").wait_for()
    assert page.locator("dd.mono").first.inner_text() == f"…{second[-4:]}"


@pytest.mark.timeout(300)
def test_a_token_refused_twice_is_told_as_broken(bound_page, stack, set_back, look):
    page, first = bound_page("tokens-g")
    stack.ask_sandbox("POST", "spoil", {"token": first})
    page.get_by_role("button", name="Check now").click()
    page.get_by_text("We ask again a few minutes later").wait_for()

    set_back("tokens-g", "suspect_since=now - timedelta(minutes=4)")
    page.get_by_role("button", name="Check now").click()
    page.get_by_text("Last good on").wait_for()

    look(page, "token-refused")
    page.goto("/")
    page.get_by_text("Azure DevOps refuses its token.").wait_for()
    look(page, "banner")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("state", "change", "told"),
    [
        ("soon", "expires_on=now + timedelta(days=5)", "in 5 days"),
        ("expired", "expires_on=now - timedelta(days=3)", "The token expired on"),
        ("silent", "silent_since=now - timedelta(hours=2), silences=9", "has not answered since"),
        ("unreadable", "unreadable_since=now", "Our copy of the token can't be read"),
        (
            "unused",
            "last_access_at=now - timedelta(days=80), last_access_learned_at=now",
            "80 days ago",
        ),
    ],
)
def test_what_time_does_is_told(bound_page, set_back, look, state, change, told):
    page, _ = bound_page(f"tokens-{state}")

    set_back(f"tokens-{state}", change)
    page.reload()

    page.get_by_text(told).first.wait_for()
    look(page, f"token-{state}")


@pytest.mark.timeout(300)
def test_trouble_of_the_platform_is_told_as_such(bound_page, stack, look):
    page, _ = bound_page("tokens-h")
    begin = "PlatformIncident.objects.create(platform='azure_devops', affected=40)"
    imported = "from bindings.models import PlatformIncident; "
    # A worker would soon find out that there is none.
    stack.kill_worker()
    stack.manage("shell", "-v", "0", "-c", imported + begin)

    try:
        page.reload()
        page.get_by_text("does not answer as usual for many organizations").wait_for()
        look(page, "token-incident")
    finally:
        stack.manage("shell", "-v", "0", "-c", imported + "PlatformIncident.objects.all().delete()")
        stack.start_worker()
