"""Deleting an organization: asked for, undone, final."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from accounts.mailing import send_due_mails
from accounts.models import Notification
from bindings.errors import NoToken
from bindings.models import DevOpsBinding, PersonalAccessToken, Repository, Verification
from bindings.replacing import Replacement, replace_token, request_verification
from onboarding.models import Import
from organizations.ending import ask_deletion, delete_due, tell_of_last_day, undo_deletion
from organizations.errors import DeletionFinal, OrganizationGone, OwnersOnly
from organizations.models import AuditEvent, Group, Membership, Organization
from organizations.people import add_member
from organizations.tasks import sweep_deletions
from projects.models import Project
from projects.recounting import next_due, request_count
from tests.factories import (
    BindingFactory,
    ImportFactory,
    OrganizationFactory,
    ProjectFactory,
    RepositoryFactory,
    TokenFactory,
    UserFactory,
    VerificationFactory,
)
from tests.organizations.crew import join
from tests.tokens import make_token

DELETE = "/organizations/harbour/settings/delete/"
BACK = "/organizations/harbour/restore/"
ONE = "/api/v1/organizations/harbour"
WEEK = timedelta(days=7)


@pytest.fixture
def harbour(alice, bob):
    organization = OrganizationFactory(key="harbour", name="Harbour", owner=alice, member=bob)
    binding = BindingFactory(organization=organization)
    for slot in PersonalAccessToken.Slot:
        TokenFactory(binding=binding, slot=slot, fingerprint=f"{slot:0>16}")
    repository = RepositoryFactory(binding=binding)
    VerificationFactory(binding=binding)
    ProjectFactory(
        organization=organization,
        repository=repository,
        secret=make_token(),
        last_four="abcd",
        fingerprint="f" * 16,
    )
    return organization


def told(kind="organization_deletion"):
    rows = Notification.objects.filter(kind=kind).order_by("created_at", "user__email")
    return [row.user.email for row in rows if row.read_at is None]


def a_week_later():
    return time_machine.travel(timezone.now() + WEEK + timedelta(seconds=1), tick=False)


def test_the_page_lists_what_follows(browser_of, alice, harbour):
    page = browser_of(alice).get(DELETE).text

    assert "All 2 members can't get in any more" in page
    assert "Every token of it is wiped" in page


def test_asking_wipes_every_token_at_once(browser_of, alice, harbour):
    browser_of(alice).post(DELETE, {"confirm": "harbour"})

    assert not PersonalAccessToken.objects.exists()
    project = Project.objects.get()
    assert (project.secret, project.last_four, project.fingerprint) == (None, "", "")
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    wiped = ["token.wiped"] * 3 + ["project.token_removed"]
    assert actions == ["organization.deletion_asked", *wiped]


def test_nobody_gets_in_while_it_waits(browser_of, program_of, alice, bob, harbour):
    browser_of(alice).post(DELETE, {"confirm": "harbour"})

    for person in (alice, bob):
        browser, program = browser_of(person), program_of(person)
        for page in ("members/", "binding/", "projects/", "settings/", "billing/"):
            assert browser.get(f"/organizations/harbour/{page}").status_code == 404
        for call in ("", "/binding", "/entitlements", "/projects", "/members"):
            assert program.get(f"{ONE}{call}").status_code == 404
        assert program.get("/api/v1/organizations").json()["results"] == []


def test_its_address_leads_owners_to_bringing_it_back(browser_of, alice, bob, charlie, harbour):
    browser_of(alice).post(DELETE, {"confirm": "harbour"})

    assert browser_of(alice).get("/organizations/harbour/")["Location"] == BACK
    for person in (bob, charlie):
        assert browser_of(person).get("/organizations/harbour/").status_code == 404


def test_owners_see_it_at_home_and_members_do_not(browser_of, alice, bob, harbour):
    browser_of(alice).post(DELETE, {"confirm": "harbour"})

    assert "being deleted on" in browser_of(alice).get("/").text
    home = browser_of(bob).get("/").text
    # But for the notice, which leads nowhere.
    assert "being deleted on" not in home and BACK not in home
    assert browser_of(bob).get(BACK).status_code == 404


def test_everybody_hears_of_it_by_mail_whatever_they_chose(alice, bob, charlie, harbour):
    join(harbour, charlie, owner=True)
    for user in (alice, bob, charlie):
        user.notification_preferences.create(kind="organization_deletion", by_mail=False)

    ask_deletion(harbour, by=alice)

    assert sorted(told()) == ["alice@example.com", "bob@example.com", "charlie@example.com"]
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        send_due_mails()
    mails = {each.to[0]: each for each in mail.outbox}
    assert sorted(mails) == sorted(told())
    assert {each.subject for each in mails.values()} == {"Harbour is being deleted"}
    assert BACK in mails["charlie@example.com"].body
    # A member gets nowhere by it, but can ask.
    assert BACK not in mails["bob@example.com"].body
    assert "they can bring it back by" in mails["bob@example.com"].body


def test_on_the_last_day_owners_hear_once_more(alice, harbour):
    ask_deletion(harbour, by=alice)
    with time_machine.travel(timezone.now() + timedelta(days=5, hours=23)):
        assert tell_of_last_day() == 0
    with time_machine.travel(timezone.now() + timedelta(days=6, minutes=1)):
        tell_of_last_day()
        tell_of_last_day()

    rows = Notification.objects.filter(user=alice).order_by("created_at")
    titles = list(rows.values_list("title", flat=True))
    assert titles == [
        "Harbour is being deleted",
        "Harbour is deleted within a day",
    ]


def test_undone_it_is_all_back_but_the_tokens(browser_of, program_of, alice, bob, harbour):
    browser = browser_of(alice)
    browser.post(DELETE, {"confirm": "harbour"})

    page = browser.post(BACK, follow=True)

    assert "Harbour is back. Its tokens were wiped: paste a new one under Binding." in page.text
    assert browser_of(bob).get("/organizations/harbour/projects/").status_code == 200
    assert DevOpsBinding.objects.get().organization == harbour
    assert (Repository.objects.count(), Verification.objects.count()) == (1, 1)
    assert not PersonalAccessToken.objects.exists()
    assert "There is no token" in browser.get("/organizations/harbour/binding/").text
    assert told() == []
    assert AuditEvent.objects.filter(action="organization.deletion_undone", actor=alice).exists()


@pytest.mark.parametrize(
    "place",
    ["", "binding/token/", "binding/name/", "binding/expiry/", "repositories/", "projects/"],
)
def test_without_a_token_its_pages_still_open(browser_of, alice, harbour, place):
    ask_deletion(harbour, by=alice)
    undo_deletion(harbour, by=alice)

    assert browser_of(alice).get(f"/organizations/harbour/{place}").status_code == 200


@pytest.mark.parametrize(
    ("place", "typed"),
    [
        ("check", {}),
        ("name", {"organization": "contoso"}),
        ("expiry", {"token_expires_on": f"{timezone.now() + WEEK:%Y-%m-%d}"}),
    ],
)
def test_without_a_token_there_is_nothing_to_ask(browser_of, alice, harbour, place, typed):
    ask_deletion(harbour, by=alice)
    undo_deletion(harbour, by=alice)

    address = f"/organizations/harbour/binding/{place}/"
    response = browser_of(alice).post(address, typed, follow=True)

    assert "This organization has no token" in response.text


def test_a_program_sees_that_there_is_no_token(program_of, alice, harbour):
    ask_deletion(harbour, by=alice)
    undo_deletion(harbour, by=alice)

    assert program_of(alice).get(f"{ONE}/binding").json()["token"] is None
    with pytest.raises(NoToken):
        request_verification(DevOpsBinding.objects.get(), by=alice)


def test_a_new_token_can_be_pasted_after_an_undo(alice, harbour):
    ask_deletion(harbour, by=alice)
    undo_deletion(harbour, by=alice)

    replace_token(DevOpsBinding.objects.get(), Replacement(make_token()), by=alice)

    assert PersonalAccessToken.objects.get().slot == "next"


def test_no_token_comes_in_while_it_waits(alice, harbour):
    binding = harbour.binding
    ask_deletion(harbour, by=alice)

    with pytest.raises(OrganizationGone):
        replace_token(binding, Replacement(make_token()), by=alice)

    assert not PersonalAccessToken.objects.exists()


def test_no_token_comes_in_by_who_is_an_owner_no_more(bob, harbour):
    before = list(PersonalAccessToken.objects.values_list("pk"))

    with pytest.raises(OwnersOnly):
        replace_token(harbour.binding, Replacement(make_token()), by=bob)

    assert list(PersonalAccessToken.objects.values_list("pk")) == before


def test_nothing_is_counted_and_nobody_comes_in_while_it_waits(alice, charlie, harbour):
    request_count([Project.objects.get().pk])
    ask_deletion(harbour, by=alice)

    assert next_due(harbour.pk) is None
    with pytest.raises(OrganizationGone):
        add_member(harbour, charlie, by=alice)


def test_asking_twice_keeps_the_first_date(browser_of, alice, harbour):
    due_at = ask_deletion(harbour, by=alice)

    assert browser_of(alice).post(DELETE, {"confirm": "harbour"}).status_code == 404
    with pytest.raises(OrganizationGone):
        ask_deletion(harbour, by=alice)

    assert Organization.objects.get().deletion_due_at == due_at


def test_undoing_twice_is_once(alice, harbour):
    ask_deletion(harbour, by=alice)

    undo_deletion(harbour, by=alice)
    undo_deletion(harbour, by=alice)

    assert AuditEvent.objects.filter(action="organization.deletion_undone").count() == 1


def test_only_owners_ask_and_undo(alice, bob, harbour):
    with pytest.raises(OwnersOnly):
        ask_deletion(harbour, by=bob)
    ask_deletion(harbour, by=alice)
    with pytest.raises(OwnersOnly):
        undo_deletion(harbour, by=bob)

    assert Organization.objects.get().deletion_due_at is not None


def test_after_seven_days_it_is_gone_and_its_names_are_free(browser_of, alice, harbour):
    import_ = ImportFactory(user=alice, state="created", secret=None, organization=harbour)
    external_id = harbour.binding.external_id
    ask_deletion(harbour, by=alice)

    with a_week_later():
        assert browser_of(alice).post(BACK).status_code == 404
        with pytest.raises(DeletionFinal):
            undo_deletion(harbour, by=alice)
        sweep_deletions()
        sweep_deletions()

    for model in (Organization, DevOpsBinding, Repository, Project, Membership, Group):
        assert not model.objects.exists()
    import_.refresh_from_db()
    assert (import_.organization, Import.objects.count()) == (None, 1)
    last = AuditEvent.objects.order_by("-pk")[0]
    assert (last.action, last.channel, last.actor) == ("organization.deleted", "system", None)
    assert AuditEvent.objects.filter(action="organization.deleted").count() == 1
    assert told() == []
    again = OrganizationFactory(key="harbour", owner=alice)
    BindingFactory(organization=again, external_id=external_id)


def test_before_that_the_sweep_leaves_it(alice, harbour):
    ask_deletion(harbour, by=alice)

    sweep_deletions()

    assert Organization.objects.exists()


def broken(organization, *, by):
    raise RuntimeError


@override_settings(ORGANIZATION_STEPS={"deletion_asked": [f"{__name__}.broken"]})
def test_where_a_room_can_not_do_its_part_nothing_is_done(alice, harbour):
    with pytest.raises(RuntimeError):
        ask_deletion(harbour, by=alice)

    assert Organization.objects.get().deletion_due_at is None
    assert not Notification.objects.exists()


def test_deleting_one_leaves_the_others(alice, harbour):
    other = BindingFactory(organization__key="other", organization__owner=alice)
    TokenFactory(binding=other)
    ask_deletion(harbour, by=alice)

    with a_week_later():
        assert delete_due() == 1

    assert PersonalAccessToken.objects.get().binding.organization.key == "other"


def test_in_the_api_it_is_asked_for_and_restored(program_of, alice, harbour):
    program = program_of(alice)

    asked = program.delete(ONE)
    again = program.delete(ONE)
    back = program.post(f"{ONE}/restore")

    due_at = asked.json()["deletion_due_at"]
    assert (asked.status_code, again.status_code) == (202, 404)
    assert due_at > f"{timezone.now() + WEEK - timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    assert (back.status_code, back.json()["key"]) == (200, "harbour")
    assert program.get(ONE).status_code == 200
    events = AuditEvent.objects.filter(action__startswith="organization.deletion")
    assert set(events.values_list("channel", flat=True)) == {"api"}
    assert program.post(f"{ONE}/restore").status_code == 404


def test_what_waits_is_still_here_for_who_would_import_it(alice, charlie, harbour):
    ask_deletion(harbour, by=alice)

    import_ = ImportFactory(user=charlie, external_id=harbour.binding.external_id)

    assert import_.bound_elsewhere()


def test_a_member_alone_reads_no_number_of_one(db, browser_of):
    alone = OrganizationFactory(key="harbour", owner=UserFactory(email="solo@example.com"))
    owner = alone.memberships.get().user

    assert "You can't get in any more" in browser_of(owner).get(DELETE).text


def test_asking_costs_the_same_among_few_and_many(alice, queries):
    """Each has a notice, and SQLite takes some fifty in one statement."""
    found = []
    for size in (2, 40):
        organization = OrganizationFactory(owner=alice)
        for user in UserFactory.create_batch(size):
            join(organization, user)
        ProjectFactory.create_batch(size, organization=organization)
        with queries() as asked:
            ask_deletion(organization, by=alice)
        found.append(len(asked))

    assert found[0] == found[1]
