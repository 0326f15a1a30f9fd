"""What looks like a credential, and what is known to be one, is taken out of every text."""

import base64
import json
import traceback
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindings.models import PersonalAccessToken
from core.redaction import (
    SHORTEST,
    Remembered,
    redact,
    redact_credentials,
    redact_patterns,
    remember,
    unusual_forms,
)
from tests.factories import TokenFactory
from tests.tokens import letters, make_legacy_token, make_token

SHA = "0189abcdef" * 4


def basic(secret, user=""):
    return base64.b64encode(f"{user}:{secret}".encode()).decode()


def our_token():
    return f"moor_{letters(8)}_{letters(42)}"


def unusual():
    """Of the right length, with no mark inside: a token that only its use makes one."""
    return f"Q{letters(82)}7"


# Where tokens turn up when git and HTTP go wrong. {t}: the token, {b}: its Basic form.
TEXTS = {
    "git, as a password": "fatal: unable to access 'https://x:{t}@dev.azure.com/c/_git/crane/'",
    "git, as a user": "fatal: Authentication failed for 'https://{t}@dev.azure.com/contoso/'",
    "git, with a user of its own": "remote: https://contoso:{t}@contoso.visualstudio.com/_git/crane",
    "git, an extra header": "git -c http.extraHeader='Authorization: Basic {b}' fetch",
    "git, a header for one address": "http.https://azure.com/.extraheader=AUTHORIZATION: basic {b}",
    "git, a variable": "GIT_CONFIG_VALUE_0=Authorization: Basic {b}",
    "git, its environment": "{{'GIT_CONFIG_KEY_0': 'http.extraHeader', "
    "'GIT_CONFIG_VALUE_0': 'Authorization: Basic {b}', 'HOME': '/root'}}",
    "git, traced": "trace.c:414 trace: run_command: git remote-https 'https://x:{t}@dev.azure.com'",
    "curl, traced": "=> Send header: Authorization: Basic {b}",
    "httpx": "headers=Headers({{'authorization': 'Basic {b}', 'accept': '*/*'}})",
    "raw headers": "[(b'authorization', b'Basic {b}'), (b'accept', b'*/*')]",
    "a bearer": "Authorization: Bearer {t}",
    "a bearer in JSON": '{{"Authorization": "Bearer {t}"}}',
    "a header in a form": "header=Authorization%3A%20Basic%20{b}&x=1",
    "a header in a form with signs": "header=Authorization%3A+Basic+{b}&x=1",
    "an address in a form": "url=https%3A%2F%2Fx%3A{t}%40dev.azure.com%2Fcontoso",
    "an address in JSON": '{{"url": "https:\\/\\/x:{t}@dev.azure.com\\/contoso"}}',
    "bytes": "b'fatal: unable to access \\'https://x:{t}@dev.azure.com\\'\\n'",
    "bytes behind a line break": "b'pasted:\\n{t}\\n'",
    "several lines": 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: {t}\n',
    "a list of arguments": "['git', 'clone', 'https://x:{t}@dev.azure.com/contoso', '--quiet']",
}


@pytest.mark.parametrize("make", [make_token, make_legacy_token, our_token, unusual])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_way_to_write_it_lets_a_token_through(make, text):
    secret = make()
    if make is unusual:
        remember(secret)

    told = redact(text.format(t=secret, b=basic(secret)))

    assert "[redacted]" in told
    assert secret not in told and secret[4:40] not in told
    assert basic(secret) not in told and basic(secret)[4:60] not in told


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("https://u:{}@dev.azure.com/contoso", "https://[redacted]@dev.azure.com/contoso"),
        ("Authorization: Basic {}, x", "Authorization: Basic [redacted], x"),
        ("{{'Authorization': 'Bearer {}'}}", "{{'Authorization': 'Bearer [redacted]'}}"),
        ("authorization: bearer {}\nnext", "authorization: bearer [redacted]\nnext"),
    ],
)
def test_what_stands_around_a_secret_of_any_shape_stays(text, rest):
    assert redact(text.format("quietharbour")) == rest.format()


@pytest.mark.parametrize("password", ["p@ss", "p:w", "it's", "a?b", "a#b", "back\\slash", "%2F%40"])
def test_a_password_of_any_shape_is_taken_out_of_an_address(password):
    assert redact(f"at https://me:{password}@host/x") == "at https://[redacted]@host/x"


def test_a_token_whose_end_was_cut_off_is_taken_out():
    assert redact(f"'{make_token()[:60]}...") == "'[redacted]..."


def test_a_signature_without_the_last_mark_is_enough():
    assert redact(f"{letters(52)}JQQJ99{letters(26)}") == "[redacted]"


@pytest.mark.parametrize(
    "text",
    [
        "Basic authentication failed",
        "a bearer certificate was refused",
        "Authorization of contoso failed: no such organization",
        "authorization: required",
        f"fetched {SHA} from https://dev.azure.com/contoso/_git/crane",
        "https://dev.azure.com/contoso and someone@example.com",
        "import 1c2b3a4d-0000-4000-8000-00000000cafe found again",
        "someone@example.com signed in at https://mooring.example.com/",
    ],
)
def test_what_is_none_stays(text):
    assert redact(text) == text


# What is known

UNUSUAL = ["quiet harbour & öl/+", 'it\'s "quoted"', "line\nbreak-inside", "plain-harbour-1"]


