"""The second request with a key, and what goes wrong on the wire."""

import threading

import pytest
import stripe as library

from sandbox.testing import StripeFault
from tests.sandbox.conftest import client_of

KEY = {"idempotency_key": "account-7"}


def test_a_key_brings_the_first_answer_again(stripe, ask_stripe):
    first = ask_stripe.customers.create({"name": "Harbour"}, KEY)
    second = ask_stripe.customers.create({"name": "Harbour"}, KEY)

    assert first.id == second.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(stripe.all("customer")) == 1
    assert [each.replayed for each in stripe.requests] == [False, True]


def test_a_key_brings_a_refusal_again(ask_stripe):
    customer = ask_stripe.customers.create().id

    for replayed in (None, "true"):
        with pytest.raises(library.CardError) as declined:
            ask_stripe.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer}, KEY)
        assert declined.value.headers.get("Idempotent-Replayed") == replayed


def test_what_was_refused_unread_may_be_asked_again_rightly(ask_stripe):
    with pytest.raises(library.InvalidRequestError):
        ask_stripe.customers.create({"nmae": "Harbour"}, KEY)

    assert ask_stripe.customers.create({"name": "Harbour"}, KEY).id


@pytest.mark.parametrize("otherwise", [{"name": "Another"}, {"name": "Harbour", "phone": "1"}])
def test_a_key_is_for_one_set_of_parameters(stripe, ask_stripe, otherwise):
    ask_stripe.customers.create({"name": "Harbour"}, KEY)

    with pytest.raises(library.IdempotencyError, match="same parameters"):
        ask_stripe.customers.create(otherwise, KEY)

    assert len(stripe.all("customer")) == 1


def test_a_key_is_for_one_address(ask_stripe):
    ask_stripe.customers.create({"name": "Harbour"}, KEY)

    with pytest.raises(library.IdempotencyError, match="same endpoint"):
        ask_stripe.products.create({"name": "Harbour"}, KEY)


def test_a_key_is_forgotten_after_a_day(stripe, ask_stripe):
    first = ask_stripe.customers.create({}, KEY)
    stripe.world.ahead += 24 * 3600

    assert ask_stripe.customers.create({}, KEY).id != first.id


def test_a_key_in_use_is_a_conflict(stripe, ask_stripe):
    answers = []

    def create():
        try:
            answers.append(ask_stripe.customers.create({}, KEY).id)
        except library.StripeError as error:
            answers.append(error.http_status)

    threads = [threading.Thread(target=create) for _ in range(2)]
    with stripe.world.lock:
        for thread in threads:
            thread.start()
        # One waits for the lock, and the other needs none to be told so.
        while not answers:
            threading.Event().wait(0.01)
    for thread in threads:
        thread.join()

    (customer,) = stripe.all("customer")
    assert set(answers) == {customer["id"], 409}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (StripeFault.RATE_LIMIT, library.RateLimitError),
        (StripeFault.CONFLICT, library.RateLimitError),
        (StripeFault.KEY_REFUSED, library.AuthenticationError),
        (StripeFault.RESET, library.APIConnectionError),
    ],
)
def test_a_request_fails_before_anything_is_done(stripe, ask_stripe, fault, error):
    stripe.fail_next(fault)

    with pytest.raises(error):
        ask_stripe.customers.create({}, KEY)
    assert stripe.all("customer") == []
    ask_stripe.customers.create({}, KEY)

    assert len(stripe.all("customer")) == 1


def test_an_error_is_the_answer_to_its_key_from_then_on(stripe, ask_stripe):
    stripe.fail_next(StripeFault.ERROR)

    for _ in range(2):
        with pytest.raises(library.APIError):
            ask_stripe.customers.create({}, KEY)
    ask_stripe.customers.create({}, {"idempotency_key": "another"})

    assert len(stripe.all("customer")) == 1


@pytest.mark.parametrize("fault", [StripeFault.RESET_AFTER, StripeFault.TIMEOUT_AFTER])
def test_what_was_done_unheard_is_not_done_again(stripe, ask_stripe, fault):
    stripe.have_patience(0)
    stripe.fail_next(fault)

    with pytest.raises(library.APIConnectionError):
        ask_stripe.customers.create({}, KEY)
    (done,) = stripe.all("customer")

    assert ask_stripe.customers.create({}, KEY).id == done["id"]
    assert [each.status for each in stripe.requests] == [0, 200]


def test_the_library_tries_again_with_the_same_key(stripe):
    stripe.fail_next(StripeFault.RESET_AFTER)
    stripe.fail_next(StripeFault.RESET)

    client_of(stripe, max_network_retries=2).v1.customers.create({})

    assert len(stripe.all("customer")) == 1
    assert len({each.asked.idempotency_key for each in stripe.requests}) == 1
    assert [each.status for each in stripe.requests] == [0, 0, 200]


def test_a_fault_may_be_for_one_address_and_verb(stripe, ask_stripe):
    stripe.fail_next(StripeFault.ERROR, method="POST", url="/v1/products")

    customer = ask_stripe.customers.create()
    assert list(ask_stripe.products.list()) == []
    with pytest.raises(library.APIError):
        ask_stripe.products.create({"name": "Team"})

    assert customer.id


def test_a_timeout_keeps_the_asker_waiting_until_it_is_ended(stripe):
    stripe.fail_next(StripeFault.TIMEOUT)
    impatient = client_of(stripe, http_client=library.RequestsClient(timeout=0.2)).v1

    with pytest.raises(library.APIConnectionError):
        impatient.customers.create()

    assert stripe.all("customer") == []
