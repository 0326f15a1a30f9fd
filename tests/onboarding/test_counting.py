"""Lines of code inside the import: counted meanwhile, watched, stopped, carried over."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from bindings.platforms import open_azure
from core import leases
from onboarding.models import Import
from onboarding.operations import (
    abandon_import,
    create_at_once,
    estimate_again,
    replace_token,
    start_import,
    stop_estimate,
)
from onboarding.tasks import begin_import, order_for_import, sweep_imports
from organizations.models import AuditEvent
from projects import ordering
from projects.models import Estimate, EstimatedRepository
from projects.progress import progress_of
from projects.turns import AT_ONCE
from sandbox.testing import Fault
from tests.factories import ImportFactory

State = Estimate.State


@pytest.fixture
def ready(sandbox, alice, committed):
    """An import of fabrikam whose token was just found to be good."""

    def start(organization="fabrikam"):
        with committed():
            import_ = start_import(
                organization=organization, token=sandbox.token(organization), by=alice
            )
        return Import.objects.get(pk=import_.pk)

    return start


@pytest.fixture
def yard(sandbox):
    """An organization of many small old repositories, a large one, and the newest."""
    sandbox.add_organization("yard", repositories=ordering.FEWEST)
    token = sandbox.issue_token("yard")
    project = open_azure("yard", token).inventory().repositories[0].project_name
    large = "".join(f"n{number} = {number * 7919}\n" for number in range(2000))
    sandbox.add_repository("yard", project, "large", {"main.py": large})
    sandbox.add_repository("yard", project, "newest", {"main.py": "x = 1\n"})
    sandbox.commit("yard", "newest", {"main.py": "x = 2\n"})
    return token


def first_two(import_):
    rows = import_.estimate.repositories.order_by("position")
    return list(rows.values_list("name", flat=True)[:2])


def plan_of(browser, import_):
    return browser.get(reverse("onboarding:plan", args=[import_.pk]))


def with_details(import_):
    Import.objects.filter(pk=import_.pk).update(name="Fabrikam", key="fabrikam", has_details=True)
    return import_


def test_counting_begins_by_itself_and_the_sum_is_there_before_the_plan(
    browser_of, program_of, alice, ready, counting
):
    import_ = with_details(ready())
    assert "lines so far" in plan_of(browser_of(alice), import_).text

    assert counting.work() >= 3

    import_.refresh_from_db()
    assert import_.estimate.state == State.DONE
    loc = progress_of(import_.estimate).loc
    page = plan_of(browser_of(alice), import_).text
    assert f"{loc:,}" in page
    assert "feature/pilots" in page
    assert re.search(r'<span class="mono">main</span> has \d+', page)
    answer = program_of(alice).get(f"/api/v1/imports/{import_.pk}").json()
    assert answer["estimate"]["loc"] == answer["estimate"]["low"] == loc > 0
    assert answer["estimate"]["state"] == "done"


def test_the_plan_need_not_wait(browser_of, alice, ready):
    import_ = with_details(ready())

    response = browser_of(alice).post(
        reverse("onboarding:plan", args=[import_.pk]), {"plan": "free"}
    )

    assert response["Location"] == reverse("onboarding:create", args=[import_.pk])


def test_counting_goes_on_with_the_organizations_token_once_it_is_here(alice, ready, counting):
    import_ = ready()
    counting.work(most=1)
    organization = create_at_once(import_, by=alice, name="Fabrikam", key="fabrikam")

    counting.work()

    estimate = Estimate.objects.get(binding=organization.binding)
    assert estimate.state == State.DONE
    assert progress_of(estimate).loc > 0


def test_the_change_to_another_token_makes_no_second_chain(alice, ready, counting):
    import_ = ready()
    create_at_once(import_, by=alice, name="Fabrikam", key="fabrikam")

    counting.work(most=AT_ONCE)

    assert {task.name for task, _ in counting} == {"projects.tasks.count_for_estimate"}
    assert len(counting) == AT_ONCE


def test_who_finds_every_place_taken_comes_back(ready, counting):
    import_ = ready()
    begin_import(import_id=str(import_.pk))
    assert len(counting) == AT_ONCE
    rows = EstimatedRepository.objects.claimable()
    held = [leases.claim(rows, row.pk).pk for row in rows[:AT_ONCE]]

    counting.work()

    assert len(counting.later) == AT_ONCE
    EstimatedRepository.objects.filter(pk__in=held).update(lease=None, leased_until=None)
    counting.come_back()
    counting.work()
    import_.refresh_from_db()
    assert import_.estimate.state == State.DONE


def test_what_is_put_off_is_counted_when_its_time_comes(sandbox, ready, counting):
    import_ = ready()
    sandbox.set_fault("fabrikam", Fault.OUTAGE)
    counting.work()
    assert len(counting.later) == AT_ONCE

    sandbox.set_fault("fabrikam", None)
    EstimatedRepository.objects.update(next_attempt_at=timezone.now())
    counting.come_back()
    counting.work()

    import_.refresh_from_db()
    assert import_.estimate.state == State.DONE


def test_it_is_stopped_and_begun_again(browser_of, alice, ready, counting, committed):
    import_ = with_details(ready())
    counting.work(most=1)
    browser, here = browser_of(alice), reverse("onboarding:estimate", args=[import_.pk])

    browser.post(here, {"act": "stop"})
    counting.work()
    page = plan_of(browser, import_).text
    assert "Counting was stopped" in page
    with committed():
        browser.post(here, {"act": "again"})
    counting.work()

    import_.refresh_from_db()
    assert import_.estimate.state == State.DONE
    assert Estimate.objects.count() == 1
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert {"estimate.stopped", "estimate.started"} <= set(actions)


def test_the_newest_and_the_largest_come_first(yard, browser_of, alice, committed, counting):
    with committed():
        import_ = with_details(start_import(organization="yard", token=yard, by=alice))
    import_.refresh_from_db()
    assert first_two(import_) == ["newest", "large"]

    counting.work()

    page = plan_of(browser_of(alice), import_).text
    assert re.search(r'<time datetime="2026-0[^"]+">\d+ \w+ 2026</time>', page)


def test_they_do_when_it_is_begun_again(yard, alice, committed):
    with committed():
        import_ = start_import(organization="yard", token=yard, by=alice)
    import_.refresh_from_db()
    stop_estimate(import_, by=alice)

    with committed():
        estimate_again(import_, by=alice)

    import_.refresh_from_db()
    assert first_two(import_) == ["newest", "large"]


def test_an_organization_made_meanwhile_asks_with_its_own_token(yard, sandbox, alice, committed):
    with committed():
        import_ = start_import(organization="yard", token=yard, by=alice)
    import_.refresh_from_db()
    estimate = import_.estimate
    create_at_once(import_, by=alice, name="Yard", key="yard")
    cache.delete(f"pushes-{estimate.pk}")
    estimate.repositories.update(pushed_at=None)

    order_for_import(import_id=str(import_.pk))

    assert estimate.repositories.exclude(pushed_at=None).count() == ordering.FEWEST + 2


def test_an_import_that_was_abandoned_asks_nothing(yard, sandbox, alice, committed):
    with committed():
        import_ = start_import(organization="yard", token=yard, by=alice)
    abandon_import(import_, by=alice)
    sandbox.requests.clear()

    order_for_import(import_id=str(import_.pk))

    assert not sandbox.requests


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_estimate_is_its_persons_alone(browser_of, charlie, ready, method):
    import_ = ready()

    response = getattr(browser_of(charlie), method)(
        reverse("onboarding:estimate", args=[import_.pk]), {"act": "stop"}
    )

    assert response.status_code == 404
    assert Estimate.objects.get().state == State.COUNTING


def test_nothing_counted_outlives_an_abandoned_import(alice, ready, counting):
    import_ = ready()
    counting.work(most=1)

    abandon_import(import_, by=alice)
    counting.work()

    assert not Estimate.objects.exists()
    assert not EstimatedRepository.objects.exists()


def test_another_token_begins_another_estimate(sandbox, alice, ready, counting, committed):
    import_ = ready()
    before = import_.estimate.pk

    with committed():
        replace_token(
            import_, organization="fabrikam", token=sandbox.issue_token("fabrikam"), by=alice
        )
    counting.work()

    import_.refresh_from_db()
    assert import_.estimate.pk != before
    assert list(Estimate.objects.values_list("state", flat=True)) == [State.DONE]


def test_what_the_broker_lost_is_found_again(ready, counting):
    import_ = ready()
    counting.clear()
    long_ago = timezone.now() - timedelta(minutes=5)
    EstimatedRepository.objects.update(next_attempt_at=long_ago)

    sweep_imports()
    counting.work()

    import_.refresh_from_db()
    assert import_.estimate.state == State.DONE


def test_an_import_without_an_estimate_shows_none(browser_of, alice):
    import_ = with_details(ImportFactory(user=alice, ready=True))

    assert plan_of(browser_of(alice), import_).status_code == 200
    response = browser_of(alice).get(reverse("onboarding:estimate", args=[import_.pk]))
    assert response["Location"] == reverse("onboarding:plan", args=[import_.pk])
