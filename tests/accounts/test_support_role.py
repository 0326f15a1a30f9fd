"""Who is support: made and ended by a command, to look or to act."""

import io

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command

from accounts.models import User
from core.admin import ActingAdmin
from tests.billing.rows import AccountFactory
from tests.test_admin import ROWS

RESYNC = "/admin/billing/billingaccount/{}/act/resync/"
WHY = {"reason": "Asked by phone"}


def command(*arguments):
    said = io.StringIO()
    call_command("make_support", *arguments, stdout=said)
    return said.getvalue()


def lists_of(browser):
    """The lists that open to somebody, among all."""
    return {place for place in ROWS if browser.get(f"/admin/{place}/").status_code == 200}


# What the role lets do


def test_support_is_staff_and_no_superuser(alice):
    command("alice@example.com", "--act")

    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (True, False)


def test_who_may_only_look_can_not_act(browser_of, alice):
    command("alice@example.com")
    account, browser = AccountFactory(), browser_of(alice)

    page = browser.get(f"/admin/billing/billingaccount/{account.pk}/change/")
    refused = browser.post(RESYNC.format(account.pk), WHY)

    assert "/act/" not in page.text
    assert refused.status_code == 403
    account.refresh_from_db()
    assert account.wanted_at is None


def test_who_may_act_acts_and_still_edits_no_row(browser_of, alice):
    command("alice@example.com", "--act")
    account, browser = AccountFactory(customer_id=""), browser_of(alice)

    assert browser.post(RESYNC.format(account.pk), WHY).status_code == 302
    account.refresh_from_db()
    assert account.wanted_at is not None
    edited = browser.post(f"/admin/billing/billingaccount/{account.pk}/change/", {"email": "x"})
    assert edited.status_code == 403


def test_staff_without_the_role_sees_nothing(browser_of, alice):
    User.objects.update(is_staff=True)
    browser = browser_of(alice)

    assert lists_of(browser) == set()
    assert not any(f"/admin/{place}/" in browser.get("/admin/").text for place in ROWS)


def test_acting_is_taken_away_and_given_by_the_same_command(alice):
    command("alice@example.com", "--act")
    command("alice@example.com")
    assert not User.objects.get().has_perm("billing.change_operation")

    command("alice@example.com", "--act")

    assert User.objects.get().has_perm("billing.change_operation")


def test_ending_it_shuts_the_desk_at_once(browser_of, alice):
    command("alice@example.com", "--act")
    browser = browser_of(alice)
    assert browser.get("/admin/").status_code == 200

    said = command("alice@example.com", "--end")

    assert said == "The support desk is shut to alice@example.com.\n"
    assert browser.get("/admin/", follow=True).status_code == 403
    assert not User.objects.get().groups.exists()


def test_ending_it_takes_a_superusers_power_too(alice):
    User.objects.update(is_staff=True, is_superuser=True)

    command("ALICE@example.com", "--end")

    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.parametrize("arguments", [(), ("--act",), ("--end",)])
def test_who_has_no_account_is_not_made_support(db, arguments):
    with pytest.raises(CommandError, match="has no account"):
        command("nobody@example.com", *arguments)

    assert not User.objects.exists()


def test_the_command_says_what_it_did(alice):
    looks, acts = command("alice@example.com"), command("alice@example.com", "--act")

    assert "alice@example.com may look at everything at /admin/" in looks
    assert "look at everything and act" in acts


def test_acting_is_of_what_can_be_acted_on_and_no_more(alice):
    command("alice@example.com", "--act")
    acted_on = {
        f"{model._meta.app_label}.change_{model._meta.model_name}"
        for model, each in admin.site._registry.items()
        if isinstance(each, ActingAdmin)
    }

    held = User.objects.get().get_all_permissions()

    assert {name for name in held if ".view_" not in name} == acted_on
    assert len(held) == len(ROWS) + len(acted_on)
