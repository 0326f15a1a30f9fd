"""Invitations: sent, read, accepted once, sent again, taken back, over."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from accounts.models import Notification
from core.redaction import redact
from organizations.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    InvitedByAnotherAddress,
    MemberLimitReached,
    OrganizationGone,
    TooManyInvitations,
)
from organizations.inviting import accept, invite, resend, revoke
from organizations.links import path_of
from organizations.models import AuditEvent, Invitation, Organization, Role
from organizations.tasks import send_invitations
from tests.accounts.people import PASSWORD, mailed_code
from tests.factories import OrganizationFactory, UserFactory
from tests.organizations.crew import join, members_of, owners_of, verified

DORA = "dora@example.com"


@pytest.fixture
def harbour(alice):
    return OrganizationFactory(key="harbour", name="Old Harbour", owner=alice)


@pytest.fixture
def dora(db):
    """Has an account, and nothing to do with the harbour yet."""
    return verified(DORA)


@pytest.fixture
def invitation(harbour, alice):
    return invite(harbour, DORA, by=alice)


def two(organization_id):
    return 2


ROOM_FOR_TWO = override_settings(MEMBER_LIMIT_OF=f"{__name__}.two")


def later(**duration):
    return time_machine.travel(timezone.now() + timedelta(**duration), tick=False)


def link_in(letter):
    """The path in a mail, as somebody clicks it."""
    return urlsplit(re.search(r"https?://\S+/invitations/\S+", letter.body)[0]).path


# Sending


@pytest.mark.parametrize("has_account", [True, False], ids=["an account", "no account"])
def test_an_address_is_invited_by_mail_whether_it_has_an_account_or_not(
    harbour, alice, has_account
):
    if has_account:
        verified(DORA)
    invite(harbour, "Dora@Example.com ", by=alice)

    send_invitations()
    send_invitations()

    [letter] = mail.outbox
    assert letter.to == [DORA]
    assert letter.subject == "alice invites you to Old Harbour"
    assert "to become a member of Old Harbour." in letter.body
    assert letter.body.count("/invitations/") == 1
    assert link_in(letter) in letter.alternatives[0].content
    assert members_of(harbour) == ["alice@example.com"]


def test_who_has_an_account_hears_of_it_there_too(invitation, dora, harbour, alice):
    resend(invitation, by=alice)

    [row] = Notification.objects.filter(user=dora, read_at=None)
    assert row.title == "alice invites you to Old Harbour"
    assert row.mail_due_at is None


def test_only_who_confirmed_the_address_hears_of_it(harbour, alice):
    UserFactory(email=DORA)

    invite(harbour, DORA, by=alice)

    assert not Notification.objects.exists()


def test_an_invitation_is_not_for_who_has_an_address_that_looks_like_it(harbour, alice, client):
    """The letter without a dot is another one, also where a database has one capital for both."""
    other = verified("mike@sh\u0131p.example")
    invitation = invite(harbour, "mike@ship.example", by=alice, role=Role.OWNER)
    client.force_login(other)

    page = client.get(f"/invitations/{invitation.pk}/")
    with pytest.raises(InvitedByAnotherAddress):
        accept(invitation, sending=1, by=other)

    assert page.status_code == 404
    assert not Notification.objects.exists()
    assert owners_of(harbour) == ["alice@example.com"]


def test_who_belongs_is_told_from_who_has_an_address_that_looks_like_theirs(harbour, alice):
    join(harbour, verified("mike@sh\u0131p.example"))

    invitation = invite(harbour, "mike@ship.example", by=alice)

    assert Invitation.objects.usable().get() == invitation


def test_an_address_with_letters_that_look_like_others_is_not_invited(harbour, alice, client):
    client.force_login(alice)

    page = client.post(
        "/organizations/harbour/members/invite/",
        {"email": "mike@sh\u0131p.example", "role": "member"},
    )

    assert page.status_code == 422
    assert "Type an address without accents" in page.text
    assert not Invitation.objects.exists()


def test_who_is_a_member_is_not_invited(harbour, alice):
    with pytest.raises(AlreadyMember):
        invite(harbour, "ALICE@example.com", by=alice)

    assert not Invitation.objects.exists()


def test_an_address_is_invited_once_until_that_ran_out(invitation, harbour, alice):
    with pytest.raises(AlreadyInvited):
        invite(harbour, DORA.upper(), by=alice)

    with later(days=8):
        again = invite(harbour, DORA, by=alice, role=Role.OWNER)

    assert list(Invitation.objects.open()) == [again]


@ROOM_FOR_TWO
def test_who_is_invited_takes_a_place(invitation, harbour, alice):
    with pytest.raises(MemberLimitReached) as refusal:
        invite(harbour, "emil@example.com", by=alice)
    assert refusal.value.details == {"limit": 2, "used": 2}

    revoke(invitation, by=alice)
    invite(harbour, "emil@example.com", by=alice)

    assert Invitation.objects.open().get().email == "emil@example.com"


def test_nobody_mails_the_world(harbour, alice, monkeypatch):
    monkeypatch.setattr("organizations.inviting.AN_HOUR", 2)
    for name in ("dora", "emil"):
        invite(harbour, f"{name}@example.com", by=alice)

    with pytest.raises(TooManyInvitations):
        invite(harbour, "frida@example.com", by=alice)


def test_no_mail_leaves_for_what_was_taken_back(invitation, alice):
    revoke(invitation, by=alice)

    send_invitations()

    assert mail.outbox == []


def test_an_address_that_refuses_is_tried_again_later(invitation, settings):
    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_invitations()
    invitation.refresh_from_db()
    assert (invitation.attempts, invitation.mailed_at) == (1, None)

    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with later(minutes=3):
        send_invitations()

    assert [letter.to for letter in mail.outbox] == [[DORA]]


# Accepting


def test_who_has_the_address_comes_in(invitation, dora, harbour):
    assert accept(invitation, sending=1, by=dora) == harbour

    assert members_of(harbour) == ["alice@example.com", DORA]
    assert owners_of(harbour) == ["alice@example.com"]
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor_email) == ("invitation.accepted", DORA)
    assert not Notification.objects.unread().exists()


def test_an_owner_is_invited_as_one(harbour, alice, dora):
    invitation = invite(harbour, DORA, by=alice, role=Role.OWNER)

    accept(invitation, sending=1, by=dora)

    assert owners_of(harbour) == ["alice@example.com", DORA]


def test_accepting_twice_is_as_once(invitation, dora, harbour):
    accept(invitation, sending=1, by=dora)
    accept(invitation, sending=1, by=dora)

    assert members_of(harbour) == ["alice@example.com", DORA]
    assert AuditEvent.objects.filter(action="invitation.accepted").count() == 1


@pytest.mark.parametrize("is_same", [True, False], ids=["not confirmed", "another address"])
def test_nobody_else_comes_in(invitation, harbour, is_same):
    stranger = UserFactory(email=DORA) if is_same else verified("emil@example.com")

    with pytest.raises(InvitedByAnotherAddress) as refusal:
        accept(invitation, sending=1, by=stranger)

    assert "d…@e….com" in refusal.value.message
    assert members_of(harbour) == ["alice@example.com"]


def taken_back(invitation, alice):
    revoke(invitation, by=alice)


def sent_again(invitation, alice):
    resend(invitation, by=alice)


def run_out(invitation, alice):
    Invitation.objects.update(expires_at=timezone.now())


def used_by_who_left(invitation, alice):
    other = UserFactory()
    Invitation.objects.update(accepted_at=timezone.now(), accepted_by=other)


@pytest.mark.parametrize("end", [taken_back, sent_again, run_out, used_by_who_left])
def test_what_is_over_lets_nobody_in(invitation, dora, harbour, alice, browser_of, end):
    link = path_of(invitation)
    end(invitation, alice)

    with pytest.raises(InvitationOver):
        accept(invitation, sending=1, by=dora)
    page, answer = browser_of(dora).get(link), browser_of(dora).post(link)

    assert (page.status_code, answer.status_code) == (410, 410)
    assert "This invitation is over" in page.text
    assert members_of(harbour) == ["alice@example.com"]


def test_sent_again_the_new_link_works_for_another_week(invitation, dora, harbour, alice):
    with later(days=6):
        resend(invitation, by=alice)
    with later(days=12):
        accept(invitation, sending=2, by=dora)

    assert members_of(harbour) == ["alice@example.com", DORA]


def test_what_was_accepted_is_neither_taken_back_nor_sent_again(invitation, dora, alice):
    accept(invitation, sending=1, by=dora)

    for act in (revoke, resend):
        with pytest.raises(InvitationOver):
            act(invitation, by=alice)


@ROOM_FOR_TWO
def test_a_plan_that_grew_smaller_lets_nobody_more_in_and_removes_nobody(
    invitation, dora, harbour, alice
):
    OrganizationFactory(owner=dora)
    harbour.memberships.create(user=UserFactory())

    with pytest.raises(MemberLimitReached):
        accept(invitation, sending=1, by=dora)

    assert len(members_of(harbour)) == 2
    assert Invitation.objects.usable().exists()


def test_an_organization_that_is_gone_lets_nobody_in(invitation, dora):
    Organization.objects.update(deletion_due_at=timezone.now())

    with pytest.raises(OrganizationGone):
        accept(invitation, sending=1, by=dora)


# The page


def test_anybody_with_the_link_sees_who_invites_whom_to_what(client, invitation):
    page = client.get(path_of(invitation))

    assert page.status_code == 200
    for words in ("Join Old Harbour", "alice invites you", "a member", "d…@e….com"):
        assert words in page.text
    assert DORA not in page.text and "alice@example.com" not in page.text
    assert f"/account/login/?next={path_of(invitation).replace(':', '%3A')}" in page.text


@pytest.mark.parametrize("way", ["not-signed", "a:b", "{link}x"])
def test_a_link_that_we_did_not_sign_leads_nowhere(client, invitation, way):
    signed = path_of(invitation).split("/")[2]

    assert client.get(f"/invitations/{way.format(link=signed)}/").status_code == 404


def test_a_stranger_who_presses_is_asked_to_sign_in_first(client, invitation):
    answer = client.post(path_of(invitation))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=/invitations/")


def test_the_way_through_signing_up_leads_back(client, invitation, harbour):
    send_invitations()
    link = link_in(mail.outbox[0])
    typed = {"email": DORA, "password1": "a-harbour-of-her-own", "next": link}
    client.post(f"/account/signup/?next={link}", typed | {"password2": typed["password1"]})

    confirmed = client.post("/account/confirm-email/", {"code": mailed_code()})
    page = client.get(confirmed["Location"])
    answer = client.post(confirmed["Location"])

    assert confirmed["Location"] == link
    assert "Accept invitation" in page.text and DORA in page.text
    assert answer["Location"] == "/organizations/harbour/"
    assert members_of(harbour) == ["alice@example.com", DORA]


def test_somebody_else_is_told_whom_it_is_for(browser_of, bob, invitation, harbour):
    browser = browser_of(bob)

    page, answer = browser.get(path_of(invitation)), browser.post(path_of(invitation))

    assert "This is for another address" in page.text
    assert answer.status_code == 422
    assert "This invitation is for d…@e….com, and you are signed in as bob@example.com" in (
        answer.text
    )
    assert DORA not in page.text + answer.text
    assert members_of(harbour) == ["alice@example.com"]


def test_signing_out_and_in_as_whom_it_is_for_leads_back(browser_of, bob, dora, invitation):
    dora.set_password(PASSWORD)
    dora.save()
    browser, link = browser_of(bob), path_of(invitation)

    out = browser.post("/account/logout/", {"next": link})
    typed = {"login": DORA, "password": PASSWORD, "next": link}
    back = browser.post("/account/login/", typed)

    assert out["Location"] == back["Location"] == link
    assert "Accept invitation" in browser.get(link).text


def test_who_is_in_already_is_led_there(browser_of, alice, invitation):
    assert browser_of(alice).get(path_of(invitation))["Location"] == "/organizations/harbour/"


def test_the_bell_leads_to_it_for_who_has_the_address_and_nobody_else(
    browser_of, bob, dora, invitation
):
    place = f"/invitations/{invitation.pk}/"

    assert browser_of(dora).get(place)["Location"] == path_of(invitation)
    assert browser_of(bob).get(place).status_code == 404


def test_a_log_says_which_invitation_and_never_its_link(invitation):
    known = f"POST /api/v1/organizations/harbour/invitations/{invitation.pk}/resend"

    assert redact(f"GET {path_of(invitation)}") == "GET /invitations/[redacted]/"
    assert redact(known) == known
