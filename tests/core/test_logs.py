"""One line an event, and no secret in any of them."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.logs import redact_event
from core.redaction import redact
from tests.tokens import letters, make_legacy_token, make_token

ROOT = Path(__file__).resolve().parent.parent.parent


def basic(token):
    return base64.b64encode(f":{token}".encode()).decode()


def our_token():
    return f"moor_{letters(8)}_{letters(20)}-_{letters(21)}"


SHAPES = {
    "alone": "{}",
    "in a sentence": "The token {} was refused.",
    "in quotes": "token='{}'",
    "in a query": "GET /contoso?token={}&x=1",
    "in JSON": '{{"token": "{}"}}',
    "in a tuple": "('{}',)",
    "as bytes": "b'{}'",
    "on a line of its own": "pasted:\n{}\n",
    "behind a line break that repr wrote": "'binding:1\\n{}'",
    "behind a sign in an address": "token%3D{}",
    "behind a name": "token_{}",
    "in a form": "organization=contoso&token={}",
    "as a user": "https://{}@dev.azure.com/contoso/_git/crane",
    "as a password": "https://harbour:{}@dev.azure.com/contoso",
}


@pytest.mark.parametrize("make", [make_token, make_legacy_token, our_token])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_token_is_taken_out_wherever_it_stands(make, shape):
    secret = make()

    line = redact(shape.format(secret))

    assert secret not in line and secret[8:40] not in line
    assert "[redacted]" in line


@pytest.mark.parametrize(
    "shape",
    [
        "Authorization: Basic {}",
        "authorization: basic {}",
        "{{'Authorization': 'Basic {}', 'Accept': '*/*'}}",
        "[(b'authorization', b'Basic {}')]",
        'curl -H "Authorization: Basic {}"',
    ],
)
def test_the_header_a_token_travels_in_is_taken_out(shape):
    header = basic(make_token())

    line = redact(shape.format(header))

    assert header not in line and header[:40] not in line
    assert "[redacted]" in line


@pytest.mark.parametrize(
    "address",
    ["redis://:quiet-harbour@broker:6379/0", "postgres://mooring:quiet-harbour@db/mooring"],
)
def test_a_password_in_an_address_is_taken_out_and_the_place_stays(address):
    line = redact(f"Could not reach {address}")

    assert "quiet-harbour" not in line
    assert line.endswith(address.partition("@")[2])


@pytest.mark.parametrize("path", ["/account/password/reset/key/", "/account/confirm-email/"])
def test_what_a_mailed_link_proves_is_taken_out(path):
    line = redact(f"GET {path}4x7-quiet-harbour/ took 12 ms")

    assert line == f"GET {path}[redacted]/ took 12 ms"


def test_every_one_of_several_is_taken_out():
    secrets = [make_token(), make_legacy_token(), our_token(), make_token()]

    line = redact(" ".join(secrets))

    assert line == " ".join(["[redacted]"] * 4)


@pytest.mark.parametrize(
    "line",
    [
        "Verified contoso: healthy",
        "GET /organizations/contoso/ took 12 ms",
        "import 1c2b3a4d-0000-4000-8000-00000000cafe found again",
        "a Basic account reads https://dev.azure.com/contoso",
        "avatar " + "0189abcdef" * 6 + "0189",
        "moor_01234567 was revoked",
    ],
)
def test_what_is_no_secret_stays(line):
    assert redact(line) == line


def test_every_value_of_an_event_is_redacted_whatever_it_is():
    secret = make_token()
    event = {
        "event": f"refused {secret}",
        "error": ValueError(secret),
        "headers": {"Authorization": f"Basic {basic(secret)}"},
        "pasted": [secret, {"again": (secret,)}],
        "raw": secret.encode(),
        "exception": f'Traceback\n  File "x.py"\nValueError: {secret}',
    }

    told = redact_event(None, "info", event)

    assert set(told) == set(event)
    assert secret not in str(told) and basic(secret) not in str(told)
    assert all("[redacted]" in value for value in told.values())


def test_what_can_hold_no_secret_keeps_its_type():
    event = {"event": "done", "count": 7, "seconds": 0.5, "is_ready": True, "nothing": None}

    assert redact_event(None, "info", dict(event)) == event


# A program that logs a secret in every way there is, and breaks with one in its hands
CARELESS = """
import logging, sys
import structlog
from core.logs import configure_logging

configure_logging(json={json}, level="INFO")
secret = sys.stdin.read()
structlog.get_logger("ours").info("token_refused", token=secret, seconds=3)
structlog.contextvars.bind_contextvars(pasted=secret)
logging.getLogger("theirs").warning("Refused %s", secret)
logging.getLogger("httpx2").info("GET https://dev.azure.com/quiet-harbour")
logging.getLogger("theirs").debug("too quiet-harbour to be told")

def break_down(cargo):
    raise RuntimeError("broken with " + secret)

try:
    break_down("quiet" + "-harbour")
except RuntimeError:
    logging.getLogger("theirs").exception("Could not %s", "go on")
    structlog.get_logger("ours").exception("could_not_go_on")
"""


def logged(secret, *, json):
    ran = subprocess.run(
        [sys.executable, "-c", CARELESS.format(json=json)],
        input=secret,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stderr


@pytest.mark.parametrize("json", [True, False], ids=["as JSON", "for a console"])
def test_no_line_holds_a_secret_a_traceback_included(json):
    secret = make_token()

    lines = logged(secret, json=json)

    assert secret not in lines and secret[:40] not in lines
    assert lines.count("[redacted]") >= 6
    assert "Traceback" in lines and "RuntimeError: broken with [redacted]" in lines


@pytest.mark.parametrize("json", [True, False], ids=["as JSON", "for a console"])
def test_a_traceback_does_not_print_what_variables_hold(json):
    assert "quiet-harbour" not in logged(make_token(), json=json)


def test_each_event_is_one_line_of_json_with_its_time_level_and_logger():
    lines = [json.loads(line) for line in logged(make_token(), json=True).splitlines()]

    assert [line["event"] for line in lines] == [
        "token_refused",
        "Refused [redacted]",
        "Could not go on",
        "could_not_go_on",
    ]
    assert lines[0]["seconds"] == 3
    assert [line["level"] for line in lines] == ["info", "warning", "error", "error"]
    assert {line["logger"] for line in lines} == {"ours", "theirs"}
    assert all(line["timestamp"].endswith("Z") for line in lines)
