"""Asking to join: what the asker learns, what owners answer, and how often one may ask."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from accounts.models import Notification
from accounts.tasks import send_mails
from organizations.asking import approve, ask_to_join, decline, withdraw_request
from organizations.errors import (
    AlreadyAsked,
    AlreadyMember,
    AskedOften,
    AskedTooSoon,
    MemberLimitReached,
    OwnersOnly,
    RequestDecided,
    TooManyRequests,
)
from organizations.inviting import accept, invite
from organizations.models import AuditEvent, JoinRequest
from tests.factories import BindingFactory, ImportFactory, OrganizationFactory, UserFactory
from tests.organizations.crew import join, members_of, verified

DORA = "dora@example.com"


@pytest.fixture
def harbour(alice):
    return OrganizationFactory(key="hidden-key", name="Hidden Name", owner=alice)


@pytest.fixture
def dora(db):
    return verified(DORA)


@pytest.fixture
def asked(harbour, dora):
    return ask_to_join(harbour, by=dora, note="I run the cranes.", known_as="contoso")


@pytest.fixture
def fork(harbour, dora):
    """Dora's import of what is bound to the harbour."""
    binding = BindingFactory(organization=harbour)
    return ImportFactory(
        user=dora, state="refused", verdict="healthy", external_id=binding.external_id, secret=None
    )


def one(organization_id):
    return 1


def later(**duration):
    return time_machine.travel(timezone.now() + timedelta(**duration), tick=False)


def told(user):
    return list(Notification.objects.unread().filter(user=user).values_list("title", flat=True))


def test_every_owner_is_told_here_and_by_mail(harbour, alice, charlie, bob, dora):
    join(harbour, charlie, owner=True)
    join(harbour, bob)

    ask_to_join(harbour, by=dora, note="I run the cranes.", known_as="contoso")
    with later(minutes=2):
        send_mails()

    assert told(alice) == told(charlie) == ["dora@example.com asks to join Hidden Name"]
    assert told(bob) == []
    assert sorted(letter.to for letter in mail.outbox) == [[alice.email], [charlie.email]]
    assert all("I run the cranes." in letter.body for letter in mail.outbox)


def test_approved_the_asker_is_in_and_is_told(asked, harbour, alice, dora):
    approve(asked, by=alice)

    assert members_of(harbour) == ["alice@example.com", DORA]
    assert told(dora) == ["You are a member of Hidden Name"]
    assert told(alice) == []
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor_email) == ("join_request.approved", "alice@example.com")


def test_declined_the_asker_is_told_and_learns_no_name(asked, harbour, alice, dora):
    decline(asked, by=alice)

    assert members_of(harbour) == ["alice@example.com"]
    [row] = Notification.objects.filter(user=dora)
    assert row.title == "Your request to join contoso was declined"
    for name in ("Hidden", "hidden", "alice"):
        assert name not in row.title + row.text + row.action_path


@pytest.mark.parametrize("answer", [approve, decline])
def test_it_is_answered_once(asked, alice, answer):
    decline(asked, by=alice)

    with pytest.raises(RequestDecided):
        answer(asked, by=alice)

    asked.refresh_from_db()
    assert asked.state == JoinRequest.State.DECLINED


@pytest.mark.parametrize("answer", [approve, decline])
def test_only_an_owner_answers(asked, harbour, bob, answer):
    join(harbour, bob)

    with pytest.raises(OwnersOnly):
        answer(asked, by=bob)


def test_it_is_withdrawn_by_whoever_asked(asked, alice, dora, bob):
    withdraw_request(asked, by=bob)
    asked.refresh_from_db()
    assert asked.is_open

    withdraw_request(asked, by=dora)
    withdraw_request(asked, by=dora)

    assert told(alice) == []
    with pytest.raises(RequestDecided):
        approve(asked, by=alice)


def test_one_asks_once_at_a_time(asked, harbour, dora):
    with pytest.raises(AlreadyAsked):
        ask_to_join(harbour, by=dora)

    assert JoinRequest.objects.count() == 1


def test_a_member_has_nothing_to_ask(harbour, alice):
    with pytest.raises(AlreadyMember):
        ask_to_join(harbour, by=alice)


def test_after_a_decline_one_waits_seven_days(asked, harbour, alice, dora):
    decline(asked, by=alice)

    with later(days=6), pytest.raises(AskedTooSoon):
        ask_to_join(harbour, by=dora)
    with later(days=7, seconds=1):
        ask_to_join(harbour, by=dora)

    assert JoinRequest.objects.open().count() == 1


def test_after_a_withdrawal_one_may_ask_at_once(asked, harbour, dora):
    withdraw_request(asked, by=dora)

    assert ask_to_join(harbour, by=dora).is_open


