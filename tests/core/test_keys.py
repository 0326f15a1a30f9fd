"""Keys that were never meant for production are refused, and never repeated."""

import json
import re
import secrets
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from bin.stack import read_or_make_secrets
from core.keys import PLACEHOLDERS, check_keys, weakness_of

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD, OTHER = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
REST = "-Qb2kV9mZ4pT6rW8yN3uJ5hL1cF0dSeGaXoB"


def refusal(secret_key, fernet_keys):
    with pytest.raises(ImproperlyConfigured) as refused:
        check_keys(secret_key, fernet_keys)
    return str(refused.value)


@pytest.mark.parametrize("make", [secrets.token_hex, secrets.token_urlsafe])
def test_a_key_that_was_drawn_is_taken(make):
    check_keys(make(48), [make(48), make(32)])


PLACEHOLDER_KEYS = [
    "change-me" + REST,
    "ChangeMe" + REST,
    "CHANGE_ME" + REST,
    "please change this" + REST,
    "django-insecure-" + REST,
    "an example" + REST,
    "your-secret-key-here" + REST,
    "replace_me" + REST,
    "$(openssl rand -base64 48) or what comes out of it",
    *(word + REST for word in PLACEHOLDERS),
]


@pytest.mark.parametrize("key", PLACEHOLDER_KEYS)
def test_a_placeholder_is_refused_wherever_it_stands(key):
    assert refusal(key, [GOOD]).startswith("SECRET_KEY is a placeholder")
    told = refusal(GOOD, [OTHER, key])
    assert told.startswith("FERNET_KEYS (key 2 of 2) is a placeholder")
    assert key not in told


@pytest.mark.parametrize("key", ["x" * 64, "0123" * 16, "abcabcabc" * 8])
def test_a_key_of_few_characters_is_refused_however_long_it_is(key):
    assert "repeats itself" in refusal(key, [GOOD])


def test_a_key_may_not_do_two_jobs():
    told = refusal(GOOD, [OTHER, GOOD])

    assert "Change SECRET_KEY" in told
    assert GOOD not in told


def test_a_key_is_listed_once():
    assert refusal(GOOD, [OTHER, OTHER]) == (
        "FERNET_KEYS lists a key twice. Name each once, the newest first."
    )


def test_every_refusal_of_a_weak_key_says_what_to_do():
    weak = ["", "short", "x" * 64, "change-me" + REST]

    assert all("openssl rand -base64 48" in refusal(key, [GOOD]) for key in weak)
    assert "openssl rand -base64 48" in refusal(GOOD, [])


@given(st.text(max_size=100).map("§{}§".format))
def test_what_is_wrong_with_a_key_is_said_without_it(key):
    assert key not in (weakness_of(key) or "")


def test_the_keys_that_the_product_makes_for_itself_are_taken(tmp_path):
    made = read_or_make_secrets(tmp_path / "secrets.json")

    check_keys(made["SECRET_KEY"], [made["FERNET_KEYS"]])


def test_keys_of_an_earlier_version_stay_and_get_what_they_lack(tmp_path):
    path = tmp_path / "secrets.json"
    made = read_or_make_secrets(path)
    path.write_text(json.dumps({name: made[name] for name in ("SECRET_KEY", "OWNER_PASSWORD")}))

    completed = read_or_make_secrets(path)

    assert completed.keys() == made.keys()
    assert completed["SECRET_KEY"] == made["SECRET_KEY"]
    assert completed["STRIPE_SECRET_KEY"] != made["STRIPE_SECRET_KEY"]
    assert read_or_make_secrets(path) == completed
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_image_is_built_with_keys_that_are_taken():
    keys = dict(re.findall(r"(SECRET_KEY|FERNET_KEYS)=(\S+)", (ROOT / "Dockerfile").read_text()))

    check_keys(keys["SECRET_KEY"], [keys["FERNET_KEYS"]])
