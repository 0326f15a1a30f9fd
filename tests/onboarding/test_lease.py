"""Everything may happen twice, at once, late or never."""

from datetime import timedelta

import pytest
from celery import Task
from django.utils import timezone
from kombu.exceptions import OperationalError

from bindings.providers.azure import AzureDevOps
from core.leases import LeaseLost
from onboarding import verifying
from onboarding.models import Import
from onboarding.operations import abandon_import, check_again, replace_token
from onboarding.tasks import sweep_imports, verify_import
from onboarding.verifying import ImportLease
from organizations.models import AuditEvent
from tests.factories import ImportFactory


@pytest.fixture
def queued(sandbox, alice):
    """An import whose task was lost before any worker saw it."""

    def queue(label="healthy", organization="contoso", **values):
        secret = sandbox.token(label)
        values.setdefault("next_attempt_at", timezone.now() - timedelta(minutes=1))
        return ImportFactory(user=alice, external_name=organization, secret=secret, **values)

    return queue


def test_an_import_that_was_never_queued_is_found_by_the_sweep(queued):
    import_ = queued()

    sweep_imports()

    import_.refresh_from_db()
    assert import_.state == "ready"


def test_an_import_started_without_a_broker_is_kept_and_found(
    sandbox, browser_of, alice, committed, monkeypatch
):
    def unreachable(*args, **kwargs):
        raise OperationalError("Connection refused.")

    typed = {"organization": "contoso", "token": sandbox.token("healthy")}
    with monkeypatch.context() as without_broker, committed():
        without_broker.setattr(Task, "apply_async", unreachable)
        response = browser_of(alice).post("/imports/new/", typed)

    assert response.status_code == 302
    assert Import.objects.get().state == "checking"
    Import.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=1))
    sweep_imports()
    assert Import.objects.get().state == "ready"


def test_an_import_whose_worker_died_is_taken_over_when_its_lease_runs_out(queued):
    import_ = queued()
    dead = verifying.claim(import_.pk)

    sweep_imports()
    import_.refresh_from_db()
    assert import_.state == "checking"

    Import.objects.filter(pk=import_.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    sweep_imports()
    import_.refresh_from_db()
    assert import_.state == "ready"
    with pytest.raises(LeaseLost):
        ImportLease(dead).write(state="refused")


def test_two_workers_cannot_both_claim(queued):
    import_ = queued()

    first, second = verifying.claim(import_.pk), verifying.claim(import_.pk)

    assert first is not None
    assert second is None


def test_a_task_that_runs_again_asks_nothing_and_changes_nothing(queued, sandbox):
    import_ = queued()
    verify_import(import_id=str(import_.pk))
    sandbox.requests.clear()

    verify_import(import_id=str(import_.pk))

    assert list(sandbox.requests) == []
    assert AuditEvent.objects.filter(action="import.verified").count() == 1


def test_what_a_worker_finds_after_the_person_stopped_is_not_kept(queued, alice):
    import_ = queued()
    at_work = verifying.claim(import_.pk)

    abandon_import(import_, by=alice)

    with pytest.raises(LeaseLost):
        ImportLease(at_work).write(state="ready")
    import_.refresh_from_db()
    assert (import_.state, import_.secret) == ("expired", None)


def test_silence_is_no_verdict_and_is_tried_again(queued, sandbox):
    import_ = queued()
    sandbox.fail_next("contoso", 3)

    delay = verifying.verify_import(import_.pk)

    import_.refresh_from_db()
    assert delay >= verifying.FIRST_DELAY
    assert (import_.state, import_.verdict) == ("checking", "unavailable")
    assert import_.is_waiting_to_retry
    assert import_.secret is not None


def test_after_five_silent_attempts_it_is_left_to_the_person(queued, sandbox):
    import_ = queued("outage", "outage", attempts=4)

    assert verifying.verify_import(import_.pk) is None

    import_.refresh_from_db()
    assert (import_.state, import_.was_judged) == ("refused", False)
    assert import_.secret is not None


def test_the_same_token_may_be_tried_again(queued, sandbox, alice, committed):
    import_ = queued(state="refused", verdict="unavailable")

    with committed():
        check_again(import_, by=alice)

    import_.refresh_from_db()
    assert import_.state == "ready"


def test_another_token_for_the_same_import_keeps_what_was_typed(queued, sandbox, alice, committed):
    import_ = queued("revoked", state="refused", name="Typed", key="typed", has_details=True)

    with committed():
        replace_token(import_, organization="contoso", token=sandbox.token("healthy"), by=alice)

    import_.refresh_from_db()
    assert (import_.state, import_.name, import_.key) == ("ready", "Typed", "typed")


def test_a_token_that_is_pasted_while_another_is_verified_takes_its_place(
    queued, sandbox, alice, committed
):
    import_ = queued("revoked")
    at_work = verifying.claim(import_.pk)

    with committed():
        replace_token(import_, organization="contoso", token=sandbox.token("healthy"), by=alice)

    import_.refresh_from_db()
    assert import_.state == "ready"
    with pytest.raises(LeaseLost):
        ImportLease(at_work).write(state="refused")


def test_a_bug_of_ours_is_put_off_and_left_to_the_person_in_the_end(queued, monkeypatch):
    def broken(self):
        raise RuntimeError("Nobody thought of this.")

    monkeypatch.setattr(AzureDevOps, "inventory", broken)
    import_ = queued()

    assert verifying.verify_import(import_.pk) >= verifying.FIRST_DELAY
    Import.objects.update(attempts=4, next_attempt_at=timezone.now())
    assert verifying.verify_import(import_.pk) is None

    import_.refresh_from_db()
    assert (import_.state, import_.was_judged) == ("refused", False)


def test_an_import_that_takes_every_worker_down_is_not_given_to_a_sixth(queued, sandbox):
    import_ = queued(attempts=5)
    sandbox.requests.clear()

    verifying.verify_import(import_.pk)

    import_.refresh_from_db()
    assert import_.state == "refused"
    assert list(sandbox.requests) == []


def test_an_import_nobody_touches_for_a_day_is_wiped_with_its_token(queued):
    yesterday = timezone.now() - timedelta(hours=25)
    abandoned = queued(state="ready", touched_at=yesterday, repositories=[{"name": "crane"}])
    fresh = queued(state="ready")

    sweep_imports()

    abandoned.refresh_from_db()
    fresh.refresh_from_db()
    assert (abandoned.state, abandoned.secret, abandoned.repositories) == ("expired", None, [])
    assert (fresh.state, bool(fresh.secret)) == ("ready", True)


def test_a_stored_token_that_cannot_be_read_is_said_so_and_wiped(alice, sandbox):
    import_, other = ImportFactory(user=alice), ImportFactory(user=alice)
    sandbox.requests.clear()
    Import.objects.filter(pk=import_.pk).update(secret=other_secret(other))

    verifying.verify_import(import_.pk)

    import_.refresh_from_db()
    assert (import_.state, import_.secret, import_.verdict) == ("refused", None, "")
    assert "can't be read any more" in import_.failed_checks[0]["message"]
    assert list(sandbox.requests) == []


def other_secret(import_):
    """The ciphertext of another row, as somebody with the database might copy it."""
    return Import.objects.get(pk=import_.pk).secret
