"""A claim goes over two desks: taken from the queue, an objection answered, approved twice."""

import pytest

from bin.stack import SUPPORT
from tests.e2e import path

COLLEAGUE, PASSWORD = "colleague@example.com", "a-desk-of-his-own"
# Claimed eight days ago with strong evidence, as if somebody had waited for it.
CLAIMED = f"""
from datetime import timedelta
from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from accounts.models import User
from accounts.roles import make_support
from claims import telling
from claims.gathering import add_evidence
from claims.models import AccessClaim
from claims.sweeping import sweep
from claims.weighing import TOKEN, Seen
from organizations.models import Organization

make_support(User.objects.create_user("{COLLEAGUE}", "{PASSWORD}"), may_act=True)
castaway = User.objects.create_user("castaway@example.com", first_name="Cas", last_name="Taway")
for user in User.objects.filter(email__in=["{COLLEAGUE}", castaway.email]):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
opened = timezone.now() - timedelta(days=8)
with transaction.atomic():
    claim = AccessClaim.objects.create(
        organization=Organization.objects.get(key="lostport"), user=castaway,
        external_name="lostport", opened_at=opened, waits_until=opened + timedelta(days=7),
        statement="Our only owner left the company in March, and her mailbox is gone.",
    )
    telling.of_opening(claim)
    facts = {{"account": castaway.email, "name": "Cas Taway"}}
    add_evidence(claim, Seen(TOKEN, "administrator", facts), by=None)
sweep()
"""


@pytest.fixture
def owner(page_of, stack):
    """Who owns what is claimed, in a browser."""
    page = page_of()
    stack.ask_sandbox("POST", "organizations", {"name": "lostport", "repositories": 3})
    token = stack.ask_sandbox("POST", "organizations/lostport/tokens", {})["token"]
    path.import_organization(page, "lostport", token, "lostport")
    done = stack.manage("shell", "--verbosity=0", "--command", CLAIMED)
    assert done.returncode == 0, done.stdout
    stack.passwords[COLLEAGUE] = PASSWORD
    return page


@pytest.mark.timeout(600)
def test_two_of_support_decide_a_claim(owner, page_of, look, complaints):
    support, colleague = page_of(SUPPORT), page_of(COLLEAGUE)
    open_claim(support)
    support.get_by_role("button", name="Take it").click()
    support.get_by_text("It is on your desk.").wait_for()
    ask(support, look, complaints)
    approve(support, "You are the first to approve.")
    object_to_it(owner)
    answer_it(support, look, complaints)
    approve(support, "You are the first to approve.")
    see(support, look, complaints, "claim-desk")

    colleague.goto("/admin/claims/accessclaim/")
    colleague.get_by_role("cell", name="1 of 2").wait_for()
    see(colleague, look, complaints, "claim-queue")
    open_claim(colleague)
    approve(colleague, "The claimant is an owner now, and everybody is told.")

    owner.goto("/organizations/lostport/members/")
    owner.get_by_role("main").get_by_text("Cas Taway").first.wait_for()
    owner.goto("/organizations/lostport/audit/?family=claim")
    owner.get_by_text("Claim approved: the claimant is an owner").wait_for()
    owner.get_by_text(f"Mooring support ({COLLEAGUE})").first.wait_for()


def see(page, look, complaints, name):
    assert complaints == []
    look(page, name)
    # axe copies the style sheets that the admin's own import, and the page's policy refuses that.
    complaints.clear()
    page.set_viewport_size({"width": 1280, "height": 860})


def open_claim(page):
    page.goto("/admin/claims/accessclaim/")
    page.get_by_role("link", name="lostport · lostport").click()
    page.get_by_role("heading", name="Before it can be approved").wait_for()


def ask(page, look, complaints):
    page.get_by_role("link", name="Ask the claimant").click()
    page.get_by_role("link", name="Why owners can't be reached").click()
    text = page.get_by_label("Question")
    assert text.input_value().startswith("Hello Cas Taway,")
    see(page, look, complaints, "claim-ask")
    page.get_by_role("button", name="Ask the claimant").click()
    page.get_by_text("The claimant is asked.").wait_for()


def object_to_it(page):
    page.goto("/organizations/lostport/claims/")
    page.get_by_label("Why it is not right").fill("I am here, on leave until Monday.")
    page.get_by_role("button", name="Object").click()
    page.get_by_text("Support knows that you object").wait_for()


def answer_it(page, look, complaints):
    open_claim(page)
    page.get_by_text("An objection is not answered.").wait_for()
    page.get_by_role("link", name="Answer an objection").click()
    page.get_by_label("Reason").fill("She agreed by phone, from the number on the invoice.")
    see(page, look, complaints, "claim-answer")
    page.get_by_role("button", name="Answer an objection").click()
    page.get_by_text("The objection is answered.").wait_for()


def approve(page, said):
    page.get_by_role("link", name="Approve").click()
    page.get_by_label("Reason").fill("She answered from the billing address.")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text(said).wait_for()