@pytest.mark.parametrize("secret", UNUSUAL)
def test_a_known_secret_is_found_however_it_is_written(secret):
    remember(secret)
    written = [
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        urlencode({"token": secret}),
        json.dumps({"token": secret}),
        json.dumps([{"token": secret}], indent=1),
        repr({"token": secret}),
        str(ValueError({"token": secret})),
        *(f"{{{basic(secret, user)}}}" for user in ("", "x", "me", "pat", "someone@example.com")),
        base64.urlsafe_b64encode(f":{secret}".encode()).decode(),
    ]

    told = [redact(f"It said {text} and went.") for text in written]

    assert all("[redacted]" in each and each.endswith(" and went.") for each in told)
    assert not [form for form in unusual_forms(secret) for each in told if form in each]


def test_an_error_that_quotes_a_known_secret_is_redacted_in_its_traceback():
    secret = unusual()
    remember(secret)
    try:
        raise RuntimeError(f"git said: {secret}".encode())
    except RuntimeError as error:
        told = redact("".join(traceback.format_exception(error)))

    assert secret not in told
    assert "RuntimeError: b'git said: [redacted]'" in told


@pytest.mark.django_db
def test_a_secret_is_known_once_it_was_unsealed():
    secret = unusual()
    token = PersonalAccessToken.objects.get(pk=TokenFactory(secret=secret).pk)

    token.secret.reveal(token)

    assert redact(f"<{secret}>") == "<[redacted]>"


@pytest.mark.django_db
def test_a_secret_is_known_once_it_was_stored():
    secret = unusual()

    TokenFactory(secret=secret)

    assert redact(f"<{secret}>") == "<[redacted]>"


def test_the_longest_of_several_is_taken_out():
    known = Remembered(most=10)
    known.add("harbour-master")
    known.add("harbour-master-of-contoso")

    assert known.redact("a harbour-master-of-contoso b") == "a [redacted] b"
    assert known.redact("a harbour-master-at b harbour-master") == "a [redacted]-at b [redacted]"


def test_what_is_short_is_not_remembered():
    known = Remembered(most=10)
    known.add("a" * (SHORTEST - 1))

    assert known.redact("a" * 40) == "a" * 40


def test_only_the_last_few_are_remembered_and_use_keeps_one():
    known = Remembered(most=3)
    first, *others = [f"same-start-{letters(20)}" for _ in range(5)]
    known.add(first)
    for other in others:
        known.add(other)
        known.add(first)

    found = [known.redact(f"<{secret}>") == "<[redacted]>" for secret in (first, *others)]
    assert found == [True, False, False, True, True]
    assert len(known._secrets) == 3
    forms = sum(len(forms) for forms in known._secrets.values())
    assert sum(len(forms) for forms in known._by_window.values()) == forms


def test_what_is_remembered_can_not_be_read_from_memory():
    known = Remembered(most=3)
    secret = unusual()
    known.add(secret)

    held = repr(vars(known))

    assert not [part for part in (secret, secret[:SHORTEST], basic(secret)[:20]) if part in held]


@pytest.mark.parametrize("make", [make_token, make_legacy_token, our_token])
def test_of_a_usual_token_only_its_unusual_forms_are_remembered(make):
    secret = make()

    forms = unusual_forms(secret)

    assert secret not in forms
    assert forms and all(
        form in basic(secret, "x" * before) for before, form in inside(forms, secret)
    )


def inside(forms, secret):
    """Each form with the number of characters in front of it that it belongs to."""
    for form in forms:
        yield next((n for n in range(3) if form in basic(secret, "x" * n)), 0), form


@given(st.text(min_size=SHORTEST, max_size=200), st.text(max_size=50), st.text(max_size=50))
def test_no_known_secret_is_left_in_any_text(secret, before, after):
    known = Remembered(most=10)
    known.add(secret)

    told = redact_patterns(known.redact(f"{before}{secret}{after}"))

    assert secret not in told.replace("[redacted]", "") or secret in before + after


@given(st.text(max_size=300))
def test_redacting_twice_is_redacting_once(text):
    assert redact(redact(text)) == redact(text)


# What mails need

LINK = "https://mooring.example.com/account/password/reset/key/4x7-quiet-harbour/"


def test_a_mail_keeps_its_link_and_a_log_does_not():
    assert redact_credentials(f"Open {LINK} now") == f"Open {LINK} now"
    assert "quiet-harbour" not in redact(f"Open {LINK} now")


# Long lines. Nested or overlapping repetitions would take these hours.

LONG = 200_000


def test_a_line_of_a_megabyte_is_done_at_once():
    line = "GET https://me:quiet@dev.azure.com/contoso took 12 ms "

    told = redact(line * (1_000_000 // len(line)))

    assert "quiet" not in told


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "A7",
        "a ",
        " ",
        "2",
        "JQQJ99",
        "AZDO",
        "://",
        "://a",
        ":\\/\\/a",
        "://a@",
        "%3a%2f%2f",
        "%3a%2f%2fa",
        "%40",
        "basic ",
        "basic a",
        "basic  ",
        "authorization",
        "authorization: ",
        "authorization: basic ",
        "moor_",
        "moor_-",
        "/confirm-email/",
        "/claims/objection/",
        "\\n",
        "=",
    ],
)
def test_no_line_is_long_enough_to_keep_anybody_waiting(piece):
    redact(piece * (LONG // len(piece)))
    redact("://" + piece * (LONG // len(piece)))
    redact("basic " + piece * (LONG // len(piece)))
