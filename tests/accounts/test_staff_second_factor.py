"""The desk opens only to staff who came in with a second factor."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import User
from accounts.roles import make_support
from tests.accounts.people import PASSWORD, app_code, register, sign_in
from tests.billing.rows import AccountFactory

RESYNC = "/admin/billing/billingaccount/{}/act/resync/"
WHY = {"reason": "Asked by phone"}


@pytest.fixture
def guarded(settings):
    settings.STAFF_NEED_SECOND_FACTOR = True


@pytest.fixture
def at_desk(guarded, client, alice, time_machine):
    """Alice at the support desk, just signed in with her password alone."""
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    register(alice)
    make_support(alice, may_act=False)
    sign_in(client, alice.email)
    return client


def set_up(browser):
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = browser.get("/account/2fa/totp/activate/").context["form"].secret
    browser.post("/account/2fa/totp/activate/", {"code": app_code(secret)})
    assert Authenticator.objects.exists()
    return secret


@pytest.mark.parametrize(
    "place", ["", "accounts/user/", "billing/billingaccount/alarms/", "jsi18n/"]
)
def test_without_a_second_factor_the_desk_is_shut(at_desk, place):
    response = at_desk.get(f"/admin/{place}", follow=True)

    assert response.redirect_chain == [("/account/2fa/", 302)]
    assert "the desk opens only with a second factor" in response.text
    assert "Set up" in response.text


def test_without_a_second_factor_nothing_is_done_either(at_desk, alice):
    make_support(alice, may_act=True)
    account = AccountFactory()

    response = at_desk.post(RESYNC.format(account.pk), WHY)

    assert response["Location"] == "/account/2fa/"
    account.refresh_from_db()
    assert account.wanted_at is None


def test_one_that_was_set_up_has_to_be_used(at_desk, time_machine):
    secret = set_up(at_desk)
    time_machine.shift(30)

    asked = at_desk.get("/admin/accounts/user/?q=dora")
    back = "%2Fadmin%2Faccounts%2Fuser%2F%3Fq%3Ddora"
    assert asked["Location"] == f"/account/2fa/reauthenticate/?next={back}"
    opened = at_desk.post(asked["Location"], {"code": app_code(secret), "next": "/admin/"})

    assert opened["Location"] == "/admin/"
    assert at_desk.get("/admin/").status_code == 200


def test_who_signs_in_with_the_code_is_let_in_at_once(at_desk, alice, time_machine):
    secret = set_up(at_desk)
    time_machine.shift(30)
    browser = Client()
    sign_in(browser, alice.email)

    browser.post("/account/2fa/authenticate/", {"code": app_code(secret)})

    assert browser.get("/admin/").status_code == 200


def test_a_wrong_code_leaves_the_desk_shut(at_desk):
    set_up(at_desk)

    at_desk.post("/account/2fa/reauthenticate/", {"code": "000000", "next": "/admin/"})

    assert at_desk.get("/admin/").status_code == 302


def test_a_superuser_needs_one_too(guarded, browser_of, alice):
    User.objects.update(is_staff=True, is_superuser=True)

    assert browser_of(alice).get("/admin/")["Location"] == "/account/2fa/"


def test_staff_may_sign_out_and_use_the_product_without_one(at_desk):
    assert at_desk.get("/").status_code == 200
    assert at_desk.post("/admin/logout/").status_code == 200
    assert at_desk.get("/admin/")["Location"].startswith("/admin/login/")


def test_where_none_is_needed_the_password_is_enough(at_desk, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False

    assert at_desk.get("/admin/").status_code == 200
