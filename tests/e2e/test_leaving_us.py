"""Somebody takes their data along and goes, once nothing needs them any more."""

import json

import pytest

from tests.e2e import path

LEAVER = "leaver@example.com"
PASSWORD = "a-harbour-of-her-own"
# What a week does to it.
A_WEEK_LATER = """
from datetime import timedelta
from django.utils import timezone
from organizations.models import Organization
from organizations.tasks import sweep_deletions
over = timezone.now() - timedelta(minutes=1)
assert Organization.objects.filter(key="lastport").update(deletion_due_at=over) == 1
sweep_deletions()
"""
SEND = "from accounts.tasks import send_farewells; send_farewells()"


@pytest.mark.timeout(600)
def test_somebody_takes_their_data_along_and_goes(page, look, stack):
    path.sign_up(page, stack, LEAVER, PASSWORD)
    stack.ask_sandbox("POST", "organizations", {"name": "lastport", "repositories": 2})
    token = stack.ask_sandbox("POST", "organizations/lastport/tokens", {})["token"]
    path.import_organization(page, "lastport", token, "lastport")

    take_data_along(page, look, token)
    learn_what_needs_them(page, look)
    hand_in_the_keys(page)
    done = stack.manage("shell", "--verbosity=0", "--command", A_WEEK_LATER)
    assert done.returncode == 0, done.stdout
    go(page, look)

    stack.manage("shell", "--verbosity=0", "--command", SEND)
    told = [mail["subject"] for mail in stack.mails() if LEAVER in mail["to"]]
    assert "Your Mooring account is deleted" in told


def take_data_along(page, look, token):
    page.goto("/settings/")
    look(page, "account-settings")
    page.get_by_role("link", name="Your data").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Your data").wait_for()
    look(page, "account-data")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download my data").click()
    text = started.value.path().read_text()
    assert json.loads(text)["memberships"][0]["organization_key"] == "lastport"
    assert token not in text


def learn_what_needs_them(page, look):
    page.goto("/settings/")
    page.get_by_role("link", name="Delete account…").click()
    page.get_by_text("You are the only owner of Contoso Harbour.").wait_for()
    page.get_by_label("Your e-mail address").fill(LEAVER)
    page.get_by_role("button", name="Delete account").click()
    page.get_by_text("That did not work").wait_for()
    look(page, "account-needed")


def hand_in_the_keys(page):
    page.get_by_role("link", name="Delete Contoso Harbour…").click()
    page.get_by_label("Type lastport to confirm").fill("lastport")
    page.get_by_role("button", name="Delete organization").click()
    page.wait_for_url("**/")


def go(page, look):
    page.goto("/settings/delete-account/")
    look(page, "account-delete")
    page.get_by_label("Your e-mail address").fill(LEAVER)
    page.get_by_role("button", name="Delete account").click()
    page.get_by_text("Your account is deleted. A mail confirms it.").wait_for()
    look(page, "account-deleted")
    page.goto("/settings/")
    page.wait_for_url("**/account/login/**")
