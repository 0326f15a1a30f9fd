"""Signing in, being kept out, and choosing a new password."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.accounts.people import PASSWORD, is_signed_in, register, sign_in

NEW = "a-berth-of-her-own"
REFUSED = (
    "This e-mail address and password don't belong together. Try again, or choose a new password."
)
TOO_OFTEN = "Too many attempts. Wait a few minutes, then try again, or choose a new password."


def said(response):
    return response.context["form"].non_field_errors()


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@example.com", "Alice@EXAMPLE.com"])
def test_one_signs_in_with_any_capitals(client, alice, email):
    register(alice)

    response = sign_in(client, email)

    assert response["Location"] == "/"
    assert is_signed_in(client)


def test_one_comes_back_to_where_one_was_going(client, alice):
    register(alice)
    typed = {"login": alice.email, "password": PASSWORD, "next": "/imports/new/"}

    assert client.post("/account/login/", typed)["Location"] == "/imports/new/"


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:x"])
def test_nobody_is_sent_to_another_site(client, alice, elsewhere):
    register(alice)
    typed = {"login": alice.email, "password": PASSWORD, "next": elsewhere}

    assert client.post("/account/login/", typed)["Location"] == "/"


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_are_told_alike(client, alice, email):
    register(alice)

    response = sign_in(client, email, "not-her-password")

    assert said(response) == [REFUSED]
    assert "not-her-password" not in response.text
    assert not is_signed_in(client)


def test_who_left_is_kept_out(client, alice):
    register(alice)
    alice.is_active = False
    alice.save()

    sign_in(client, alice.email)

    assert not is_signed_in(client)


def test_after_five_wrong_passwords_even_the_right_one_waits(client, alice):
    register(alice)
    for _ in range(5):
        assert said(sign_in(client, alice.email, "not-her-password")) == [REFUSED]

    response = sign_in(Client(), alice.email)

    assert said(response) == [TOO_OFTEN]
    assert not is_signed_in(client)


def test_an_unknown_address_is_made_to_wait_alike(client, db):
    for _ in range(5):
        sign_in(client, "nobody@example.com", "not-her-password")

    assert said(sign_in(client, "nobody@example.com")) == [TOO_OFTEN]


def test_signing_out_ends_the_session(client, alice):
    register(alice)
    sign_in(client, alice.email)

    client.post("/account/logout/")

    assert not is_signed_in(client)


def ask_for_a_new_password(client, email):
    return client.post("/account/password/reset/", {"email": email})


def mailed_link():
    return re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]


def choose(client, link, password=NEW):
    """Follow the link, and type a new password twice on the page it leads to."""
    page = client.get(link, follow=True).redirect_chain[-1][0]
    return client.post(page, {"password1": password, "password2": password})


def test_the_link_in_the_mail_gives_a_new_password(client, alice):
    register(alice)
    ask_for_a_new_password(client, "ALICE@example.com")

    choose(client, mailed_link())

    sign_in(client, alice.email)
    assert not is_signed_in(client)
    sign_in(client, alice.email, NEW)
    assert is_signed_in(client)


def test_the_link_works_once(client, alice):
    register(alice)
    ask_for_a_new_password(client, alice.email)
    link = mailed_link()
    choose(client, link)

    page = Client().get(link)

    assert page.context["token_fail"]
    assert "password1" not in page.text
    Client().post(link, {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(client, alice.email, NEW)["Location"] == "/"


def test_a_weak_new_password_changes_nothing(client, alice):
    register(alice)
    ask_for_a_new_password(client, alice.email)

    choose(client, mailed_link(), "short")

    assert sign_in(Client(), alice.email)["Location"] == "/"


def test_asking_for_a_password_tells_nothing_of_who_has_an_account(client, alice):
    register(alice)

    known = ask_for_a_new_password(client, alice.email)
    unknown = ask_for_a_new_password(Client(), "nobody@example.com")

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [[alice.email], ["nobody@example.com"]]
    assert "there is none" in mail.outbox[-1].body
    assert "/password/reset/key/" not in mail.outbox[-1].body


def test_a_new_password_ends_the_wait_after_wrong_ones(client, alice):
    register(alice)
    for _ in range(6):
        sign_in(client, alice.email, "not-her-password")
    ask_for_a_new_password(client, alice.email)

    choose(client, mailed_link())

    assert sign_in(client, alice.email, NEW)["Location"] == "/"


def test_a_new_password_ends_the_sessions_of_the_old_one(client, alice):
    register(alice)
    sign_in(client, alice.email)
    another = Client()
    ask_for_a_new_password(another, alice.email)

    choose(another, mailed_link())

    assert not is_signed_in(client)
