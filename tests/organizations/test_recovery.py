"""The recovery contact: who is asked when no owner can be reached."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from organizations.errors import OwnersOnly, RecoveryChangedOften
from organizations.models import AuditEvent, Organization, RecoveryLetter
from organizations.recovery import A_DAY, set_recovery_email
from organizations.tasks import forget_old_invitations, send_invitations
from tests.factories import OrganizationFactory

PAGE = "/organizations/harbour/settings/recovery/"
ONE = "/api/v1/organizations/harbour"


@pytest.fixture
def harbour(alice, bob):
    known = {"name": "Harbour", "recovery_email": "it@example.com"}
    return OrganizationFactory(key="harbour", owner=alice, member=bob, **known)


def test_both_addresses_are_told_once(browser_of, alice, harbour):
    page = browser_of(alice).post(PAGE, {"recovery_email": "desk@example.com"}, follow=True)

    send_invitations()
    send_invitations()

    assert "desk@example.com is told when somebody claims lost access" in page.text
    told = {letter.to[0]: letter.subject for letter in mail.outbox}
    assert told == {
        "it@example.com": "This address is no longer the recovery contact of Harbour",
        "desk@example.com": "This address is the recovery contact of Harbour",
    }
    assert len(mail.outbox) == 2
    assert all("alice@example.com" in letter.body for letter in mail.outbox)


def test_it_is_on_the_record(alice, harbour):
    set_recovery_email(harbour, "desk@example.com", by=alice)

    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("organization.recovery_changed", alice)
    assert event.data == {"old_email": "it@example.com", "new_email": "desk@example.com"}


def test_none_may_be_named(browser_of, alice, harbour):
    page = browser_of(alice).post(PAGE, {"recovery_email": ""}, follow=True)

    assert "Nobody is told when somebody claims lost access" in page.text
    assert [letter.email for letter in RecoveryLetter.objects.all()] == ["it@example.com"]


def test_the_same_address_tells_nobody(alice, harbour):
    set_recovery_email(harbour, "it@example.com", by=alice)

    assert not (RecoveryLetter.objects.exists() or AuditEvent.objects.exists())


def test_what_is_no_address_is_refused_in_place(browser_of, alice, harbour):
    response = browser_of(alice).post(PAGE, {"recovery_email": "desk"})

    assert response.status_code == 422
    assert "This is no e-mail address." in response.text
    assert Organization.objects.get().recovery_email == "it@example.com"


def test_only_owners_change_it(alice, bob, harbour):
    with pytest.raises(OwnersOnly):
        set_recovery_email(harbour, "bob@example.com", by=bob)

    assert not RecoveryLetter.objects.exists()


def test_strangers_mailboxes_are_not_flooded(alice, harbour):
    for number in range(A_DAY):
        set_recovery_email(harbour, f"desk{number}@example.com", by=alice)

    with pytest.raises(RecoveryChangedOften):
        set_recovery_email(harbour, "desk@example.com", by=alice)


def test_what_is_saved_as_it_was_floods_nobody(alice, harbour):
    for _ in range(A_DAY + 1):
        set_recovery_email(harbour, "it@example.com", by=alice)

    set_recovery_email(harbour, "desk@example.com", by=alice)

    assert Organization.objects.get().recovery_email == "desk@example.com"


def test_a_program_changes_it_and_members_do_not_see_it(program_of, alice, bob, harbour):
    body = {"recovery_email": "desk@example.com"}
    changed = program_of(alice).patch(ONE, body, content_type="application/json")

    assert changed.json()["recovery_email"] == "desk@example.com"
    assert program_of(bob).get(ONE).json()["recovery_email"] is None
    listed = program_of(bob).get("/api/v1/organizations").json()["results"]
    assert [each["recovery_email"] for each in listed] == [None]
    assert RecoveryLetter.objects.count() == 2


def test_letters_are_forgotten_after_a_month(alice, harbour):
    set_recovery_email(harbour, "desk@example.com", by=alice)

    with time_machine.travel(timezone.now() + timedelta(days=29)):
        forget_old_invitations()
        assert RecoveryLetter.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        forget_old_invitations()
        assert not RecoveryLetter.objects.exists()


def test_settings_are_sections_that_can_be_linked_to(browser_of, alice, harbour):
    page = browser_of(alice).get("/organizations/harbour/settings/").text

    for anchor in ("details", "key", "recovery", "deletion"):
        assert f'id="{anchor}"' in page
