"""Looking at tokens: when, how cheaply, and what follows from an answer."""

from datetime import timedelta

import httpx2
import pytest
from django.utils import timezone

from bindings import sweeping
from bindings.checks import Check, Outcome
from bindings.models import PlatformIncident, Verification
from bindings.replacing import request_verification
from bindings.tasks import watch_tokens
from bindings.use import note_refusal
from organizations.models import AuditEvent
from sandbox.testing import Fault
from tests.bindings.conftest import sweep_at

NOW = timezone.now() + timedelta(hours=1)


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


def test_what_is_used_and_refused_is_found_out_soon_though_the_clock_was_set_back(
    bound, sandbox, current, clock
):
    binding = bound()
    sandbox.spoil(current(binding).secret.reveal(current(binding)))
    sweep_at(clock, NOW)

    clock.move_to(earlier := NOW - timedelta(days=3))
    note_refusal(current(binding))
    for minutes in (6, 12):
        sweep_at(clock, earlier + timedelta(minutes=minutes))

    assert current(binding).verdict == "token_revoked_or_expired"


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