def test_one_waits_for_three_answers_at_most(dora):
    for _ in range(3):
        ask_to_join(OrganizationFactory(), by=dora)

    with pytest.raises(TooManyRequests):
        ask_to_join(OrganizationFactory(), by=dora)

    assert JoinRequest.objects.open().count() == 3


def test_one_does_not_ask_all_day(harbour, dora, monkeypatch):
    monkeypatch.setattr("organizations.asking.A_DAY", 1)
    withdraw_request(ask_to_join(harbour, by=dora), by=dora)

    with pytest.raises(AskedOften):
        ask_to_join(harbour, by=dora)


@override_settings(MEMBER_LIMIT_OF=f"{__name__}.one")
def test_nobody_is_approved_beyond_the_plan(asked, harbour, alice):
    with pytest.raises(MemberLimitReached):
        approve(asked, by=alice)

    asked.refresh_from_db()
    assert asked.is_open
    assert members_of(harbour) == ["alice@example.com"]


def test_who_comes_in_by_an_invitation_asks_no_more(asked, harbour, alice, dora):
    accept(invite(harbour, DORA, by=alice), sending=1, by=dora)

    assert told(alice) == []
    assert not JoinRequest.objects.open().exists()


def test_who_is_let_in_needs_no_invitation(asked, harbour, alice, dora):
    invite(harbour, DORA, by=alice)

    approve(asked, by=alice)

    assert not harbour.invitations.open().exists()


# The pages


def test_from_the_fork_one_asks_and_learns_nothing(browser_of, dora, fork, alice):
    browser, place = browser_of(dora), f"/imports/{fork.pk}/join/"

    page = browser.get(place)
    after = browser.post(place, {"note": "Two\r\nlines."}, follow=True)
    home = browser.get("/")

    assert "Its owners" not in page.text
    assert "You have asked" in after.text and "Two lines." in after.text
    assert "contoso" in home.text
    for seen in (page, after, home):
        for name in ("Hidden Name", "hidden-key", "alice"):
            assert name not in seen.text
    assert told(alice) == ["dora@example.com asks to join Hidden Name"]


def test_who_was_declined_reads_when_to_ask_again(browser_of, dora, fork, harbour, alice):
    decline(ask_to_join(harbour, by=dora), by=alice)
    browser, place = browser_of(dora), f"/imports/{fork.pk}/join/"

    page, answer = browser.get(place), browser.post(place, {"note": ""})

    assert "You were declined" in page.text and "You may ask again from" in page.text
    assert answer.status_code == 422
    assert JoinRequest.objects.count() == 1


def test_a_note_has_an_end(browser_of, dora, fork):
    answer = browser_of(dora).post(f"/imports/{fork.pk}/join/", {"note": "x" * 501})

    assert answer.status_code == 422
    assert "A note has at most 500 characters." in answer.text
    assert not JoinRequest.objects.exists()


def test_a_member_is_led_in_from_the_fork(browser_of, dora, fork, harbour):
    join(harbour, dora)

    answer = browser_of(dora).get(f"/imports/{fork.pk}/join/")

    assert answer["Location"] == "/organizations/hidden-key/"


def test_owners_answer_on_the_members_page(browser_of, alice, asked, harbour):
    browser = browser_of(alice)
    other = ask_to_join(harbour, by=UserFactory(email="emil@example.com"))
    page = browser.get("/organizations/hidden-key/members/")
    assert "I run the cranes." in page.text and DORA in page.text

    browser.post(f"/organizations/hidden-key/members/requests/{asked.pk}/approve/")
    browser.post(f"/organizations/hidden-key/members/requests/{other.pk}/decline/")
    again = browser.post(
        f"/organizations/hidden-key/members/requests/{other.pk}/approve/", follow=True
    )

    assert members_of(harbour) == ["alice@example.com", DORA]
    assert again.status_code == 409
    assert "decided or withdrawn in the meantime" in again.text


def test_the_asker_withdraws_from_home(browser_of, dora, asked):
    browser = browser_of(dora)
    place = f"/join-requests/{asked.pk}/withdraw/"
    assert place in browser.get("/").text

    browser.post(place)

    asked.refresh_from_db()
    assert asked.state == JoinRequest.State.WITHDRAWN
    assert place not in browser.get("/").text


@pytest.mark.parametrize(("page", "typed"), [("join", "note"), ("claim", "statement")])
def test_of_what_waits_to_be_deleted_a_stranger_learns_nothing_more(
    browser_of, harbour, dora, fork, page, typed
):
    harbour.deletion_due_at = timezone.now() + timedelta(days=3)
    harbour.save()

    answer = browser_of(dora).post(f"/imports/{fork.pk}/{page}/", {typed: "I run the cranes."})

    assert answer.status_code == 422
    assert "Nobody can be let into this organization just now." in answer.text
    assert "delete" not in answer.text and "bring it back" not in answer.text
