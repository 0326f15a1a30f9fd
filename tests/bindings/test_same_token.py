"""The token in use, pasted once more: under a new name, or because our copy of it was of no use."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.notifications import hand_on
from bindings import expiry, told
from bindings.replacing import rename
from bindings.slots import promote
from organizations.models import AuditEvent
from tests.bindings.conftest import add_token
from tests.factories import UserFactory

SOON = timezone.now().date() + timedelta(days=5)


@pytest.fixture
def told_of(bound):
    """`told_of(expires_on=…)`: a binding whose owners were told what there is to tell."""

    def make(**known):
        binding = bound(verdict_since=timezone.now(), **known)
        token = binding.tokens.get()
        if not token.is_healthy:
            told.of_failure(token)
        expiry.give_notice()
        return binding

    return make


def once_more(token, **known):
    again = add_token(token.binding, token.secret.reveal(token), slot="next", **known)
    promote(again, by=None, reason="replaced")


def paste_again(binding, replace):
    token = binding.tokens.get(slot="current")
    return replace(binding, token.secret.reveal(token))


def unread(kind):
    return Notification.objects.filter(kind=kind, read_at=None)


def test_a_new_name_settles_that_the_old_one_was_not_found(
    told_of, current, sandbox, committed, alice
):
    binding = told_of(verdict="organization_not_found")
    sandbox.rename("contoso", "contoso-port")

    with committed():
        rename(binding, "contoso-port", by=alice)

    assert current(binding).is_healthy
    assert not unread("token_failing").exists()
    assert Notification.objects.get(kind="token_failing").mail_due_at is None
    assert "gave us the new name" in unread("token_replaced").get().text


@pytest.mark.parametrize("source", ["declared", "format"])
def test_the_same_end_of_the_same_token_is_told_once(told_of, current, source):
    binding = told_of(expires_on=SOON, expiry_source=source)

    once_more(current(binding), expires_on=SOON, expiry_source=source)
    expiry.give_notice()

    assert current(binding).noticed_days == 7
    assert unread("token_expiring").get().subject == str(current(binding).pk)
    assert Notification.objects.filter(kind="token_expiring").count() == 1


def test_another_end_of_the_same_token_is_told_anew(told_of, current):
    binding, later = told_of(expires_on=SOON, expiry_source="declared"), SOON + timedelta(days=5)

    once_more(current(binding), expires_on=later, expiry_source="format")
    expiry.give_notice()

    assert current(binding).noticed_days == 14
    assert unread("token_expiring").get().threshold == f"14@{later}"


@pytest.mark.parametrize(("days_ago", "noticed"), [(61, 60), (2, None)])
def test_an_absence_goes_on_unless_somebody_signed_in(told_of, current, days_ago, noticed):
    now = timezone.now()
    seen = {"owner_id": "robot", "last_access_at": now - timedelta(days=61)}
    binding = told_of(**seen, last_access_learned_at=now, noticed_absence=60)

    again = {"owner_id": "robot", "last_access_at": now - timedelta(days=days_ago)}
    once_more(current(binding), **again, last_access_learned_at=now)

    assert current(binding).noticed_absence == noticed


def test_what_can_not_be_read_is_repaired_by_the_same_token(bound, replace, current):
    binding = bound(unreadable_since=timezone.now())
    told.of_unreadable(current(binding))

    paste_again(binding, replace)

    assert current(binding).is_healthy
    assert not unread("token_failing").exists()
    text = unread("token_replaced").get().text
    assert "pasted the same token again" in text
    assert "new name" not in text and "brought back" not in text
    assert AuditEvent.objects.get(action="token.replaced").data["reason"] == "pasted_again"


def test_the_same_name_in_another_spelling_is_no_new_one(bound, replace, current):
    binding = bound(unreadable_since=timezone.now())
    token = current(binding)

    replace(binding, token.secret.reveal(token), organization="CONTOSO")

    assert "gave us the new name" not in unread("token_replaced").get().text


def test_who_was_told_by_both_names_has_one_notice_by_each(alice, db):
    bob, known = UserFactory(), {"kind": "token_expiring", "threshold": "7", "title": "…"}
    for user, subject in ((alice, "old"), (alice, "new"), (bob, "old")):
        Notification.objects.create(user=user, subject=subject, text="…", severity="info", **known)

    hand_on("token_expiring", "old", to="new")

    left = Notification.objects.order_by("subject").values_list("subject", "user")
    assert sorted(left) == sorted([("new", alice.pk), ("new", bob.pk), ("old", alice.pk)])
