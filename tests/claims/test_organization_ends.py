"""A claimed organization is deleted: what becomes of the claims, and who may not do it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from claims.deciding import approve_claim, reverse_claim
from claims.errors import ClaimOver, DeletionTooEarly
from claims.models import AccessClaim
from claims.operations import claim_named, paste_token
from organizations.ending import ask_deletion, delete_due, undo_deletion
from organizations.models import AuditEvent, Organization
from organizations.people import add_member
from tests.claims.conftest import STATEMENT
from tests.factories import UserFactory
from tests.tokens import make_token


@pytest.fixture
def approved(reviewed, dora, erik, now_):
    for staff in (dora, erik):
        approve_claim(reviewed, reason="It is clear.", by=staff)
    return now_(reviewed)


def test_an_open_claim_ends_and_its_claimant_is_told(
    claim, harbour, alice, charlie, now_, committed, mailoutbox
):
    with committed():
        ask_deletion(harbour, by=alice)

    assert now_(claim).state == "ended"
    told = [mail for mail in mailoutbox if mail.to == ["charlie@example.com"]]
    assert [mail.subject for mail in told] == ["contoso: your claim has ended"]
    assert "Hidden" not in told[0].body and "alice" not in told[0].body
    assert AuditEvent.objects.filter(action="claim.ended", organization=harbour).exists()


def test_the_page_of_the_claim_says_so(browser_of, claim, harbour, alice, charlie):
    ask_deletion(harbour, by=alice)

    page = browser_of(charlie).get(f"/claims/{claim.pk}/").text

    assert "The organization is no longer here" in page
    assert "Look at the token" not in page


def test_a_pasted_token_goes_at_once(claim, harbour, alice, charlie):
    paste_token(claim, make_token(), by=charlie)

    ask_deletion(harbour, by=alice)

    assert not AccessClaim.objects.filter(secret__isnull=False).exists()


def test_nothing_is_approved_while_it_waits_to_be_deleted(reviewed, harbour, alice, dora):
    ask_deletion(harbour, by=alice)

    with pytest.raises(ClaimOver):
        approve_claim(reviewed, reason="It is clear.", by=dora)


def test_brought_back_it_can_be_claimed_anew(claim, harbour, alice, charlie):
    ask_deletion(harbour, by=alice)
    undo_deletion(harbour, by=alice)

    assert claim_named("contoso", statement=STATEMENT, by=charlie).is_open


def test_who_came_by_a_claim_deletes_nothing_that_can_be_reversed(
    browser_of, approved, harbour, charlie, dora
):
    page = browser_of(charlie).post(
        "/organizations/hidden-key/settings/delete/", {"confirm": "hidden-key"}, follow=True
    )

    assert page.status_code == 409
    assert f"{approved.reversible_until:%B %Y, %H:%M} UTC" in page.text
    assert Organization.objects.alive().filter(pk=harbour.pk).exists()
    reverse_claim(approved, reason="A mistake.", by=dora)


def test_nor_does_whom_they_made_an_owner(approved, harbour, charlie):
    friend = UserFactory()
    add_member(harbour, friend, by=charlie, role="owner")

    with pytest.raises(DeletionTooEarly):
        ask_deletion(harbour, by=friend)


def test_an_owner_from_before_may_and_so_may_anybody_later(
    approved, harbour, alice, charlie, clock
):
    ask_deletion(harbour, by=alice)
    undo_deletion(harbour, by=charlie)
    clock.shift(timedelta(days=15))

    ask_deletion(harbour, by=charlie)

    Organization.objects.update(deletion_due_at=timezone.now())
    assert delete_due() == 1
    assert not AccessClaim.objects.exists()
    assert AuditEvent.objects.filter(action="claim.approved").exists()
