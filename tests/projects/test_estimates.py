"""Lines of code counted before they are bought: all of them once, whatever happens on the way."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from bindings.inventory import repository_row
from bindings.models import PersonalAccessToken
from bindings.platforms import open_azure
from bindings.providers.base import NoAnswer, NoTurn, Refused, Verdict
from core import leases
from core.leases import Lease, LeaseLost
from core.secrets import SecretUnreadable
from projects import estimating
from projects.models import Estimate, EstimatedRepository
from projects.progress import progress_of
from projects.skips import Skip
from sandbox.testing import Fault, Flaw

pytestmark = pytest.mark.django_db

State = EstimatedRepository.State


@pytest.fixture
def platform(sandbox):
    """`platform()`: an organization as its healthy token sees it."""

    def opened(organization="contoso", label="healthy"):
        return open_azure(organization, sandbox.token(label))

    return opened


@pytest.fixture
def estimated(platform):
    """An estimate of all of an organization's repositories, and how to ask for their code."""

    def start(organization="contoso", label="healthy"):
        opened = platform(organization, label)
        rows = [repository_row(each) for each in opened.inventory().repositories]
        return estimating.start_estimate(rows), lambda question: question(opened)

    return start


def count_all(estimate, ask):
    """As long as anything can be counted now, and once more what was put off."""
    for _ in range(estimating.ATTEMPTS):
        while estimating.count_next(estimate.pk, ask):
            pass
        estimate.repositories.open().update(next_attempt_at=timezone.now())
    estimate.refresh_from_db()


def row_of(estimate, name):
    return estimate.repositories.get(name=name)


def test_everything_private_is_counted_and_everything_else_told(sandbox, estimated):
    sandbox.remove_repository("contoso", "yard-maps")
    estimate, ask = estimated()

    count_all(estimate, ask)

    assert estimate.state == Estimate.State.DONE
    assert not estimate.repositories.open().exists()
    progress = progress_of(estimate)
    assert progress.loc == progress.low == progress.high > 0
    assert progress.loc == sum(row.code or 0 for row in estimate.repositories.all())
    reasons = set(estimate.repositories.exclude(skipped="").values_list("skipped", flat=True))
    assert reasons == {Skip.PUBLIC, Skip.EMPTY, Skip.DISABLED}


def test_the_largest_branch_counts_and_the_others_are_kept(estimated):
    estimate, ask = estimated()

    count_all(estimate, ask)

    row = row_of(estimate, "berth-planner")
    assert row.branch == "feature/pilots"
    sizes = {each["branch"]: each["code"] for each in row.branches}
    assert row.code == max(sizes.values())
    assert set(sizes) == {"main", "feature/pilots"}
    assert row.languages[0][0] == "Python"


def test_the_largest_repositories_come_first(estimated):
    estimate, ask = estimated()

    estimating.count_next(estimate.pk, ask)

    private = estimate.repositories.filter(is_public=False)
    sizes = private.values_list("size", flat=True)
    assert private.get(state=State.COUNTED).size == max(sizes)


def test_a_refused_token_ends_the_estimate_and_not_one_repository_after_the_other(
    sandbox, estimated
):
    estimate, ask = estimated("thousand", "thousand")
    sandbox.spoil_token("thousand", Flaw.REVOKED)

    for _ in range(estimating.MOST_REFUSALS):
        estimating.count_next(estimate.pk, ask)
        assert not EstimatedRepository.objects.claimable().exists()
        estimate.repositories.open().update(next_attempt_at=timezone.now())

    estimate.refresh_from_db()
    assert estimate.state == Estimate.State.DONE
    progress = progress_of(estimate)
    assert (progress.failed, progress.high) == (1000, None)
    assert set(estimate.repositories.values_list("attempts", flat=True)) == {0, 1}


