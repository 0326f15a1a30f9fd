"""The page Members: who is on it, in which order, and what owners do there."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from organizations.inviting import invite
from organizations.models import Invitation, JoinRequest, Membership
from tests.factories import OrganizationFactory, UserFactory
from tests.organizations.crew import join, members_of, owners_of, verified

MEMBERS = "/organizations/harbour/members/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", name="Old Harbour", owner=alice, member=bob)


@pytest.fixture
def page_of(browser_of, harbour):
    return lambda user, address="": browser_of(user).get(f"{MEMBERS}{address}")


def five(organization_id):
    return 5


def one(organization_id):
    return 1


def unlimited(organization_id):
    return None


def limited(name):
    return override_settings(MEMBER_LIMIT_OF=f"{__name__}.{name}")


def people_on(page):
    return re.findall(r'<td><strong>.*?<span class="small muted">(\S+?)</span>', page.text)


def words_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


# Who is on it


def test_owners_come_first_then_members_by_when_they_joined(page_of, harbour, alice, bob):
    late = UserFactory(email="late@example.com")
    join(harbour, UserFactory(email="early@example.com"), joined_at=timezone.now() - timedelta(9))
    join(harbour, late, owner=True)

    found = people_on(page_of(bob))

    names = ["alice", "late", "early", "bob"]
    assert found == [f"{name}@example.com" for name in names]


def test_fifty_fit_on_a_page_and_nobody_is_lost_between(page_of, harbour, alice):
    for user in UserFactory.create_batch(60):
        join(harbour, user, owner=user.pk.int % 2 == 0)

    first = page_of(alice)
    rest = page_of(alice, f"?after={first.context['page'].after}")

    found = people_on(first) + people_on(rest)
    assert (len(people_on(first)), len(found)) == (50, 62)
    assert sorted(found) == members_of(harbour)
    roles = [row.rank for row in [*first.context["page"].rows, *rest.context["page"].rows]]
    assert roles == sorted(roles)


@pytest.mark.parametrize(
    ("text", "found"),
    [("dor", ["dora"]), ("HAVEN", ["dora"]), ("dora haven", ["dora"]), ("dora alice", [])],
)
def test_a_member_is_found_by_words_in_name_or_address(page_of, harbour, alice, text, found):
    join(harbour, UserFactory(email="dora@example.com", last_name="Haven"))

    page = page_of(alice, f"?q={text}")

    assert people_on(page) == [f"{name}@example.com" for name in found]


def test_the_search_refreshes_the_list_alone(browser_of, alice, harbour):
    part = browser_of(alice).get(f"{MEMBERS}?q=bob", headers=HTMX)

    assert people_on(part) == ["bob@example.com"]
    assert "<html" not in part.text


def test_each_is_shown_with_role_and_permissions(page_of, harbour, bob):
    Membership.objects.filter(user=bob).update(may_create_projects=True, may_run_analyses=False)

    words = words_of(page_of(bob))

    assert "alice@example.com Owner everything" in words
    assert "bob (you) bob@example.com Member look, create projects" in words


def test_the_last_sign_in_is_for_owners_eyes(page_of, alice, bob):
    alice.last_login = datetime(2026, 3, 12, tzinfo=UTC)
    alice.save()

    seen = page_of(bob)  # who signs in as Alice changes it

    assert "12 Mar 2026" not in seen.text and "Last sign-in" not in seen.text
    assert "Last sign-in" in page_of(alice).text


def test_a_member_sees_nothing_to_press_but_leaving(page_of, harbour, alice, bob):
    invite(harbour, "dora@example.com", by=alice)

    page = page_of(bob)

    assert "dora@example.com" not in page.text
    links = re.findall(r'(?:href|action)="(/organizations/harbour/members/[^"?]+)"', page.text)
    assert links == ["/organizations/harbour/members/leave/"]


@pytest.mark.parametrize("address", ["/organizations/harbour/", MEMBERS])
def test_every_member_finds_the_page_in_the_navigation(browser_of, bob, harbour, address):
    assert f'<a href="{MEMBERS}"' in browser_of(bob).get(address).text


# How many there may be


@pytest.mark.parametrize(
    ("limit", "selling", "words"),
    [
        ("five", True, "2 of 5 members, 1 invited; Team has no limit"),
        ("five", False, "2 of 5 members, 1 invited Invite"),
        ("unlimited", True, "2 members, 1 invited Invite"),
    ],
)
def test_it_says_how_many_places_the_plan_has(
    page_of, harbour, alice, settings, limit, selling, words
):
    settings.BILLING = selling
    with limited(limit):
        invite(harbour, "dora@example.com", by=alice)
        assert words in words_of(page_of(alice))


def test_the_plan_is_what_billing_says(page_of, alice, settings):
    settings.BILLING = True

    assert "2 of 5 members; Team has no limit" in words_of(page_of(alice))


# Owners who need a look


def test_one_owner_is_told_to_have_two(page_of, harbour, alice, bob):
    assert "Have two owners" in page_of(alice).text
    assert "Have two owners" not in page_of(bob).text

    join(harbour, UserFactory(), owner=True)

    assert "Have two owners" not in page_of(alice).text


def test_owners_who_are_away_or_can_not_be_reached_are_named(page_of, harbour, alice):
    def owner(name, **values):
        return join(harbour, UserFactory(email=f"{name}@example.com", **values), owner=True)

    now = timezone.now()
    owner("gone", last_login=now - timedelta(days=91))
    owner("never", date_joined=now - timedelta(days=91))
    owner("new")
    owner("here", last_login=now - timedelta(days=89))
    owner("deaf", last_login=now, mail_failing_since=now)

    callouts = re.findall(r'callout__words"><p><strong>(\w+)@', page_of(alice).text)

    assert callouts == ["gone", "never", "deaf"]


# What owners do


def test_an_owner_invites_and_the_answer_tells_nothing_about_accounts(browser_of, alice, harbour):
    browser, answers = browser_of(alice), []
    for email in (verified("dora@example.com").email, "nobody-yet@example.com"):
        typed = {"email": email, "role": "member"}
        answer = browser.post(f"{MEMBERS}invite/", typed, follow=True)
        assert f"An invitation is on its way to {email}." in answer.text
        answers.append(words_of(answer).replace(email, "somebody"))
        Invitation.objects.all().delete()

    # But for the minute in which they run out.
    assert len({re.sub(r"Until .*? UTC", "", answer) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": "", "role": "member"}, "Type the address of whoever you want to invite."),
        ({"email": "dora", "role": "member"}, "This is no e-mail address."),
        ({"email": "bob@example.com", "role": "member"}, "This person is a member already."),
        ({"email": "dora@example.com", "role": "captain"}, "Select a valid choice"),
    ],
)
def test_what_is_typed_wrong_is_said_in_its_place(browser_of, alice, harbour, typed, words):
    answer = browser_of(alice).post(f"{MEMBERS}invite/", typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert not Invitation.objects.exists()


@limited("one")
def test_beyond_the_plan_the_form_says_the_way_out(browser_of, alice, harbour):
    answer = browser_of(alice).post(
        f"{MEMBERS}invite/", {"email": "dora@example.com", "role": "member"}
    )

    assert answer.status_code == 422
    assert "An owner can choose a larger plan, take back an invitation" in answer.text


def test_an_invitation_is_shown_sent_again_and_taken_back(browser_of, alice, harbour):
    invitation, browser = invite(harbour, "dora@example.com", by=alice), browser_of(alice)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    place = f"{MEMBERS}invitations/{invitation.pk}/"
    assert "dora@example.com Member Ran out" in words_of(browser.get(MEMBERS))

    browser.post(f"{place}resend/")
    renewed = words_of(browser.get(MEMBERS))
    browser.post(f"{place}revoke/")

    assert "dora@example.com Member Until" in renewed
    assert "dora@example.com Member" not in words_of(browser.get(MEMBERS))


def test_an_invitation_whose_mail_was_refused_says_so(page_of, harbour, alice):
    invite(harbour, "dora@example.com", by=alice)
    Invitation.objects.update(given_up_at=timezone.now())

    assert "dora@example.com Member Not delivered" in words_of(page_of(alice))


def test_an_owner_changes_what_a_member_may(browser_of, alice, bob, harbour):
    place = f"{MEMBERS}{bob.pk}/"

    browser_of(alice).post(place, {"may_create_projects": "on"})

    member = Membership.objects.get(user=bob)
    assert (member.may_create_projects, member.may_run_analyses) == (True, False)


def test_an_owner_promotes_demotes_and_removes(browser_of, alice, bob, harbour):
    browser, place = browser_of(alice), f"{MEMBERS}{bob.pk}/"

    browser.post(f"{place}promote/")
    both = owners_of(harbour)
    browser.post(f"{place}demote/")
    alone = owners_of(harbour)
    browser.post(f"{place}remove/")

    assert (len(both), len(alone), members_of(harbour)) == (2, 1, ["alice@example.com"])


@pytest.mark.parametrize("act", ["demote", "remove"])
def test_the_last_owner_is_told_what_to_do_first(browser_of, alice, harbour, act):
    answer = browser_of(alice).post(f"{MEMBERS}{alice.pk}/{act}/")

    assert answer.status_code == 409
    assert "Make somebody else an owner first." in answer.text
    assert owners_of(harbour) == ["alice@example.com"]


def test_somebody_of_another_organization_is_not_here(browser_of, alice, charlie, harbour):
    OrganizationFactory(owner=charlie)

    assert browser_of(alice).get(f"{MEMBERS}{charlie.pk}/").status_code == 404


# Leaving


def test_one_leaves_once_that_was_said_twice(browser_of, bob, harbour):
    browser = browser_of(bob)

    page = browser.get(f"{MEMBERS}leave/")
    assert "Leave Old Harbour?" in page.text and len(members_of(harbour)) == 2
    answer = browser.post(f"{MEMBERS}leave/", follow=True)

    assert "You left Old Harbour." in answer.text
    assert members_of(harbour) == ["alice@example.com"]
    assert browser.get("/organizations/harbour/").status_code == 404


def test_the_last_owner_can_not_leave(browser_of, alice, harbour):
    answer = browser_of(alice).post(f"{MEMBERS}leave/")

    assert answer.status_code == 422
    assert "Make somebody else an owner first." in answer.text
    assert owners_of(harbour) == ["alice@example.com"]


def test_all_that_waits_can_be_reached(page_of, browser_of, harbour, alice):
    soon = timezone.now() + timedelta(days=7)
    Invitation.objects.bulk_create(
        Invitation(organization=harbour, email=f"guest{n}@example.com", expires_at=soon)
        for n in range(52)
    )
    JoinRequest.objects.bulk_create(
        JoinRequest(organization=harbour, user=UserFactory()) for _ in range(52)
    )

    page = page_of(alice)
    asked, invited = re.findall(r'href="([^"]*\?(?:invited|asked)=[^"]*)"', page.text)
    browser = browser_of(alice)

    for each, button in ((asked, "Decline"), (invited, "Take back")):
        further = browser.get(each.replace("&amp;", "&")).text
        assert (page.text.count(button), further.count(button)) == (50, 2)
