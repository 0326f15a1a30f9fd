"""A call that is repeated under one Idempotency-Key is done once and answered as before."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.models import IdempotentCall
from core.tasks import forget_old_calls
from onboarding.models import Import
from tests.tokens import make_token

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
# Without a key, the same paste is another import by then.
LATER = timedelta(minutes=2)
PASTE = {"organization": "contoso", "token": make_token()}


@pytest.fixture
def post(program_of):
    """Start an import as a person: `post(alice, PASTE)`."""
    programs = {}

    def post(user, body, key="harbour-1"):
        program = programs.setdefault(user, program_of(user))
        headers = {} if key is None else {"Idempotency-Key": key}
        return program.post(
            "/api/v1/imports", body, content_type="application/json", headers=headers
        )

    return post


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def code_of(response):
    return (response.status_code, response.json()["code"])


def test_the_same_key_twice_gives_the_same_answer_and_one_row(post, alice, clock):
    first = post(alice, PASTE)
    clock.shift(LATER)

    second = post(alice, PASTE)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Import.objects.count() == 1


def test_the_same_body_written_in_another_order_is_the_same_call(post, alice, clock):
    first = post(alice, PASTE)
    clock.shift(LATER)

    second = post(alice, dict(reversed(PASTE.items())))

    assert first.json() == second.json()
    assert Import.objects.count() == 1


def test_without_a_key_every_call_counts(post, alice, clock):
    first = post(alice, PASTE, key=None)
    clock.shift(LATER)

    second = post(alice, PASTE, key=None)

    assert first.json()["id"] != second.json()["id"]
    assert not IdempotentCall.objects.exists()


def test_another_key_is_another_call(post, alice, clock):
    post(alice, PASTE, key="harbour-1")
    clock.shift(LATER)

    post(alice, PASTE, key="harbour-2")

    assert Import.objects.count() == 2


def test_another_persons_key_is_another_call(post, alice, bob):
    first, second = post(alice, PASTE), post(bob, PASTE)

    assert first.json()["id"] != second.json()["id"]
    assert {import_.user for import_ in Import.objects.all()} == {alice, bob}


def test_a_key_with_another_body_is_refused(post, alice):
    post(alice, PASTE)

    response = post(alice, PASTE | {"organization": "fabrikam"})

    assert code_of(response) == (422, "idempotency-key-reused")
    assert Import.objects.get().external_name == "contoso"


def test_a_key_at_another_address_is_refused(post, program_of, alice):
    created = post(alice, PASTE).json()

    response = program_of(alice).post(
        f"/api/v1/imports/{created['id']}/create",
        PASTE,
        content_type="application/json",
        headers={"Idempotency-Key": "harbour-1"},
    )

    assert code_of(response) == (422, "idempotency-key-reused")


def leave_unanswered():
    """As a call leaves it that is still running, or whose process was killed."""
    IdempotentCall.objects.update(status=None, body=None)


@pytest.mark.parametrize("seconds", [0, 59])
def test_a_call_that_is_still_running_is_not_started_again(post, alice, clock, seconds):
    post(alice, PASTE)
    leave_unanswered()
    clock.shift(seconds)

    response = post(alice, PASTE)

    assert code_of(response) == (409, "idempotency-key-in-use")
    assert Import.objects.count() == 1


def test_a_call_that_was_cut_off_is_taken_over_after_a_minute(post, alice, clock):
    post(alice, PASTE)
    leave_unanswered()
    clock.shift(61)

    taken_over, again = post(alice, PASTE), post(alice, PASTE)

    assert taken_over.status_code == 201
    assert taken_over.json() == again.json()
    assert "Idempotency-Replayed" not in taken_over.headers
    assert IdempotentCall.objects.get().status == 201


def test_who_takes_over_is_left_a_minute_of_their_own(post, alice, clock):
    post(alice, PASTE)
    leave_unanswered()
    clock.shift(61)
    post(alice, PASTE)
    leave_unanswered()
    clock.shift(59)

    assert code_of(post(alice, PASTE)) == (409, "idempotency-key-in-use")


def test_a_call_is_remembered_for_a_day_and_then_forgotten(post, alice, clock):
    post(alice, PASTE)
    clock.shift(timedelta(hours=23, minutes=59))
    forget_old_calls()
    assert post(alice, PASTE).headers["Idempotency-Replayed"] == "true"

    clock.shift(timedelta(minutes=2))
    forget_old_calls()
    response = post(alice, PASTE | {"organization": "fabrikam"})

    assert response.status_code == 201
    assert Import.objects.count() == 2


def test_a_refusal_is_not_kept(post, alice):
    refused = post(alice, PASTE | {"token": "too short"})
    assert code_of(refused) == (422, "token-malformed")
    assert not IdempotentCall.objects.exists()

    response = post(alice, PASTE)

    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response.headers


def test_fields_that_are_missing_are_not_kept_either(post, alice):
    assert code_of(post(alice, {})) == (422, "invalid")

    assert post(alice, PASTE).status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_of_no_possible_length_is_refused(post, alice, key):
    assert code_of(post(alice, PASTE, key)) == (422, "idempotency-key-malformed")
    assert not Import.objects.exists()


@pytest.mark.parametrize("key", ["k", "k" * 255])
def test_a_key_may_be_short_or_long(post, alice, key):
    post(alice, PASTE, key)

    assert post(alice, PASTE, key).headers["Idempotency-Replayed"] == "true"


def test_what_was_sent_is_not_kept_with_the_call(post, alice):
    post(alice, PASTE)

    kept = str(IdempotentCall.objects.values().get())
    assert PASTE["token"] not in kept
    assert "contoso" in kept
