"""Which repositories of an estimate are counted first: the newest and the largest, in turns."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from bindings.inventory import repository_row, store_repositories
from bindings.platforms import open_azure
from projects import estimating, ordering
from projects.estimates import estimate_all, stop_estimate
from projects.models import Estimate
from projects.ordering import in_turns
from projects.progress import progress_of
from projects.tasks import order_for_estimate
from sandbox.testing import Fault, Flaw

SHEDS = [f"shed-{number:02}" for number in range(12)]


@pytest.fixture
def free(sandbox, fabrikam):
    """Twelve repositories that are no projects: the larger, the older."""
    for number, name in enumerate(SHEDS):
        add_shed(sandbox, name, number)
    found = open_azure("fabrikam", sandbox.token("fabrikam")).inventory().repositories
    store_repositories(fabrikam.binding, [repository_row(each) for each in found])
    sandbox.requests.clear()
    return fabrikam.binding


def add_shed(sandbox, name, number):
    """The sandbox dates a commit by how much there is already: here `number` small files."""
    noise = [hashlib.sha256(f"{name} {line}".encode()).hexdigest() for line in range(1300)]
    code = "".join(f'n = "{line}"\n' for line in noise[: 100 * (13 - number)])
    small = {f"small-{at}.txt": f"{at}\n" for at in range(number)}
    sandbox.add_repository("fabrikam", "Harbor", name, {"main.py": code} | small)
    sandbox.commit("fabrikam", name, {"README.md": "# Shed\n"})


@pytest.fixture
def started(free, alice, committed):
    """`started()`: an estimate of the twelve, as an owner starts it."""

    def start():
        with committed():
            return estimate_all(free, by=alice)

    return start


def order_of(estimate):
    return list(estimate.repositories.order_by("position").values_list("name", flat=True))


def pushes(sandbox):
    return [request for request in sandbox.requests if request.path.endswith("/pushes")]


def picked(*numbers):
    return [SHEDS[number] for number in numbers]


NEWEST_AND_LARGEST = picked(11, 0, 10, 1, 9, 2, 8, 3, 7, 4, 6, 5)


def test_the_newest_and_the_largest_are_counted_in_turns(started, counting):
    estimate = started()

    counting.work()

    counted = estimate.repositories.order_by("counted_at")
    assert list(counted.values_list("name", flat=True)) == NEWEST_AND_LARGEST
    assert progress_of(estimate).dated == len(SHEDS)
    row = estimate.repositories.get(name=SHEDS[11])
    assert datetime(2026, 2, 1, tzinfo=UTC) < row.pushed_at < datetime(2026, 4, 1, tzinfo=UTC)


def test_counting_does_not_wait_for_the_dates(free, sandbox):
    rows = list(free.repositories.filter(as_project=None).values(*estimating.ROW))
    estimate = estimating.start_estimate(rows, binding=free)
    platform = open_azure("fabrikam", sandbox.token("fabrikam"))
    estimating.count_next(estimate.pk, lambda question: question(platform))

    order_for_estimate(estimate_id=str(estimate.pk))

    assert estimate.repositories.get(state="counted").name == SHEDS[0]
    waiting = order_of_waiting(estimate)
    assert waiting == picked(11, 1, 10, 2, 9, 3, 8, 4, 7, 5, 6)


def order_of_waiting(estimate):
    waiting = estimate.repositories.open().order_by("position")
    return list(waiting.values_list("name", flat=True))


def test_a_token_that_is_refused_leaves_the_largest_first(started, sandbox):
    sandbox.spoil_token("fabrikam", Flaw.REVOKED)

    estimate = started()

    assert order_of(estimate) == SHEDS
    assert len(pushes(sandbox)) == 1
    assert progress_of(estimate).dated == 0


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.OUTAGE])
def test_without_an_answer_the_largest_stay_first(started, sandbox, fault):
    sandbox.set_fault("fabrikam", fault)

    estimate = started()

    assert order_of(estimate) == SHEDS
    assert len({request.path for request in pushes(sandbox)}) == 1


def test_a_wish_for_a_pause_ends_the_questions(started, sandbox):
    sandbox.set_fault("fabrikam", Fault.DELAYED)

    estimate = started()

    assert len(pushes(sandbox)) == 1
    assert order_of(estimate) == SHEDS


def test_no_more_than_so_many_are_asked_about(started, sandbox, monkeypatch):
    monkeypatch.setattr(ordering, "FEWEST", 3)
    monkeypatch.setattr(ordering, "MOST", 3)

    estimate = started()

    assert len(pushes(sandbox)) == 3
    assert order_of(estimate) == picked(2, 0, 1, *range(3, 12))


def test_nobody_asks_for_long(started, sandbox, monkeypatch):
    monkeypatch.setattr(ordering, "LONGEST", 0.0)

    estimate = started()

    assert (pushes(sandbox), order_of(estimate)) == ([], SHEDS)


def test_one_that_is_gone_goes_by_its_size(started, sandbox):
    sandbox.remove_repository("fabrikam", SHEDS[11])

    estimate = started()

    assert order_of(estimate)[:4] == picked(10, 0, 9, 1)
    assert progress_of(estimate).dated == len(SHEDS) - 1


def test_few_repositories_are_not_asked_about(free, sandbox, alice, committed):
    free.repositories.filter(name__in=SHEDS[ordering.FEWEST - 1 :]).delete()

    with committed():
        estimate = estimate_all(free, by=alice)

    assert (pushes(sandbox), order_of(estimate)) == ([], SHEDS[: ordering.FEWEST - 1])


def test_asking_twice_asks_once(started, sandbox):
    estimate = started()
    sandbox.requests.clear()

    order_for_estimate(estimate_id=str(estimate.pk))

    assert (pushes(sandbox), order_of(estimate)) == ([], NEWEST_AND_LARGEST)


def test_asking_once_more_much_later_changes_nothing(started):
    estimate = started()
    cache.delete(f"pushes-{estimate.pk}")

    order_for_estimate(estimate_id=str(estimate.pk))

    assert order_of(estimate) == NEWEST_AND_LARGEST


def test_nobody_asks_for_what_was_stopped_or_is_gone(started, sandbox, alice):
    estimate = started()
    stop_estimate(estimate, by=alice)
    cache.delete(f"pushes-{estimate.pk}")
    sandbox.requests.clear()

    order_for_estimate(estimate_id=str(estimate.pk))
    Estimate.objects.all().delete()
    order_for_estimate(estimate_id=str(estimate.pk))

    assert pushes(sandbox) == []


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("", "", ""),
        ("abc", "", "abc"),
        ("", "abc", "abc"),
        ("abc", "abc", "abc"),
        ("cba", "abc", "cab"),
        ("da", "abcde", "dabce"),
        ("edcba", "abcde", "eadbc"),
    ],
)
def test_turns(first, second, both):
    assert "".join(in_turns(first, second)) == both


@given(st.permutations(range(20)), st.integers(0, 20))
def test_each_has_its_turn_once_and_none_waits_for_more_than_twice_its_rank(by_date, known):
    by_date, by_size = by_date[:known], list(range(20))

    order = in_turns(by_date, by_size)

    assert sorted(order) == by_size
    assert all(order.index(each) <= 2 * rank + 1 for rank, each in enumerate(by_size))
    assert all(order.index(each) <= 2 * rank for rank, each in enumerate(by_date))
