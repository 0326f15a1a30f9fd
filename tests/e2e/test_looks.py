"""Every page of the main path, wide and narrow, light and dark: for everybody, and in one column.

Pictures of it all are left in var/pictures.
"""

import pytest

from bin.stack import SUPPORT
from tests.e2e import path


def test_the_entrance(page, look):
    for name, address in {
        "welcome": "/",
        "sign-up": "/account/signup/",
        "sign-in": "/account/login/",
        "forgotten": "/account/password/reset/",
        "not-found": "/nowhere/",
        "rules": "/lines-of-code/",
    }.items():
        page.goto(address)
        look(page, name)


def test_connecting(page_of, look):
    page = page_of()
    for name, address in {"new": "/organizations/new/", "connect": "/imports/new/"}.items():
        page.goto(address)
        look(page, name)
    path.connect(page, "con toso", "x")
    page.locator("#id_token_error").wait_for()
    look(page, "connect-refused")


@pytest.mark.timeout(300)
def test_the_main_path(page_of, look, stack):
    page = page_of()
    size = {"repositories": 412, "projects": 24}
    stack.ask_sandbox("POST", "organizations", {"name": "northwind", **size})
    token = stack.ask_sandbox("POST", "organizations/northwind/tokens", {})["token"]
    path.connect(page, "northwind", token, "2027-03-12")
    path.wait_until_it_can_go_on(page)
    look(page, "checked")
    page.get_by_role("link", name="Continue").click()
    page.get_by_text("Add additional info").click()
    page.get_by_label("Description").fill("Ships, cranes and tides.")
    page.get_by_label("Name").fill("Northwind Harbour")
    page.get_by_text("northwind is free.").wait_for()
    look(page, "details")
    type_key(page, "Häfen")
    page.locator("#id_key_error").wait_for()
    look(page, "details-refused")
    type_key(page, "northwind")
    page.get_by_role("heading", name="Choose a plan").wait_for()
    look(page, "plan")
    page.get_by_role("button", name="Continue with Free").click()
    page.get_by_role("button", name="Create organization").wait_for()
    look(page, "create")
    page.get_by_role("button", name="Create organization").click()
    page.get_by_text("All 412 repositories").wait_for()
    look(page, "overview")


def type_key(page, key):
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Continue").click()


@pytest.mark.timeout(300)
def test_an_organization(page_of, look, stack):
    page = page_of()
    path.import_organization(page, "oddly-named", stack.token("oddly-named"), "odd-looks")
    for name in (
        "binding",
        "repositories",
        "lines-of-code",
        "estimate",
        "settings",
        "settings/delete",
    ):
        page.goto(f"/organizations/odd-looks/{name}/")
        look(page, name.replace("/", "-"))
    path.connect(page, "oddly-named", stack.token("oddly-named"))
    page.get_by_text("You belong to it").wait_for()
    look(page, "fork-of-a-member")
    page.goto("/")
    look(page, "home")
    page.get_by_text("Organizations", exact=True).first.click()
    look(page, "switcher")


def test_a_refusal(page_of, look, stack):
    page = page_of()
    path.connect(page, "fortress", stack.token("blocked-global"))
    page.get_by_text("You can't go on with this token.").wait_for()
    look(page, "refused")


def test_an_account(page_of, look):
    page = page_of()
    for name, address in {
        "account": "/settings/",
        "api-tokens": "/settings/api-tokens/",
        "e-mail": "/account/email/",
        "password": "/account/password/change/",
        "second-factor": "/account/2fa/",
    }.items():
        page.goto(address)
        look(page, name)


def test_notifications(page_of, look, stack):
    page = page_of()
    page.goto("/")
    look_behind_the_bell(page, look, "bell-empty")
    stack.manage("shell", "--verbosity=0", "--command", TELL)
    page.goto("/")
    look_behind_the_bell(page, look, "bell")
    for name, address in {
        "notifications": "/notifications/",
        "notifications-mails": "/settings/notifications/",
    }.items():
        page.goto(address)
        look(page, name)
    page.goto("/settings/")
    page.keyboard.press("Tab")
    page.get_by_title("Notifications").press("Enter")
    page.get_by_role("button", name="Contoso's token stopped working").press("Enter")
    page.wait_for_url("**/organizations/new/")
    page.get_by_title("Notifications").click()
    page.get_by_role("button", name="Mark all as read").click()
    page.wait_for_url("**/organizations/new/")
    page.get_by_text("Notifications: ").wait_for(state="detached")


def look_behind_the_bell(page, look, name):
    page.get_by_title("Notifications").click()
    look(page, name)


# Twelve, so that the bell has more than it shows.
TELL = """
from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, notify

def tell(number, severity, title, **more):
    notice = Notice(kind=Kind.TOKEN_EXPIRING, subject=str(number), severity=severity, title=title,
        text="Replace it by Thursday 12 March 2027, 17:00 UTC.\\n\\nIt takes a new token.", **more)
    notify(User.objects.filter(email="owner@example.com"), notice)

here = {"action_label": "Replace token", "action_path": "/organizations/new/"}
for number in range(9):
    tell(number, Severity.WARNING, f"Harbour-{number}'s token expires in 7 days", **here)
tell(9, Severity.GOOD, "Fabrikam's token works again")
tell(10, Severity.INFO, "A-name-" + "as-long-as-a-quay-" * 8 + "'s token was replaced")
tell(11, Severity.DANGER, "Contoso's token stopped working", **here,
    link_label="Tokens in Azure DevOps", link_url="https://dev.azure.com/contoso/_usersSettings")
"""


def test_the_admin(page_of, axe):
    page = page_of(SUPPORT, reduced_motion="reduce")
    for address in (
        "",
        "accounts/user/",
        "accounts/notification/",
        "organizations/organization/",
        "organizations/auditevent/",
        "bindings/devopsbinding/",
        "onboarding/import/",
        "billing/billingaccount/",
        "billing/billingaccount/alarms/",
        "billing/billingaccount/attach/",
        "billing/operation/",
    ):
        page.goto(f"/admin/{address}")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            axe(page)
