"""Manners towards a platform: few requests at once, and silence when it asks for it."""

import time
from contextlib import ExitStack

import pytest
import time_machine
from django.core.cache import cache, caches

from bindings.providers import pacing
from bindings.providers.azure_http import worth_retrying
from bindings.providers.base import NoAnswer, Verdict
from bindings.providers.pacing import CONCURRENT_REQUESTS, LONGEST_DELAY, LONGEST_PAUSE, Pace
from core import places


@pytest.fixture
def pace():
    return Pace("contoso", "alice")


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits two minutes for a turn."""
    monkeypatch.setattr(pacing, "LONGEST_WAIT_FOR_A_TURN", 0.1)


def put_off(pace):
    with pytest.raises(NoAnswer) as silence, pace.turn():
        pytest.fail("This request should have been put off.")
    return silence.value


def test_a_turn_is_free_when_nobody_asked_for_a_pause(pace):
    before = time.monotonic()

    with pace.turn():
        assert time.monotonic() - before < 1


def test_a_long_block_puts_the_request_off_instead_of_waiting(pace):
    pace.block(LONGEST_PAUSE + 20)
    before = time.monotonic()

    silence = put_off(pace)

    assert silence.verdict == Verdict.THROTTLED
    assert LONGEST_PAUSE + 15 < silence.retry_after <= LONGEST_PAUSE + 20
    assert time.monotonic() - before < 1


@pytest.mark.parametrize("ask", [Pace.block, Pace.slow_down])
def test_a_short_pause_is_waited_for(pace, ask):
    before = time.time()
    ask(pace, 0.1)

    with pace.turn():
        assert time.time() - before > 0.09


@pytest.mark.parametrize("seconds", [(300, 1), (60, 300)])
def test_of_two_blocks_the_longer_one_counts(pace, seconds):
    for each in seconds:
        pace.block(each)

    assert put_off(pace).retry_after > 290


def test_a_block_that_is_over_is_forgotten(pace):
    pace.block(300)

    with time_machine.travel(time.time() + 301), pace.turn():
        pass


def test_a_wish_to_slow_down_is_granted_only_for_so_long(pace):
    pace.slow_down(LONGEST_DELAY * 100)

    assert cache.get(pace._slower_until) <= time.time() + LONGEST_DELAY


def test_a_block_concerns_one_account_in_one_organization(pace):
    pace.block(300)

    for other in (Pace("contoso", "bob"), Pace("fabrikam", "alice")):
        with other.turn():
            assert put_off(pace).retry_after > 290


def test_an_organization_has_one_pace_however_it_is_written(pace):
    pace.block(300)

    assert put_off(Pace("CONTOSO", "alice")).retry_after > 290


def test_there_are_only_so_many_turns_at_once_whoever_asks(pace, impatient):
    with ExitStack() as taken:
        for number in range(CONCURRENT_REQUESTS):
            taken.enter_context(Pace("contoso", f"person-{number}").turn())

        silence = put_off(pace)
        # Nobody asked the platform, so it is no outage of its, and asking again at once won't help.
        assert (silence.verdict, silence.is_pause) == (Verdict.UNAVAILABLE, True)
        assert not worth_retrying(silence)
        with Pace("fabrikam", "alice").turn():
            pass

    with pace.turn():
        pass


def test_a_turn_comes_back_when_its_request_fails(pace, impatient):
    for _ in range(CONCURRENT_REQUESTS + 1):
        with pytest.raises(OSError, match="cut"), pace.turn():
            raise OSError("cut")


def test_a_turn_comes_back_when_its_request_is_put_off(pace, impatient):
    pace.block(300)

    for _ in range(CONCURRENT_REQUESTS + 1):
        assert put_off(pace).retry_after


def test_a_turn_that_took_too_long_is_not_given_back_for_who_has_it_now(pace, impatient):
    with ExitStack() as taken:
        with pace.turn():
            for turn in pace._turns:
                cache.delete(turn)  # as it runs out
            for number in range(CONCURRENT_REQUESTS):
                taken.enter_context(Pace("contoso", f"person-{number}").turn())

        assert put_off(pace).verdict == Verdict.UNAVAILABLE


def taken(pace):
    return [turn for turn in pace._turns if caches["default"].has_key(turn)]


def is_renewed(turn):
    redis, key = caches["default"]._cache.get_client(write=True), cache.make_key(turn)
    redis.persist(key)
    places._held.renew()
    return redis.ttl(key) > 0


def test_a_turn_is_renewed_for_as_long_as_its_request_takes(pace):
    with pace.turn():
        assert [is_renewed(turn) for turn in taken(pace)] == [True]

    with pace.keep_turn():
        with pace.turn():
            assert [is_renewed(turn) for turn in taken(pace)] == [True]
        assert [is_renewed(turn) for turn in taken(pace)] == [True]


def test_a_turn_is_kept_for_requests_that_follow_each_other(pace, impatient):
    with pace.keep_turn():
        for _ in range(CONCURRENT_REQUESTS + 1):
            with pace.turn():
                assert len(taken(pace)) == 1
            assert len(taken(pace)) == 1

    assert taken(pace) == []


def test_a_kept_turn_stays_the_same_one_when_another_is_free(pace):
    with ExitStack() as others:
        first = others.enter_context(ExitStack())
        first.enter_context(Pace("contoso", "bob").turn())
        with pace.keep_turn():
            with pace.turn():
                pass
            first.close()
            with pace.turn():
                assert len(taken(pace)) == 1

    assert taken(pace) == []


def test_a_kept_turn_that_ran_out_is_taken_anew(pace, impatient, monkeypatch):
    monkeypatch.setattr(pacing, "FRESH", 0)
    with pace.keep_turn(), ExitStack() as others:
        with pace.turn():
            pass
        for turn in pace._turns:
            cache.delete(turn)  # as it runs out
        for number in range(CONCURRENT_REQUESTS):
            others.enter_context(Pace("contoso", f"person-{number}").turn())

        assert put_off(pace).verdict == Verdict.UNAVAILABLE


def test_a_kept_turn_is_not_asked_for_again_at_once(pace):
    with pace.keep_turn():
        with pace.turn():
            pass
        for turn in taken(pace):
            cache.delete(turn)
        with pace.turn():
            assert taken(pace) == []


def test_who_is_held_back_keeps_no_turn(pace):
    with pace.keep_turn():
        with pace.turn():
            pass
        pace.block(300)

        assert put_off(pace).retry_after > 290
        assert taken(pace) == []
