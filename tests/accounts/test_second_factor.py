"""Second factors: an app, recovery codes, passkeys; and their secrets in the database."""

import io
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.test import Client

from tests.accounts.people import PASSWORD, app_code, is_signed_in, register, sign_in

CODES = re.compile(r"<code>(.*?)</code>", re.DOTALL)
PERIOD = timedelta(seconds=30)


@pytest.fixture
def signed_in(client, alice, time_machine):
    """Alice's browser, her password just typed again. The clock stands at the start of a code."""
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    register(alice)
    sign_in(client, alice.email)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def turn_on(browser):
    """Set up an app as its page says. Returns the app's secret and the recovery codes."""
    secret = browser.get("/account/2fa/totp/activate/").context["form"].secret
    page = browser.post("/account/2fa/totp/activate/", {"code": app_code(secret)}, follow=True)
    return secret, CODES.search(page.text)[1].split()


def enter(browser, code):
    return browser.post("/account/2fa/authenticate/", {"code": code})


def halfway_in(user):
    """A browser in which the password was right, and the code is asked."""
    browser = Client()
    assert sign_in(browser, user.email)["Location"] == "/account/2fa/authenticate/"
    return browser


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        return " ".join(str(row[0]) for row in cursor.fetchall())


def test_setting_up_asks_for_the_password_again(client, alice):
    register(alice)
    sign_in(client, alice.email)

    response = client.get("/account/2fa/totp/activate/")

    assert response["Location"].startswith("/account/reauthenticate/?next=")


def test_a_wrong_password_does_not_do_as_the_password_again(client, alice):
    register(alice)
    sign_in(client, alice.email)

    client.post("/account/reauthenticate/", {"password": "not-her-password"})

    assert client.get("/account/2fa/totp/activate/").status_code == 302


def test_an_app_is_turned_on_with_its_first_code(signed_in, alice):
    _, codes = turn_on(signed_in)

    kinds = Authenticator.objects.filter(user=alice).values_list("type", flat=True)
    assert sorted(kinds) == ["recovery_codes", "totp"]
    assert len(set(codes)) == 10


def test_a_wrong_first_code_turns_nothing_on(signed_in):
    page = signed_in.get("/account/2fa/totp/activate/")
    wrong = app_code(page.context["form"].secret, periods_ahead=5)

    response = signed_in.post("/account/2fa/totp/activate/", {"code": wrong})

    assert response.context["form"].errors == {
        "code": ["This is not the code. Copy it anew; a newer one replaces it."]
    }
    assert not Authenticator.objects.exists()


def test_the_secrets_are_encrypted_in_the_database(signed_in):
    secret, codes = turn_on(signed_in)

    kept = stored()
    assert '"secret": "gAAAA' in kept
    assert '"seed": "gAAAA' in kept
    assert not [clear for clear in (secret, *codes) if clear in kept]


def test_signing_in_takes_the_password_and_the_code(signed_in, alice, time_machine):
    secret, _ = turn_on(signed_in)
    time_machine.shift(PERIOD)
    browser = halfway_in(alice)
    assert not is_signed_in(browser)

    enter(browser, app_code(secret))

    assert is_signed_in(browser)


@pytest.mark.parametrize("periods_ahead", [-2, 2])
def test_a_code_of_another_time_opens_nothing(signed_in, alice, periods_ahead):
    secret, _ = turn_on(signed_in)
    browser = halfway_in(alice)

    response = enter(browser, app_code(secret, periods_ahead))

    assert response.context["form"].errors == {
        "code": ["This is not the code. Copy it anew; a newer one replaces it."]
    }
    assert not is_signed_in(browser)


def test_a_code_opens_once(signed_in, alice):
    secret, _ = turn_on(signed_in)
    enter(halfway_in(alice), app_code(secret))
    onlooker = halfway_in(alice)

    enter(onlooker, app_code(secret))

    assert not is_signed_in(onlooker)


def test_five_wrong_codes_make_the_right_one_wait(signed_in, alice):
    secret, _ = turn_on(signed_in)
    browser = halfway_in(alice)
    for _ in range(5):
        enter(browser, "000000")

    enter(browser, app_code(secret))

    assert not is_signed_in(browser)


def test_a_recovery_code_opens_once(signed_in, alice):
    _, codes = turn_on(signed_in)
    browser, onlooker = halfway_in(alice), halfway_in(alice)

    enter(browser, codes[0])
    enter(onlooker, codes[0])

    assert is_signed_in(browser)
    assert not is_signed_in(onlooker)


def test_new_recovery_codes_end_the_old_ones(signed_in, alice):
    _, codes = turn_on(signed_in)

    signed_in.post("/account/2fa/recovery-codes/generate/")

    page = signed_in.get("/account/2fa/recovery-codes/")
    assert not set(CODES.search(page.text)[1].split()) & set(codes)
    browser = halfway_in(alice)
    enter(browser, codes[0])
    assert not is_signed_in(browser)


def test_app_and_codes_open_after_the_old_key_was_dropped(signed_in, alice, time_machine, settings):
    secret, codes = turn_on(signed_in)
    new = "a newer key that is long enough to be one"
    settings.FERNET_KEYS = [new, *settings.FERNET_KEYS]
    call_command("reencrypt_tokens", stdout=io.StringIO())
    settings.FERNET_KEYS = [new]
    time_machine.shift(PERIOD)
    with_app, with_code = halfway_in(alice), halfway_in(alice)

    enter(with_app, app_code(secret))
    enter(with_code, codes[0])

    assert is_signed_in(with_app)
    assert is_signed_in(with_code)


def test_turning_the_app_off_leaves_the_password(signed_in, alice):
    turn_on(signed_in)

    signed_in.post("/account/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert sign_in(Client(), alice.email)["Location"] == "/"


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("/account/2fa/", "Passkeys and security keys"),
        ("/account/2fa/webauthn/", "No keys yet"),
        ("/account/2fa/webauthn/add/", "Add"),
    ],
)
def test_the_pages_of_passkeys_are_there(signed_in, page, sentence):
    response = signed_in.get(page)

    assert response.status_code == 200
    assert sentence in response.text


def test_signing_in_with_a_passkey_starts_with_a_challenge(client, db):
    page = client.get("/account/login/")
    ajax = {"X-Requested-With": "XMLHttpRequest"}
    response = client.get("/account/2fa/webauthn/login/", headers=ajax)

    assert "Sign in with a passkey" in page.text
    assert response.json()["request_options"]["publicKey"]["challenge"]


def test_a_made_up_passkey_opens_nothing(client, db):
    client.get("/account/2fa/webauthn/login/")

    client.post("/account/2fa/webauthn/login/", {"credential": "{}"})

    assert not is_signed_in(client)
