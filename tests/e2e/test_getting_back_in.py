"""Somebody claims lost access, and whoever was named for that says that it is not right."""

import re

import pytest

from tests.e2e import path

CLAIMANT = "castaway@pier.example.com"
OFFICE = "office@wreck.example.com"
PASSWORD = "a-harbour-of-her-own"
SEND = "from claims.tasks import send_letters; send_letters()"


@pytest.mark.timeout(600)
def test_a_claim_is_opened_proven_and_objected_to(page_of, new_page, page, look, stack):
    owner, claimant = page_of(), page
    stack.ask_sandbox("POST", "organizations", {"name": "wreck", "repositories": 2})
    token = stack.ask_sandbox("POST", "organizations/wreck/tokens", {})["token"]
    path.import_organization(owner, "wreck", token, "wreck")
    name_a_contact(owner)
    path.sign_up(claimant, stack, CLAIMANT, PASSWORD)

    claim(claimant, token, look)
    prove(claimant, token, look)
    object_by_mail(new_page(), stack, look)

    owner.goto("/organizations/wreck/claims/")
    owner.get_by_text("She left us in spring.").wait_for()
    look(owner, "claims-on-us")
    claimant.reload()
    claimant.get_by_role("button", name="Withdraw the claim").click()
    claimant.get_by_text("Withdrawn, claimed").wait_for()
    claimant.get_by_role("link", name="Your claims").click()
    look(claimant, "claims-mine")


def name_a_contact(owner):
    owner.goto("/organizations/wreck/settings/recovery/")
    owner.get_by_label("Recovery contact").fill(OFFICE)
    owner.get_by_role("button", name="Save").click()
    owner.get_by_text(OFFICE).first.wait_for()


def claim(claimant, token, look):
    path.connect(claimant, "wreck", token)
    claimant.get_by_role("link", name="Claim access").click()
    look(claimant, "claim-new")
    claimant.get_by_label("What happened").fill("Our only owner left, and her mailbox is gone.")
    claimant.get_by_role("button", name="Claim access").click()
    claimant.get_by_role("heading", name="Claim on wreck").wait_for()
    claimant.get_by_text("Without strong evidence nobody becomes an owner.").wait_for()
    look(claimant, "claim-opened")
    assert "Contoso Harbour" not in claimant.content()


def prove(claimant, token, look):
    claimant.get_by_label("Personal access token").fill(token)
    claimant.get_by_role("button", name="Look at the token").click()
    claimant.get_by_text("There is strong evidence").wait_for()
    assert token not in claimant.content()
    look(claimant, "claim-proven")


def object_by_mail(stranger, stack, look):
    stack.manage("shell", "--verbosity=0", "--command", SEND)
    mails = "\n".join(mail["text"] for mail in stack.mails() if OFFICE in mail["to"])
    stranger.goto(re.search(r"/claims/objection/\S+", mails)[0])
    stranger.get_by_role("heading", name="Object to the claim on Contoso Harbour?").wait_for()
    look(stranger, "objection")
    stranger.get_by_label("Why it is not right").fill("She left us in spring.")
    stranger.get_by_role("button", name="Object to this claim").click()
    stranger.get_by_role("heading", name="Support knows that you object").wait_for()
    look(stranger, "objection-made")
