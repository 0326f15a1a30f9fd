"""Looking at tokens: when, how cheaply, and what follows from an answer."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from bindings import sweeping
from bindings.checks import Check, Outcome
from bindings.models import URGENT, PersonalAccessToken, PlatformIncident, Verification
from bindings.replacing import request_verification
from bindings.tasks import SWEEPERS, sweep_tokens, watch_tokens
from core import places
from organizations.models import AuditEvent
from sandbox.testing import Fault
from tests.bindings.conftest import add_token
from tests.factories import TokenFactory

NOW = timezone.now() + timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def sweep_at(clock, moment):
    clock.move_to(moment)
    return sweeping.sweep(seconds=20)


def last(binding):
    return Verification.objects.filter(binding=binding).order_by("-at").first()


def test_a_healthy_token_costs_three_requests(bound, sandbox, current):
    binding = bound()

    assert sweeping.sweep(seconds=20) == 1

    assert len(list(sandbox.requests)) == 3
    assert last(binding).verdict == current(binding).verdict == "healthy"


def test_the_third_request_takes_turns(bound, sandbox, current, clock):
    binding = bound(token=sandbox.token("healthy-with-entitlements"))
    last_requests = []

    for day in range(4):
        sandbox.requests.clear()
        sweep_at(clock, NOW + timedelta(days=day))
        last_requests.append(list(sandbox.requests)[-1].path.rpartition("/_apis/")[2])

    assert all("userentitlements" in each for each in last_requests[::2])
    assert last_requests[1].startswith("profile")
    assert last_requests[3].endswith("refs")
    assert current(binding).last_access_at is not None


def test_every_check_keeps_how_it_was_answered(bound, sandbox):
    binding = bound()

    sweeping.sweep(seconds=20)

    asked = [check for check in last(binding).checks if check["activity_id"]]
    assert {"authenticated", "code_read"} <= {check["code"] for check in asked}
    assert all(check["latency_ms"] is not None for check in asked)


def ids_of(verification):
    return {check["code"]: check["activity_id"] for check in verification.checks}


def test_a_refusal_has_the_id_of_the_request_that_was_refused(bound, sandbox):
    binding = bound(token=sandbox.token("read-only"), wants_everything=True)

    sweeping.sweep(seconds=20)

    told = last(binding)
    assert told.verdict == "missing_scope"
    assert told.activity_id and told.activity_id == ids_of(told)["code_write"]


@pytest.mark.parametrize("everything", [True, False])
def test_a_healthy_answer_has_the_id_of_the_newest_request(bound, everything):
    binding = bound(wants_everything=everything)

    sweeping.sweep(seconds=20)

    told, ids = last(binding), ids_of(last(binding))
    assert told.verdict == "healthy"
    assert told.activity_id in set(ids.values()) - {"", ids["authenticated"]}


def test_what_nobody_answered_has_no_id_of_another_request(bound, monkeypatch):
    binding, ask = bound(), httpx2.HTTPTransport.handle_request

    def hang_up(transport, request):
        if request.url.path.endswith("/connectionData"):
            return ask(transport, request)
        raise httpx2.ConnectError("nobody there")

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", hang_up)
    sweeping.sweep(seconds=20)

    assert (last(binding).verdict, last(binding).activity_id) == ("unavailable", "")


def test_each_check_is_kept_once_and_what_was_not_asked_has_no_id(bound, sandbox):
    secret = sandbox.issue_token("contoso", scopes=["vso.profile"])
    binding = bound(token=secret, wants_everything=True)

    sweeping.sweep(seconds=20)

    told = last(binding)
    outcomes = {check["code"]: check["outcome"] for check in told.checks}
    assert len(told.checks) == len(outcomes)
    assert (outcomes["code_read"], outcomes["code_write"]) == ("fail", "unknown")
    assert told.activity_id == ids_of(told)["code_read"] != ""
    assert ids_of(told)["code_write"] == ""


@pytest.mark.parametrize(
    ("heard", "total"),
    [
        ([("a", 30), ("a", 30), ("b", 12), ("", None)], 42),
        ([("", 30), ("", 12), ("", None)], 42),
        ([("a", 30), ("", 12), ("", None)], 42),
        ([], 0),
    ],
)
def test_a_look_took_as_long_as_its_requests(heard, total):
    found = [Check("reachable", Outcome.PASS, "", "", took, name) for name, took in heard]

    assert sweeping.Answer(checks=found).latency_ms == total


def test_one_refusal_is_not_believed(bound, sandbox, current):
    binding = bound()
    sandbox.spoil(current(binding).secret.reveal(current(binding)))

    sweeping.sweep(seconds=20)

    token = current(binding)
    assert (token.verdict, token.suspect) == ("healthy", "token_revoked_or_expired")
    assert last(binding).is_doubted


def test_a_second_refusal_minutes_later_is(bound, sandbox, current, clock):
    binding = bound()
    sandbox.spoil(current(binding).secret.reveal(current(binding)))

    sweep_at(clock, NOW)
    sweep_at(clock, NOW + timedelta(minutes=1))
    assert current(binding).verdict == "healthy"
    sweep_at(clock, NOW + timedelta(minutes=6))

    assert current(binding).verdict == "token_revoked_or_expired"
    assert AuditEvent.objects.filter(action="token.failed").count() == 1


def test_a_refusal_that_was_a_hiccup_is_forgotten(bound, sandbox, current, clock):
    binding = bound()
    secret = current(binding).secret.reveal(current(binding))
    sandbox.spoil(secret)
    sweep_at(clock, NOW)
    sandbox.spoil(secret, None)

    sweep_at(clock, NOW + timedelta(minutes=6))

    assert (current(binding).verdict, current(binding).suspect) == ("healthy", "")


@pytest.mark.parametrize("fault", [Fault.OUTAGE, Fault.THROTTLED, Fault.TRUNCATED_JSON])
def test_silence_changes_no_verdict(bound, sandbox, current, clock, fault):
    binding = bound()
    sandbox.set_fault("contoso", fault)

    for hour in range(6):
        sweep_at(clock, NOW + timedelta(hours=hour))

    token = current(binding)
    assert (token.verdict, token.suspect) == ("healthy", "")
    assert token.silent_since is not None


def test_a_token_that_works_again_is_healthy_at_once(bound, sandbox, current, clock):
    binding = bound(verdict="token_revoked_or_expired", verdict_since=NOW)

    sweep_at(clock, NOW)

    assert current(binding).verdict == "healthy"
    assert AuditEvent.objects.filter(action="token.recovered").count() == 1


def test_a_healthy_token_is_looked_at_daily(bound, current, clock):
    binding = bound()

    sweep_at(clock, NOW)

    wait = current(binding).next_check_at - NOW
    assert timedelta(hours=19) < wait < timedelta(hours=23, minutes=30)


def test_a_name_that_changed_hands_is_another_organization(bound, sandbox, current, clock):
    binding = bound()
    sandbox.reuse_name("contoso")

    sweep_at(clock, NOW)
    sweep_at(clock, NOW + timedelta(minutes=6))

    assert current(binding).verdict == "organization_changed"


def test_a_repository_that_is_gone_brings_the_list_up_to_date(bound, sandbox, clock):
    binding = bound()
    sandbox.remove_repository("contoso", "tide-gauge")

    sweep_at(clock, NOW)
    sweep_at(clock, NOW + timedelta(minutes=1))

    known = binding.repositories
    assert known.get(name="tide-gauge").vanished_at is not None
    assert known.filter(name="quay-web", vanished_at=None).exists()


def test_a_repository_that_became_forbidden_brings_the_list_up_to_date(bound, clock, monkeypatch):
    binding = bound()
    ask, forbidden = httpx2.HTTPTransport.handle_request, []

    def forbid_once(transport, request):
        if not request.url.path.endswith("/refs") or forbidden:
            return ask(transport, request)
        forbidden.append(request.url.path)
        return httpx2.Response(403, content=b"TF401027: You need Read", request=request)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", forbid_once)
    sweep_at(clock, NOW)

    sweep_at(clock, NOW + timedelta(minutes=1))

    assert forbidden
    assert not Verification.objects.filter(binding=binding).exclude(verdict="healthy").exists()
    assert binding.repositories.filter(name="quay-web", vanished_at=None).exists()


def test_a_dead_worker_loses_its_tokens_to_the_next(bound, clock, current):
    binding = bound()
    clock.move_to(NOW)
    taken = sweeping.claim(10)

    assert sweep_at(clock, NOW + timedelta(minutes=1)) == 0
    assert sweep_at(clock, NOW + timedelta(minutes=4)) == 1

    assert len(taken) == 1
    assert current(binding).lease is None


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


def test_many_at_once_are_an_incident_of_the_platform(bound, sandbox, clock, current):
    names = ["contoso", "fabrikam", "empty-harbor", "empty-shelf", "windlass", "marked"]
    bindings = [bound(name) for name in names]
    for binding in bindings:
        sandbox.spoil(current(binding).secret.reveal(current(binding)))

    for minutes in (0, 6, 12, 18):
        clock.move_to(NOW + timedelta(minutes=minutes))
        watch_tokens()
        sweeping.sweep(seconds=20)
        watch_tokens()

    assert PlatformIncident.objects.get().ended_at is None
    assert {current(binding).verdict for binding in bindings} == {"healthy"}
    assert not AuditEvent.objects.filter(action="token.failed").exists()


def test_a_global_token_is_recognized(bound, sandbox, current, clock):
    binding = bound(token=sandbox.issue_token("contoso", everywhere=True), questions=1)

    sweep_at(clock, NOW)

    token = current(binding)
    assert token.is_global
    assert f"{token.expires_on}" == "2026-12-01"
    assert token.expiry_source == "retirement"


def test_an_owner_may_ask_for_everything(bound, alice, sandbox, committed, current):
    binding = bound(next_check_at=NOW + timedelta(hours=9))

    with committed():
        token = request_verification(binding, by=alice)
        again = request_verification(binding, by=alice)

    assert again.request == token.request
    assert last(binding).pk == token.request
    assert last(binding).reason == "request"
    assert {"administrator", "access_level"} <= {c["code"] for c in last(binding).checks}
    assert current(binding).request is None


def test_a_ciphertext_that_is_broken_is_an_incident_and_no_crash(bound, current):
    binding, other = bound(), bound("fabrikam")
    broken = current(binding)
    broken.secret = current(other).secret
    broken.save()

    sweeping.sweep(seconds=20)

    assert current(binding).unreadable_since is not None
    assert current(other).verdict == "healthy"
    assert AuditEvent.objects.filter(action="token.unreadable").count() == 1


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
