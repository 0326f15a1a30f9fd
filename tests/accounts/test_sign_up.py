"""Making an account: the code in the mail, and nothing told of who has one already."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from tests.accounts.people import is_signed_in, mailed_code, register, sign_in, sign_up
from tests.factories import UserFactory


def confirm(client, code):
    return client.post("/account/confirm-email/", {"code": code})


def test_the_code_in_the_mail_opens_the_account(client, db):
    asked = sign_up(client, "dora@example.com")
    assert asked["Location"] == "/account/confirm-email/"
    assert mail.outbox[-1].to == ["dora@example.com"]
    assert not is_signed_in(client)

    response = confirm(client, mailed_code())

    assert response["Location"] == "/"
    assert is_signed_in(client)
    assert sign_in(Client(), "dora@example.com")["Location"] == "/"


def test_a_wrong_code_opens_nothing(client, db):
    sign_up(client, "dora@example.com")

    response = confirm(client, "WRONG-CODE")

    assert response.context["form"].errors == {
        "code": ["This is not the code. Copy it anew; a newer one replaces it."]
    }
    assert not is_signed_in(client)


def test_three_wrong_codes_spoil_the_right_one(client, db):
    sign_up(client, "dora@example.com")
    for _ in range(3):
        confirm(client, "WRONG-CODE")

    confirm(client, mailed_code())

    assert not is_signed_in(client)


def test_the_code_works_only_in_the_browser_it_was_asked_in(client, db):
    sign_up(client, "dora@example.com")
    another = Client()

    response = confirm(another, mailed_code())

    assert response["Location"] == "/account/login/"
    assert not is_signed_in(another)


def test_the_password_alone_opens_no_account_before_the_code(client, db, time_machine):
    sign_up(client, "dora@example.com")
    # Within ten seconds no second code is sent.
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=11))
    another = Client()

    response = sign_in(another, "dora@example.com")

    assert response["Location"] == "/account/confirm-email/"
    assert not is_signed_in(another)


def test_an_address_that_has_an_account_is_answered_alike(client, alice):
    register(alice)
    another = Client()

    known, fresh = sign_up(client, alice.email), sign_up(another, "dora@example.com")

    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    page, other = client.get(known["Location"]).text, another.get(fresh["Location"]).text
    assert in_general(page, alice.email) == in_general(other, "dora@example.com")
    assert [message.to for message in mail.outbox] == [[alice.email], ["dora@example.com"]]
    assert User.objects.filter(email=alice.email).count() == 1


def in_general(page, email):
    """A page without what is of one visit only."""
    return re.sub(r"[A-Za-z0-9]{64}", "", page.replace(email, ""))


def test_who_has_an_account_is_told_so_by_mail_without_a_code(client, alice):
    register(alice)

    sign_up(client, "ALICE@example.com")

    assert "You have an account with it." in mail.outbox[-1].body
    assert not User.objects.exclude(pk=alice.pk).exists()


def test_an_address_is_kept_in_small_letters(client, db):
    sign_up(client, "Dora@Example.COM")
    confirm(client, mailed_code())

    assert User.objects.get().email == "dora@example.com"
    assert User.objects.get().emailaddress_set.get().email == "dora@example.com"


def test_two_accounts_never_differ_in_capitals_alone(alice):
    with pytest.raises(IntegrityError):
        UserFactory(email="ALICE@EXAMPLE.COM")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "too short"),
        ("password1234", "too common"),
        ("83621947502", "entirely numeric"),
        ("dora@example.co", "too similar"),
    ],
)
def test_a_weak_password_is_refused_in_place(client, db, password, sentence):
    response = sign_up(client, "dora@example.com", password)

    assert sentence in str(response.context["form"].errors)
    assert f'value="{password}"' not in response.text
    assert not User.objects.exists()


def test_too_many_accounts_from_one_address_are_refused(client, db):
    for number in range(20):
        sign_up(Client(), f"dora{number}@example.com")

    response = sign_up(client, "dora20@example.com")

    assert response.status_code == 429
    assert User.objects.count() == 20


def test_an_address_that_looks_like_anothers_is_refused(client, db):
    refused = sign_up(client, "mike@sh\u0131p.example")

    [said] = refused.context["form"].errors["email"]
    assert said.startswith("Type an address without accents")
    assert not User.objects.exists()
    assert mail.outbox == []


def test_a_domain_with_accents_is_taken_as_it_is_registered(client, db):
    sign_up(client, "mike@xn--shp-kua.example")

    assert mail.outbox[-1].to == ["mike@xn--shp-kua.example"]


def test_an_account_has_its_address_in_lower_case_only(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=alice.pk).update(email="Alice@example.com")