def test_one_that_is_always_refused_comes_after_the_others(estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    first = estimate.repositories.open().order_by("position").first()
    asked = []

    def refuses_the_first(question):
        row = estimate.repositories.in_hand().get()
        asked.append(row.pk)
        if row.pk == first.pk:
            raise Refused(Verdict.MISSING_SCOPE)
        return ask(question)

    count_all(estimate, refuses_the_first)

    first.refresh_from_db()
    assert first.skipped == Skip.REFUSED
    assert asked[1] != first.pk
    assert estimate.repositories.filter(skipped=Skip.REFUSED).count() == 1


@pytest.mark.parametrize("lack", [PersonalAccessToken.DoesNotExist, SecretUnreadable])
def test_without_a_token_that_can_be_read_it_ends_like_a_refused_one(estimated, lack):
    estimate, _ = estimated("fabrikam", "fabrikam")

    def lacking(question):
        raise lack

    for _ in range(estimating.MOST_REFUSALS):
        estimating.count_next(estimate.pk, lacking)
        estimate.repositories.open().update(next_attempt_at=timezone.now())

    estimate.refresh_from_db()
    assert estimate.state == Estimate.State.DONE
    assert estimate.repositories.filter(skipped=Skip.REFUSED).exists()


def test_what_takes_longer_than_a_task_may_is_put_off_and_told(estimated):
    estimate, _ = estimated("fabrikam", "fabrikam")

    def endless(question):
        raise SoftTimeLimitExceeded

    estimating.count_next(estimate.pk, endless)
    assert estimate.repositories.get(attempts=1).state == State.WAITING
    count_all(estimate, endless)

    assert estimate.state == Estimate.State.DONE
    assert estimate.repositories.filter(skipped=Skip.TOOK_TOO_LONG).exists()


def test_waiting_for_a_turn_of_ours_spends_no_attempt(estimated):
    estimate, _ = estimated("fabrikam", "fabrikam")

    def no_turn(question):
        raise NoTurn

    estimating.count_next(estimate.pk, no_turn)

    assert set(estimate.repositories.values_list("attempts", flat=True)) == {0}


def test_what_was_counted_by_other_rules_is_counted_again(sandbox, estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    count_all(estimate, ask)
    counted = list(estimate.repositories.filter(state=State.COUNTED))
    for row in counted:
        for each in row.branches:
            each["count"] = {**each["count"], "version": "of old", "languages": {}}
        row.state, row.code, row.attempts = State.WAITING, None, 0
        row.save()
    Estimate.objects.update(state=Estimate.State.COUNTING)

    count_all(estimate, ask)

    assert progress_of(estimate).loc > 0


def test_one_that_waits_is_missed_whatever_the_clock_once_said(estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    Estimate.objects.update(binding=None)
    estimating.count_next(estimate.pk, ask)
    now = timezone.now()
    estimate.repositories.filter(state=State.COUNTED).update(counted_at=now + timedelta(days=1))
    estimate.repositories.open().update(next_attempt_at=now - timedelta(hours=1))

    assert list(estimating.stalled()) == [estimate]


def test_while_the_platform_slows_us_down_no_attempt_is_spent(sandbox, estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    sandbox.set_fault("fabrikam", Fault.THROTTLED)

    estimating.count_next(estimate.pk, ask)

    assert not EstimatedRepository.objects.claimable().exists()
    assert sum(estimate.repositories.values_list("attempts", flat=True)) == 0


def test_what_one_attempt_counted_the_next_one_does_not(sandbox, estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    row = estimate.repositories.open().order_by("position").first()

    def breaks_off(question):
        if [r for r in sandbox.requests if r.path.endswith("/items")]:
            raise NoAnswer(Verdict.UNAVAILABLE)
        return ask(question)

    sandbox.requests.clear()
    estimating.count_next(estimate.pk, breaks_off)
    row.refresh_from_db()
    assert (row.state, len(row.branches)) == (State.WAITING, 1)
    sandbox.requests.clear()
    estimate.repositories.exclude(pk=row.pk).update(attempts=9)
    estimate.repositories.open().update(next_attempt_at=timezone.now())

    estimating.count_next(estimate.pk, ask)

    row.refresh_from_db()
    assert row.state == State.COUNTED
    assert len([r for r in sandbox.requests if r.path.endswith("/items")]) == len(row.branches) - 1


def test_no_answer_is_waited_for_and_in_the_end_told(sandbox, estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    sandbox.fail_next("fabrikam", 1000)

    estimating.count_next(estimate.pk, ask)

    tried = estimate.repositories.get(attempts=1)
    assert tried.state == State.WAITING
    assert tried.next_attempt_at > timezone.now() + timedelta(seconds=5)
    estimate.repositories.open().update(
        next_attempt_at=timezone.now(), attempts=estimating.ATTEMPTS - 1
    )
    count_all(estimate, ask)
    assert estimate.state == Estimate.State.DONE
    assert set(estimate.repositories.values_list("skipped", flat=True)) >= {Skip.NO_ANSWER}


def test_a_worker_that_died_loses_nothing_and_one_that_was_slow_doubles_nothing(estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    first = estimate.repositories.open().order_by("position").first()
    dead = leases.claim(EstimatedRepository.objects.claimable(), first.pk)
    count_all(estimate, ask)
    assert estimate.state == Estimate.State.COUNTING

    EstimatedRepository.objects.filter(pk=dead.pk).update(
        leased_until=timezone.now() - timedelta(seconds=1)
    )
    count_all(estimate, ask)

    assert estimate.state == Estimate.State.DONE
    with pytest.raises(LeaseLost):
        Lease(dead).write(code=1)


def test_no_more_than_a_few_of_one_estimate_are_counted_at_once(estimated):
    estimate, ask = estimated("thousand", "thousand")
    rows = EstimatedRepository.objects.claimable().filter(estimate=estimate)
    for pk in rows.values_list("pk", flat=True)[: estimating.AT_ONCE]:
        leases.claim(EstimatedRepository.objects.claimable(), pk)

    assert estimating.count_next(estimate.pk, partial(pytest.fail)) is False
    assert not estimate.repositories.filter(state=State.COUNTED).exists()


def test_a_repository_that_took_down_each_worker_is_given_up(estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    unlucky = estimate.repositories.open().order_by("position").first()
    EstimatedRepository.objects.filter(pk=unlucky.pk).update(attempts=estimating.ATTEMPTS)

    count_all(estimate, ask)

    unlucky.refresh_from_db()
    assert (unlucky.state, unlucky.skipped) == (State.SKIPPED, Skip.TOOL_FAILED)
    assert estimate.state == Estimate.State.DONE


def test_stopping_keeps_what_was_counted(estimated):
    estimate, ask = estimated("fabrikam", "fabrikam")
    estimating.count_next(estimate.pk, ask)

    assert estimating.cancel_estimate(estimate.pk)
    assert not estimating.cancel_estimate(estimate.pk)

    count_all(estimate, ask)
    assert estimate.state == Estimate.State.CANCELLED
    assert estimate.repositories.filter(state=State.COUNTED).count() == 1


def test_an_estimate_of_nothing_is_done(db):
    assert estimating.start_estimate([]).repositories.count() == 0
    assert Estimate.objects.get().state == Estimate.State.DONE


def test_a_range_is_told_once_enough_is_counted(estimated):
    estimate, ask = estimated("thousand", "thousand")
    assert progress_of(estimate).high is None

    for _ in range(6):
        estimating.count_next(estimate.pk, ask)

    progress = progress_of(estimate)
    assert progress.loc <= progress.low <= progress.high
    assert (progress.done, progress.total) == (6, 1000)
    assert progress.seconds_left > 0


def test_counting_what_is_unknown_changes_nothing(db):
    assert estimating.count_next(uuid.uuid4(), partial(pytest.fail)) is False
