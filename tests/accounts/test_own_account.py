"""Changing one's own address and password."""

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.people import PASSWORD, is_signed_in, mailed_code, register, sign_in

NEW_ADDRESS, NEW_PASSWORD = "alice@harbour.example", "a-berth-of-her-own"


@pytest.fixture
def signed_in(client, alice):
    """Alice's browser, her password just typed again."""
    register(alice)
    sign_in(client, alice.email)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def change_address(browser, email):
    return browser.post("/account/email/", {"email": email, "action_add": ""})


def change_password(browser, old):
    typed = {"oldpassword": old, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return browser.post("/account/password/change/", typed)


def test_a_new_address_asks_for_the_password_again(client, alice):
    register(alice)
    sign_in(client, alice.email)

    response = change_address(client, NEW_ADDRESS)

    assert response["Location"].startswith("/account/reauthenticate/?next=")
    assert not mail.outbox


def test_a_new_address_counts_once_its_code_is_entered(signed_in, alice):
    change_address(signed_in, "Alice@Harbour.Example")
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert mail.outbox[-1].to == [NEW_ADDRESS]

    signed_in.post("/account/confirm-email/", {"code": mailed_code()})

    alice.refresh_from_db()
    assert alice.email == NEW_ADDRESS
    assert alice.emailaddress_set.get().email == NEW_ADDRESS
    assert sign_in(Client(), NEW_ADDRESS)["Location"] == "/"


def test_a_wrong_code_keeps_the_old_address(signed_in, alice):
    change_address(signed_in, NEW_ADDRESS)

    signed_in.post("/account/confirm-email/", {"code": "WRONG-CODE"})

    alice.refresh_from_db()
    assert alice.email == alice.emailaddress_set.get().email == "alice@example.com"


def test_the_address_of_another_account_is_answered_alike_and_never_taken(signed_in, alice, bob):
    register(bob)

    response = change_address(signed_in, "BOB@example.com")
    signed_in.post("/account/confirm-email/", {"code": mailed_code()})

    assert response["Location"] == "/account/confirm-email/"
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert bob.emailaddress_set.get().email == "bob@example.com"


def test_a_new_password_takes_the_old_one(signed_in, alice):
    change_password(signed_in, PASSWORD)

    assert is_signed_in(signed_in)
    assert sign_in(Client(), alice.email, NEW_PASSWORD)["Location"] == "/"


def test_a_wrong_old_password_changes_nothing(signed_in, alice):
    response = change_password(signed_in, "not-her-password")

    assert "oldpassword" in response.context["form"].errors
    assert sign_in(Client(), alice.email)["Location"] == "/"


def test_a_new_password_ends_the_other_sessions(signed_in, alice):
    another = Client()
    sign_in(another, alice.email)

    change_password(signed_in, PASSWORD)

    assert not is_signed_in(another)


def test_an_operators_account_has_its_address_in_small_letters(db):
    user = User.objects.create_superuser(" Support@Example.COM ", PASSWORD)

    assert user.email == "support@example.com"
    assert user.is_staff and user.is_superuser
    assert user.check_password(PASSWORD)


def test_a_changed_password_is_told_by_mail(signed_in, alice):
    mail.outbox.clear()

    change_password(signed_in, PASSWORD)

    [told] = mail.outbox
    assert told.to == [alice.email]
    assert "password" in told.subject
