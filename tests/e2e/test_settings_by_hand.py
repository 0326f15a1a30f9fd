"""An organization gets another key, somebody to ask, and is deleted and brought back."""

import pytest

from tests.e2e import path


@pytest.mark.timeout(600)
def test_an_organization_is_renamed_let_go_and_brought_back(page_of, look, stack):
    page = page_of()
    stack.ask_sandbox("POST", "organizations", {"name": "drydock", "repositories": 2})
    token = stack.ask_sandbox("POST", "organizations/drydock/tokens", {})["token"]
    path.import_organization(page, "drydock", token, "drydock")
    page.get_by_role("link", name="Settings").click()
    look(page, "settings")

    name_a_contact(page, look)
    change_the_key(page, look)
    let_it_go(page, look)
    bring_it_back(page, look)


def name_a_contact(page, look):
    page.get_by_role("link", name="Name somebody…").click()
    page.get_by_label("Recovery contact").fill("not an address")
    page.get_by_role("button", name="Save").click()
    page.locator("#id_recovery_email_error").wait_for()
    look(page, "recovery-refused")
    page.get_by_label("Recovery contact").fill("office@example.com")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("office@example.com").first.wait_for()
    look(page, "settings-recovery")


def change_the_key(page, look):
    page.get_by_role("link", name="Change key…").click()
    page.get_by_label("New key").fill("slipway")
    page.get_by_text("slipway is free.").wait_for()
    look(page, "key")
    page.get_by_label("Type drydock to confirm").fill("drydock")
    page.get_by_role("button", name="Change key").click()
    page.wait_for_url("**/organizations/slipway/settings/")
    page.goto("/organizations/drydock/members/")
    page.wait_for_url("**/organizations/slipway/members/")


def let_it_go(page, look):
    page.goto("/organizations/slipway/settings/")
    page.get_by_role("link", name="Delete organization…").click()
    page.get_by_label("Type slipway to confirm").wait_for()
    look(page, "delete")
    page.get_by_label("Type slipway to confirm").fill("slipway")
    page.get_by_role("button", name="Delete organization").click()
    page.get_by_text("being deleted on").wait_for()
    look(page, "home-deleting")


def bring_it_back(page, look):
    page.goto("/organizations/slipway/")
    page.get_by_role("heading", name="Contoso Harbour is being deleted").wait_for()
    look(page, "restore")
    page.get_by_role("button", name="Bring it back").click()
    page.wait_for_url("**/organizations/slipway/**")
    page.goto("/organizations/slipway/binding/")
    look(page, "binding-wiped")
