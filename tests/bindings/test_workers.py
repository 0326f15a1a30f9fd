"""Workers that look at tokens: dead ones, late ones, slow ones, and many at once."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest
from django.conf import settings
from django.utils import timezone

from bindings import sweeping
from bindings.models import URGENT, PersonalAccessToken, Verification
from bindings.tasks import SWEEPERS, sweep_tokens, watch_tokens
from core import places
from sandbox.testing import Fault
from tests.bindings.conftest import add_token, sweep_at
from tests.factories import TokenFactory

NOW = timezone.now() + timedelta(hours=1)


def last(binding):
    return Verification.objects.filter(binding=binding).order_by("-at").first()


def test_a_dead_worker_loses_its_tokens_to_the_next(bound, clock, current):
    binding = bound()
    clock.move_to(NOW)
    taken = sweeping.claim(10)

    assert sweep_at(clock, NOW + timedelta(minutes=1)) == 0
    assert sweep_at(clock, NOW + timedelta(minutes=4)) == 1

    assert len(taken) == 1
    assert current(binding).lease is None


@pytest.mark.parametrize(("days", "looked_at"), [(0, 0), (-2, 1)])
def test_a_lease_ends_though_the_clock_was_set_back(bound, clock, current, days, looked_at):
    binding = bound()
    PersonalAccessToken.objects.update(next_check_at=NOW - timedelta(days=9))
    clock.move_to(NOW)
    sweeping.claim(10)

    assert sweep_at(clock, NOW + timedelta(days=days, minutes=1)) == looked_at
    assert (current(binding).lease is None) == bool(looked_at)


def test_what_a_late_worker_found_is_not_written(bound, clock, current, sandbox):
    binding = bound()
    clock.move_to(NOW)
    [late] = sweeping.claim(10)
    sweep_at(clock, NOW + timedelta(minutes=4))

    answer = sweeping.Answer(sweeping.Verdict.TOKEN_EXPIRED)
    sweeping.concluding.conclude([sweeping.Look(late, answer)])

    assert Verification.objects.filter(binding=binding).count() == 1
    assert current(binding).suspect == ""


@pytest.fixture
def busy():
    """Threads that are all busy until the end of the test."""
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(over.wait)
        yield pool
        over.set()


@pytest.fixture
def waiting(bound, busy, monkeypatch):
    """Two looks that have waited for a thread for too long."""
    monkeypatch.setattr(sweeping, "LONGEST_WAIT", 0)
    bound(attempts=1)
    bound("fabrikam", attempts=1)
    looks = sweeping._Looks(busy)
    looks.begin(sweeping.claim(10))
    return looks


def test_what_no_thread_takes_up_is_given_back_and_never_begun(waiting, sandbox):
    assert waiting.conclude(until_left=0) == 0

    tokens = PersonalAccessToken.objects.values_list("lease", "leased_until", "attempts")
    assert list(tokens) == [(None, None, 1)] * 2
    assert list(sandbox.requests) == []
    assert sweeping.sweep(seconds=20) == 2


def test_what_another_worker_has_by_now_is_not_given_back(waiting, clock):
    clock.shift(timedelta(minutes=4))
    [other] = sweeping.claim(1)

    waiting.conclude(until_left=0)

    held = PersonalAccessToken.objects.exclude(lease=None).get()
    assert (held.pk, held.lease, held.attempts) == (other.pk, other.lease, 3)


def test_while_redis_is_away_nobody_is_asked_and_nothing_is_written(
    bound, sandbox, lost, monkeypatch, queries, caplog
):
    for name in ("contoso", "fabrikam", "empty-harbor", "empty-shelf", "windlass"):
        bound(name, attempts=1)
    for name, size in (("BATCH", 4), ("AT_ONCE", 1), ("TOGETHER", 1)):
        monkeypatch.setattr(sweeping, name, size)
    lost()

    with queries() as asked:
        assert sweeping.sweep(seconds=20) == 0

    tokens = PersonalAccessToken.objects.values_list("lease", "attempts", "silent_since")
    assert list(tokens) == [(None, 1, None)] * 5
    assert not Verification.objects.exists() and list(sandbox.requests) == []
    claims = [each for each in asked.captured_queries if '"attempts" + 1' in each["sql"]]
    assert len(claims) == 1
    assert caplog.text.count("sweep_cut_off") == 1 and "token_not_verified" not in caplog.text


def test_an_answer_counts_though_redis_goes_away_before_the_turn_is_given_back(
    bound, sandbox, lost, monkeypatch
):
    binding, ask = bound(), httpx2.HTTPTransport.handle_request

    def lose_redis_meanwhile(transport, request):
        lost()
        return ask(transport, request)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", lose_redis_meanwhile)

    assert sweeping.sweep(seconds=20) == 1

    assert last(binding).verdict == "healthy"


def test_there_are_only_so_many_sweepers_at_once_in_all_processes(bound, sandbox, current):
    binding = bound()
    others = [str(number) for number, _ in enumerate(SWEEPERS)]
    assert all(places.take(SWEEPERS, other) for other in others)

    watch_tokens()

    assert current(binding).asked_at is None
    assert list(sandbox.requests) == []
    places.give_back(others[0])
    sweep_tokens()
    assert current(binding).asked_at is not None
    # And its place is free for the next.
    assert places.take(SWEEPERS, "the next")


def test_a_sweeper_that_breaks_leaves_its_place(monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 0)

    for _ in range(len(SWEEPERS) + 1):
        with pytest.raises(ValueError, match="max_workers"):
            sweep_tokens()


def test_a_slow_sweep_claims_no_more_than_it_can_begin_at_once(
    bound, sandbox, monkeypatch, queries
):
    for name in ("contoso", "fabrikam", "empty-harbor", "empty-shelf", "windlass", "marked"):
        bound(name)
        sandbox.set_fault(name, Fault.OUTAGE)
    monkeypatch.setattr(sweeping, "BATCH", 4)
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    monkeypatch.setattr(sweeping, "SLOW", 0)

    with queries() as asked:
        assert sweeping.sweep(seconds=20) == 6

    # Four, and the other two one by one.
    claims = [each for each in asked.captured_queries if '"attempts" + 1' in each["sql"]]
    assert len(claims) == 3


def test_one_that_can_not_be_concluded_is_no_trouble_for_the_others(
    bound, current, monkeypatch, sandbox
):
    bindings = [bound(name) for name in ("contoso", "fabrikam", "windlass")]
    settle = sweeping.concluding.settle

    def break_one(before, verdict, **options):
        if verdict == "token_revoked_or_expired":
            raise RuntimeError("nobody thought of this")
        return settle(before, verdict, **options)

    monkeypatch.setattr(sweeping.concluding, "settle", break_one)
    sandbox.spoil(current(bindings[1]).secret.reveal(current(bindings[1])))

    assert sweeping.sweep(seconds=20) == 3

    assert [last(each).verdict for each in bindings] == ["healthy", "unreadable_answer", "healthy"]
    assert Verification.objects.count() == 3
    assert current(bindings[1]).verdict == "healthy"


def test_both_tokens_of_a_binding_may_be_answered_together(bound, sandbox, slots_of):
    binding = bound()
    secret = sandbox.issue_token("contoso")
    add_token(binding, secret, slot="next", verdict="", fingerprint="the next one")

    assert sweeping.sweep(seconds=20) == 2

    assert Verification.objects.filter(binding=binding).count() == 2
    assert slots_of(binding)["current"] == "the next one"


def test_more_than_a_batch_is_looked_at_in_one_sweep(bound, sandbox, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for name in ("contoso", "fabrikam", "empty-harbor", "empty-shelf", "windlass"):
        bound(name)

    assert sweeping.sweep(seconds=20) == 5

    assert Verification.objects.filter(verdict="healthy").count() == 5


def test_a_backlog_makes_nobody_wait_who_asked_or_failed(db):
    long_ago = timezone.now() - timedelta(days=2)
    backlog = [TokenFactory(next_check_at=long_ago, asked_at=long_ago).binding for _ in range(5)]
    asked = TokenFactory(request=uuid.uuid4(), requested_at=timezone.now())
    failed = TokenFactory(asked_at=long_ago, failed_at=timezone.now())

    taken = {token.binding_id for token in sweeping.claim(4)}

    assert {asked.binding_id, failed.binding_id} < taken
    assert len(taken & {binding.pk for binding in backlog}) == 2


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("postgresql"),
    reason="PostgreSQL reads small tables as they are",
)
def test_who_waits_is_found_without_reading_the_backlog(db):
    due = PersonalAccessToken.objects.due(timezone.now()).filter(URGENT)

    assert "token_urgent" in due.order_by("next_check_at").explain()
