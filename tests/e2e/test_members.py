"""People come by an invitation or by asking, rise and leave, each in a browser of their own."""

import re

import pytest

from bin.stack import SUPPORT
from tests.e2e import path

CREW = "crew@example.com"
PASSWORD = "a-harbour-of-her-own"
SEND = "from organizations.tasks import send_invitations; send_invitations()"


@pytest.fixture
def crewport(page_of, stack):
    """The owner's page, on the organization that they just imported; and its token."""
    page = page_of()
    stack.ask_sandbox("POST", "organizations", {"name": "crewport", "repositories": 3})
    page.token = stack.ask_sandbox("POST", "organizations/crewport/tokens", {})["token"]
    path.import_organization(page, "crewport", page.token, "crewport")
    return page


@pytest.mark.timeout(600)
def test_people_come_rise_and_leave(crewport, page, page_of, look, stack):
    owner, visitor = crewport, page
    invite(owner, look)
    accept(visitor, link_sent_to_the_crew(stack), look, stack)
    promote(owner, look)
    ask_to_join(page_of(SUPPORT), owner, look)
    leave(visitor, look)

    owner.goto("/organizations/crewport/members/")
    owner.get_by_text("Have two owners").wait_for()
    assert owner.get_by_role("row").filter(has_text=CREW).count() == 0


def invite(owner, look):
    owner.get_by_role("link", name="Members").click()
    owner.get_by_text("Have two owners").wait_for()
    owner.get_by_role("link", name="Invite somebody").click()
    look(owner, "members-invite")
    owner.get_by_label("E-mail address").fill(CREW)
    owner.get_by_role("button", name="Send invitation").click()
    owner.get_by_text(f"An invitation is on its way to {CREW}.").wait_for()
    look(owner, "members-invited")


def link_sent_to_the_crew(stack):
    stack.manage("shell", "--verbosity=0", "--command", SEND)
    mail = next(mail for mail in stack.mails() if CREW in mail["to"])
    return re.search(r"https?://\S+(/invitations/\S+)", mail["text"])[1]


def accept(visitor, link, look, stack):
    visitor.goto(link)
    visitor.get_by_role("heading", name="Join Contoso Harbour").wait_for()
    look(visitor, "invitation")
    visitor.get_by_role("link", name="Sign up with that address").click()
    visitor.get_by_label("E-mail address").fill(CREW)
    visitor.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.get_by_label("Password, once more").fill(PASSWORD)
    visitor.get_by_role("button", name="Sign up").click()
    visitor.get_by_label("Code").fill(path.code_sent_to(stack, CREW))
    visitor.get_by_role("button", name="Confirm").click()
    visitor.get_by_role("button", name="Accept invitation").wait_for()
    look(visitor, "invitation-mine")
    visitor.get_by_role("button", name="Accept invitation").click()
    visitor.get_by_text("Welcome to Contoso Harbour.").wait_for()
    visitor.goto(link)
    visitor.wait_for_url("**/organizations/crewport/")


def promote(owner, look):
    owner.goto("/organizations/crewport/members/")
    owner.get_by_role("link", name=f"Change {CREW}").click()
    look(owner, "member")
    owner.get_by_role("button", name="Make an owner").click()
    owner.get_by_text("crew is an owner now.").wait_for()
    assert "Have two owners" not in owner.content()


def ask_to_join(stranger, owner, look):
    path.connect(stranger, "crewport", owner.token)
    stranger.get_by_role("link", name="Ask to join").click()
    look(stranger, "join")
    stranger.get_by_label("Note").fill("I run the cranes.")
    stranger.get_by_role("button", name="Ask to join").click()
    stranger.get_by_text("You have asked").wait_for()
    look(stranger, "join-asked")
    assert "Contoso Harbour" not in stranger.content()
    owner.goto("/organizations/crewport/members/")
    owner.get_by_text("I run the cranes.").wait_for()
    look(owner, "members-asked")
    owner.get_by_role("button", name=f"Decline {SUPPORT}").click()
    owner.get_by_text("is declined, and is told so.").wait_for()
    stranger.reload()
    stranger.get_by_text("You were declined").wait_for()
    look(stranger, "join-declined")


def leave(visitor, look):
    visitor.goto("/organizations/crewport/members/")
    visitor.get_by_role("link", name="Leave…").click()
    look(visitor, "leave")
    visitor.get_by_role("button", name="Leave", exact=True).click()
    visitor.get_by_text("You left Contoso Harbour.").wait_for()
