"""Members, owners, invitations and requests to join, for programs."""

import pytest
from django.test import override_settings
from django.utils import timezone

from organizations.inviting import invite
from organizations.models import Invitation, JoinRequest, Membership
from tests.factories import OrganizationFactory, UserFactory
from tests.organizations.crew import join, members_of, owners_of

HARBOUR = "/api/v1/organizations/harbour"
JSON = {"content_type": "application/json"}


def two(organization_id):
    return 2


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", owner=alice, member=bob)


@pytest.fixture
def program(program_of, alice, harbour):
    return program_of(alice)


def test_members_are_listed_by_when_they_joined(program, program_of, bob):
    bob.last_login = timezone.now()
    bob.save()

    rows = program.get(f"{HARBOUR}/members").json()["results"]
    seen_by_bob = program_of(bob).get(f"{HARBOUR}/members").json()["results"]

    assert [(row["email"], row["role"]) for row in rows] == [
        ("alice@example.com", "owner"),
        ("bob@example.com", "member"),
    ]
    assert rows[0]["may_create_projects"] and not rows[1]["may_create_projects"]
    assert rows[1]["last_sign_in_at"] and not seen_by_bob[1]["last_sign_in_at"]


def test_every_page_of_members_is_reached(program, harbour):
    for user in UserFactory.create_batch(5):
        join(harbour, user)

    found, place = [], f"{HARBOUR}/members?page_size=2"
    while place:
        answer = program.get(place).json()
        found += [row["email"] for row in answer["results"]]
        place = answer["next"]

    assert sorted(found) == members_of(harbour)


@pytest.mark.parametrize("place", ["members", "invitations"])
@pytest.mark.parametrize("has_account", [True, False])
def test_adding_a_member_is_inviting_them(program, harbour, charlie, place, has_account):
    email = charlie.email if has_account else "dora@example.com"

    answer = program.post(f"{HARBOUR}/{place}", {"email": email, "role": "owner"}, **JSON)

    assert answer.status_code == 201
    assert (answer.json()["email"], answer.json()["role"]) == (email, "owner")
    assert answer.json()["invited_by"] == "alice@example.com"
    assert members_of(harbour) == ["alice@example.com", "bob@example.com"]


def test_inviting_may_be_sent_again_safely(program):
    key = {"headers": {"Idempotency-Key": "once"}}

    first, again = [
        program.post(f"{HARBOUR}/invitations", {"email": "dora@example.com"}, **JSON, **key)
        for _ in range(2)
    ]

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Invitation.objects.count() == 1


@override_settings(MEMBER_LIMIT_OF=f"{__name__}.two")
def test_beyond_the_plan_it_says_how_far_and_the_way_out(program):
    answer = program.post(f"{HARBOUR}/invitations", {"email": "dora@example.com"}, **JSON)

    assert answer.status_code == 402
    problem = answer.json()
    assert (problem["code"], problem["limit"], problem["used"]) == ("member-limit-reached", 2, 2)
    assert problem["url"].endswith("/organizations/harbour/billing/")


def test_role_and_permissions_are_changed_together(program, harbour, bob):
    body = {"role": "owner", "may_run_analyses": False}

    answer = program.patch(f"{HARBOUR}/members/{bob.pk}", body, **JSON)

    assert answer.json()["role"] == "owner"
    assert owners_of(harbour) == ["alice@example.com", "bob@example.com"]
    assert not Membership.objects.get(user=bob).may_run_analyses


def test_of_what_is_refused_nothing_is_changed(program, harbour, alice):
    body = {"role": "member", "may_create_projects": True}

    answer = program.patch(f"{HARBOUR}/members/{alice.pk}", body, **JSON)

    assert (answer.status_code, answer.json()["code"]) == (409, "last-owner")
    assert owners_of(harbour) == ["alice@example.com"]
    assert not Membership.objects.get(user=alice).may_create_projects


@pytest.mark.parametrize("place", ["members", "owners"])
def test_the_last_owner_stays(program, harbour, alice, place):
    answer = program.delete(f"{HARBOUR}/{place}/{alice.pk}")

    assert (answer.status_code, answer.json()["code"]) == (409, "last-owner")
    assert owners_of(harbour) == ["alice@example.com"]


def test_owners_are_listed_made_and_unmade(program, harbour, bob):
    made = program.post(f"{HARBOUR}/owners", {"user": str(bob.pk)}, **JSON)
    listed = program.get(f"{HARBOUR}/owners").json()["results"]
    unmade = program.delete(f"{HARBOUR}/owners/{bob.pk}")

    assert (made.status_code, made.json()["role"], unmade.status_code) == (201, "owner", 204)
    assert [row["email"] for row in listed] == ["alice@example.com", "bob@example.com"]
    assert owners_of(harbour) == ["alice@example.com"]
    assert program.delete(f"{HARBOUR}/owners/{bob.pk}").status_code == 404


def test_an_owner_is_made_of_a_member(program, harbour, charlie):
    answer = program.post(f"{HARBOUR}/owners", {"user": str(charlie.pk)}, **JSON)

    assert answer.status_code == 422
    assert answer.json()["errors"] == {"user": ["No member has this id."]}


def test_a_member_removes_nobody_but_themselves(program_of, harbour, alice, bob):
    program = program_of(bob)

    refused = program.delete(f"{HARBOUR}/members/{alice.pk}")
    left = program.delete(f"{HARBOUR}/members/{bob.pk}")

    assert (refused.status_code, left.status_code) == (403, 204)
    assert members_of(harbour) == ["alice@example.com"]


def test_invitations_are_listed_sent_again_and_taken_back(program, harbour, alice):
    invitation = invite(harbour, "dora@example.com", by=alice)
    place = f"{HARBOUR}/invitations/{invitation.pk}"

    again = program.post(f"{place}/resend")
    listed = program.get(f"{HARBOUR}/invitations").json()["results"]
    gone = program.delete(place)

    assert (again.status_code, gone.status_code) == (200, 204)
    assert [row["email"] for row in listed] == ["dora@example.com"]
    assert program.get(f"{HARBOUR}/invitations").json()["results"] == []
    assert program.post(f"{place}/resend").json()["code"] == "invitation-over"


@pytest.mark.parametrize(("act", "state"), [("approve", "approved"), ("decline", "declined")])
def test_requests_to_join_are_answered_once(program, harbour, act, state):
    asked = JoinRequest.objects.create(organization=harbour, user=UserFactory(), note="Hello.")
    [listed] = program.get(f"{HARBOUR}/join-requests").json()["results"]

    answer = program.post(f"{HARBOUR}/join-requests/{asked.pk}/{act}")
    again = program.post(f"{HARBOUR}/join-requests/{asked.pk}/{act}")

    assert (listed["note"], listed["state"]) == ("Hello.", "open")
    assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert (again.status_code, again.json()["code"]) == (409, "join-request-decided")
    assert program.get(f"{HARBOUR}/join-requests").json()["results"] == []
