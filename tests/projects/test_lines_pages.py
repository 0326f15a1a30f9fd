"""The page "Lines of code": the sum and how it adds up, where it goes, and a count on demand."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from organizations.models import AuditEvent
from projects.models import Project, ProjectSize, UsageReading
from projects.requests import MOST
from projects.skips import Skip
from projects.turns import AT_ONCE
from projects.usage import usage_of
from tests.factories import (
    ProjectFactory,
    ReadingFactory,
    RepositoryFactory,
    SizeFactory,
)

pytestmark = pytest.mark.django_db

LINES = "/organizations/harbour/lines-of-code/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(harbour):
    """`project("crane", loc=120)`: a project with a count, private unless told."""

    def make(name, *, is_public=False, **size):
        repository = RepositoryFactory(binding=harbour.binding, name=name, is_public=is_public)
        made = ProjectFactory(organization=harbour, repository=repository, name=name, key=name)
        return SizeFactory(project=made, **size).project

    return make


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def rows_of(page):
    body = re.search(r"the largest first</caption>.*?<tbody>(.*?)</tbody>", page.text, re.DOTALL)[1]
    return re.findall(r'/projects/([^/"]+)/"', body)


def test_the_sum_is_told_with_how_it_adds_up(browser_of, bob, project):
    project("crane", loc=120_000)
    project("winch", loc=4_500)
    project("beacon", loc=70, is_public=True)

    page = browser_of(bob).get(LINES)

    said = text_of(page)
    assert "124,500 lines of code" in said
    assert "The largest branch of each of 2 private projects, summed; 1 public one is free." in said


def test_projects_come_by_size_and_the_uncounted_last(browser_of, bob, harbour, project):
    project("winch", loc=4_500)
    project("crane", loc=120_000, branch="develop")
    ProjectFactory(organization=harbour, key="sketch", name="sketch")

    page = browser_of(bob).get(LINES)

    assert rows_of(page) == ["crane", "winch", "sketch"]
    assert "develop" in page.text
    assert "96.4 %" in page.text
    assert "sketch : It waits for its first count." in text_of(page)


def test_what_could_not_be_counted_is_said_with_why_and_stands(browser_of, bob, project):
    project("crane", loc=1200, skipped=Skip.VANISHED)

    said = text_of(browser_of(bob).get(LINES))

    assert "1 project has no fresh count, and why" in said
    assert "It is gone, or the token may not see it any more. The 1,200 lines from before" in said


def test_side_branches_that_were_not_looked_at_are_said(browser_of, bob, project):
    project("crane", uncounted=7)
    project("winch", uncounted=4)

    assert "11 side branches changed too long ago" in text_of(browser_of(bob).get(LINES))


def test_languages_are_summed_over_private_projects_and_the_small_ones_together(
    browser_of, bob, project
):
    project("crane", loc=300, languages={f"L{n:02}": 100 - n for n in range(14)})
    project("winch", loc=40, languages={"L13": 40})
    project("beacon", loc=70, languages={"Public": 70}, is_public=True)

    said = text_of(browser_of(bob).get(LINES))

    by_language = said[said.index("By language") : said.index("By project")]
    assert by_language.index("L13 127") < by_language.index("L00 100")
    assert "2 others 177" in by_language
    assert "Public" not in by_language


def test_what_the_rules_left_out_is_summed_by_reason(browser_of, bob, project):
    project("crane", left_out={"test": {"files": 2, "code": 3000}})
    project(
        "winch", left_out={"test": {"files": 1, "code": 500}, "binary": {"files": 4, "code": 0}}
    )

    said = text_of(browser_of(bob).get(LINES))

    assert "Tests Tests, and what only tests need. 3 3,500" in said
    assert "No text Pictures, programs and the like. 4 0" in said


def test_a_project_that_did_not_change_for_months_is_idle(browser_of, bob, project):
    project("crane", changed_at=timezone.now() - timedelta(days=125))
    project("winch", changed_at=timezone.now() - timedelta(days=89))

    page = browser_of(bob).get(LINES)

    assert page.text.count("Idle for") == 1
    assert "Idle for 4 months" in page.text


def test_the_list_is_searched_and_goes_on_page_by_page(browser_of, bob, project):
    for number in range(53):
        project(f"crane-{number:02}", loc=1000 + number)
    project("winch", loc=5)
    browser = browser_of(bob)

    first = browser.get(LINES, {"q": "crane"})
    after = re.search(r"after=([^\"#]+)", first.text)[1]
    second = browser.get(f"{LINES}?q=crane&after={after}")
    found = browser.get(LINES, {"q": "winch"}, headers=HTMX)

    assert rows_of(first)[0] == "crane-52"
    assert len(rows_of(first)) == 50
    assert rows_of(second) == ["crane-02", "crane-01", "crane-00"]
    assert rows_of(found) == ["winch"]
    assert "<h1>" not in found.text


def test_without_projects_it_says_what_will_be_here(browser_of, alice, bob, harbour):
    assert "Add projects" in browser_of(alice).get(LINES).text
    assert "Its owners choose which repositories are analysed" in browser_of(bob).get(LINES).text


def grow(harbour, locs, **values):
    """Readings, the last of them yesterday."""
    today = timezone.now().date()
    for back, loc in enumerate(reversed(locs), 1):
        ReadingFactory(organization=harbour, day=today - timedelta(days=back), loc=loc, **values)


def test_the_chart_says_in_words_what_it_shows(browser_of, bob, harbour, project, time_machine):
    time_machine.move_to("2026-11-26T12:00Z", tick=False)
    project("crane", loc=1300)
    grow(harbour, [1000, 1100, 1200])

    page = browser_of(bob).get(LINES)

    assert (
        'aria-label="From 23 November 2026 to 26 November 2026: first 1,000 lines of code, '
        'last 1,300, 300 more."' in page.text
    )
    assert "After a week of days we say where this leads." in page.text
    assert "Thu 26 Nov 2026 1,300 100 more Wed 25 Nov 2026 1,200 100 more" in text_of(page)
    assert "style=" not in page.text


def test_after_a_week_it_says_where_this_leads(browser_of, bob, harbour, project, time_machine):
    time_machine.move_to("2026-11-26T12:00Z", tick=False)
    project("crane", loc=1900)
    grow(harbour, range(1000, 1900, 100))

    page = browser_of(bob).get(LINES)

    assert "At the pace of these days it is 3,000 more a month" in page.text
    assert "and 2,200 lines on 29 November 2026: that is the dashed part." in text_of(page)
    assert "chart__line--ahead" in page.text


def test_on_the_first_day_the_chart_begins(browser_of, bob, project):
    project("crane", loc=1300)

    page = browser_of(bob).get(LINES)

    assert "The chart begins today, with 1,300 lines; every day adds to it." in page.text
    assert "<polyline" not in page.text


@pytest.mark.parametrize(("days", "shown"), [("30", 30), ("90", 90), ("365", 200), ("7", 90)])
def test_one_sees_as_far_back_as_one_likes(browser_of, bob, harbour, project, days, shown):
    project("crane", loc=1300)
    grow(harbour, [1000] * 199)

    page = browser_of(bob).get(LINES, {"days": days})

    table = re.search(r"the newest first</caption>.*?</table>", page.text, re.DOTALL)[0]
    assert table.count("<tr>") == shown + 1
    assert page.text.count('aria-current="true"') >= 1


def test_readings_of_a_project_are_not_those_of_the_sum(browser_of, bob, harbour, project):
    grow(harbour, [5, 6, 7], project=project("crane", loc=1300))

    assert "The chart begins today" in browser_of(bob).get(LINES).text


def test_an_owner_has_everything_counted_now(browser_of, alice, project, counting, committed):
    project("crane")
    project("winch")
    browser = browser_of(alice)

    with committed():
        response = browser.post(f"{LINES}count/", follow=True)

    assert "0 of 2 projects done" in text_of(response)
    assert "Count now" not in response.text
    assert {task.name for task, _ in counting} == {"projects.tasks.count_due"}
    assert ProjectSize.objects.due().count() == 2
    event = AuditEvent.objects.get(action="lines.count_requested")
    assert (event.actor, event.data) == (alice, {"projects": 2})


def test_all_are_counted_now_only_so_often(browser_of, alice, project):
    project("crane")
    browser = browser_of(alice)
    for _ in range(MOST):
        browser.post(f"{LINES}count/")
        ProjectSize.objects.update(requested_at=None)

    page = browser.post(f"{LINES}count/", follow=True)

    assert "counted very often in the last hour" in page.text
    assert not ProjectSize.objects.get().is_requested


def test_asking_twice_asks_once(browser_of, alice, project, counting, committed):
    project("crane")
    browser = browser_of(alice)

    with committed():
        browser.post(f"{LINES}count/")
        browser.post(f"{LINES}count/")

    assert AuditEvent.objects.filter(action="lines.count_requested").count() == 1
    assert len(counting) == AT_ONCE


def test_the_page_follows_until_everything_is_counted(browser_of, bob, project):
    waiting = project("crane").size
    project("winch")
    ProjectSize.objects.filter(pk=waiting.pk).update(requested_at=timezone.now())
    browser = browser_of(bob)

    half = browser.get(f"{LINES}?counting=1&days=30", headers=HTMX)
    ProjectSize.objects.update(requested_at=None)
    done = browser.get(f"{LINES}?counting=1&days=30", headers=HTMX)

    assert "Counting: 1 of 2 projects done." in text_of(half)
    assert 'hx-trigger="every 2s"' in half.text and "counting=1&amp;days=30" in half.text
    assert done["HX-Retarget"] == "#usage"
    assert "every 2s" not in done.text and ">Counted</h2>" in done.text


def test_a_member_is_offered_no_count(browser_of, bob, project):
    project("crane")

    assert "Count now" not in browser_of(bob).get(LINES).text


def test_the_overview_has_the_figure_with_a_small_chart(
    browser_of, bob, harbour, project, settings
):
    # Where something is sold it is shown against the limit.
    settings.BILLING = False
    project("crane", loc=1300)
    grow(harbour, [1000, 1100])
    browser = browser_of(bob)

    panel = browser.get(f"{LINES}?panel=1", headers=HTMX)

    assert f'hx-get="{LINES}?panel=1"' in browser.get("/organizations/harbour/").text
    assert "1,300 in 1 private project" in text_of(panel)
    assert "<polyline" in panel.text and "<text" not in panel.text


def test_what_is_anothers_is_not_summed(browser_of, bob, project):
    project("crane", loc=1300)
    SizeFactory(loc=99_999)

    assert "99,999" not in browser_of(bob).get(LINES).text


def test_from_the_button_to_the_figure(sandbox, browser_of, alice, fabrikam, counting, committed):
    browser = browser_of(alice)

    with committed():
        browser.post(f"{LINES}count/")
    counting.work()

    page = browser.get(LINES)
    assert f"{usage_of(fabrikam.pk).loc:,} lines of code" in text_of(page)
    assert not ProjectSize.objects.exclude(requested_at=None).exists()
    counted = Project.objects.filter(organization=fabrikam, size__loc__gt=0).first()
    assert sum(counted.size.languages.values()) == counted.size.loc
    assert UsageReading.objects.filter(organization=fabrikam, project=None).count() == 1
    assert "Count now" in page.text


def test_the_list_of_projects_has_their_lines(browser_of, bob, harbour, project):
    project("crane", loc=1300)
    ProjectFactory(organization=harbour, key="sketch", name="sketch")

    said = text_of(browser_of(bob).get("/organizations/harbour/projects/"))

    assert "Private 1,300" in said
    assert "Private not yet" in said
