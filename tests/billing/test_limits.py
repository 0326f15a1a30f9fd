"""What owners hear of their limit and when, and what the page about lines of code shows of it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from billing.admission import admit_analysis
from billing.errors import LocLimitReached
from billing.limits import choose_notices, tell
from billing.models import LimitWatch
from billing.tasks import watch_limits
from organizations.models import AuditEvent
from projects.models import ProjectSize
from tests.billing.rows import SubscriptionFactory
from tests.factories import OrganizationFactory, ProjectFactory, ReadingFactory, SizeFactory
from tests.projects.test_adding_race import meet

LIMIT = "/organizations/harbour/billing/limit/"
NOTICES = "/organizations/harbour/billing/limit/notices/"


@pytest.fixture
def harbour(alice, bob, clock):
    """Free: 50,000 lines, and one private project."""
    organization = OrganizationFactory(key="harbour", name="Harbour", owner=alice, member=bob)
    SizeFactory(project__organization=organization, project__key="crane", loc=100)
    return organization


@pytest.fixture
def told(harbour, alice):
    """`told(45_000)`: the new notices' titles once that many lines are in use."""

    def use(loc):
        ProjectSize.objects.update(loc=loc, counted_at=timezone.now())
        before = set(Notification.objects.values_list("pk", flat=True))
        tell(harbour)
        new = Notification.objects.filter(user=alice).exclude(pk__in=before)
        return [each.title for each in new]

    return use


def grows(harbour, *, by, to, days=10):
    """Readings of the days before, up to so many lines today."""
    today = timezone.now().date()
    for ago in range(1, days):
        ReadingFactory(organization=harbour, day=today - timedelta(days=ago), loc=to - by * ago)


def unread(alice):
    return [each.title for each in Notification.objects.unread().filter(user=alice)]


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def test_each_threshold_is_told_once_and_again_when_it_was_well_below(told, clock):
    assert told(39_999) == []
    assert told(40_000) == ["Harbour: 80 % of its lines of code are in use"]
    assert told(40_000) == told(43_000) == told(38_000) == told(41_000) == []
    assert told(37_500) == []
    clock.shift(timedelta(days=1))
    assert told(40_500) == ["Harbour: 81 % of its lines of code are in use"]


def test_one_that_breaks_keeps_nobody_else_from_being_told(harbour, bob):
    LimitWatch.objects.create(organization=harbour, told={"no number": ""})
    later = OrganizationFactory(owner=bob)
    SizeFactory(project__organization=later, loc=45_000)
    ReadingFactory(organization=later, day=timezone.now().date(), loc=45_000)

    watch_limits()

    assert Notification.objects.filter(user=bob, kind="limit_near").count() == 1


def test_of_several_at_once_only_the_gravest_is_told(told):
    assert told(50_000) == ["Harbour: the limit of its lines of code is reached"]
    assert told(60_000) == []


def test_a_graver_one_takes_the_place_of_a_lesser(told, alice):
    told(40_000)
    told(45_000)

    assert unread(alice) == ["Harbour: 90 % of its lines of code are in use"]


def test_what_is_over_needs_nobody_any_more(told, alice):
    told(50_000)
    told(20_000)

    assert unread(alice) == []


def test_it_says_who_must_do_what_and_what_happens_at_the_limit(told, alice):
    told(46_000)

    notice = Notification.objects.get(user=alice)
    assert notice.text.startswith("An owner should choose a larger tier soon, or make room. ")
    assert "46,000 of 50,000 private lines of code are in use. Team 100k would do." in notice.text
    assert "nothing is deleted, and nothing more is charged" in notice.text
    assert notice.action_path == "/organizations/harbour/billing/change/"


def test_owners_are_told_and_nobody_else(told, bob):
    told(50_000)

    assert not Notification.objects.filter(user=bob).exists()


def test_by_the_pace_they_are_told_thirty_days_ahead(told, harbour):
    grows(harbour, by=500, to=35_000)

    # 15,000 more, 500 a day, from 26 November on.
    assert told(35_000) == [
        "Harbour: its limit is reached on Saturday 26 December 2026 at this pace"
    ]
    assert told(35_000) == []


def test_further_ahead_they_are_not(told, harbour):
    grows(harbour, by=500, to=34_000)

    assert told(34_000) == []


def test_the_date_stands_in_the_other_notices_too(told, harbour, alice):
    grows(harbour, by=500, to=45_000)

    assert told(45_000) == ["Harbour: 90 % of its lines of code are in use"]
    text = Notification.objects.get(user=alice).text
    assert "At this pace the limit is reached on Sunday 6 December 2026." in text
    assert told(45_000) == []


def test_a_larger_tier_begins_anew(told, harbour):
    told(50_000)
    bought = SubscriptionFactory(account__organization=harbour, loc_limit=100_000)

    assert told(50_000) == []
    assert told(80_000) == ["Harbour: 80 % of its lines of code are in use"]
    bought.delete()
    assert told(80_000) == ["Harbour: the limit of its lines of code is reached"]


def test_owners_choose_at_which_shares(told, harbour, alice):
    choose_notices(harbour, thresholds=[50], by_forecast=False, by=alice)
    grows(harbour, by=500, to=49_000)

    assert told(24_999) == []
    assert told(25_000) == ["Harbour: 50 % of its lines of code are in use"]
    assert told(49_000) == []


def test_a_lower_one_that_is_chosen_later_is_no_news(told, harbour, alice):
    told(46_000)
    choose_notices(harbour, thresholds=[70, 90], by_forecast=True, by=alice)

    assert told(46_000) == []


def test_what_analyses_add_counts(harbour, alice):
    project = ProjectFactory(organization=harbour, key="quay")
    admit_analysis(project, branch="main", loc=45_000)

    watch_limits()

    assert unread(alice) == ["Harbour: 90 % of its lines of code are in use"]


def test_the_daily_look_finds_who_grew_and_who_shrank(harbour, alice):
    ReadingFactory(organization=harbour, loc=45_000)
    ProjectSize.objects.update(loc=45_000)
    watch_limits()
    assert unread(alice) != []

    ProjectSize.objects.update(loc=10)
    watch_limits()

    assert unread(alice) == []
    assert LimitWatch.objects.get().told == {}


def test_where_nothing_is_sold_there_is_no_limit_to_tell_of(told, harbour, settings):
    settings.BILLING = False
    ReadingFactory(organization=harbour, loc=9_000_000)

    assert told(9_000_000) == []
    watch_limits()
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_look_at_once_tell_once(alice):
    harbour = OrganizationFactory(key="harbour", owner=alice)
    SizeFactory(project__organization=harbour, loc=45_000, counted_at=timezone.now())

    ends = meet(*[lambda: tell(harbour)] * 4)

    assert sorted(map(str, ends)) == ["False", "False", "False", "True"]
    assert Notification.objects.count() == 1


# The page


@pytest.fixture
def strip(browser_of, alice, harbour):
    """`strip(45_000)`: what is shown of the limit with so many lines in use."""

    def look(loc=45_000, by=alice, query=""):
        ProjectSize.objects.update(loc=loc, counted_at=timezone.now())
        return browser_of(by).get(LIMIT + query, headers={"HX-Request": "true"})

    return look


@pytest.mark.parametrize(
    ("loc", "said"),
    [
        (10_000, "Room left 40,000 lines."),
        (45_000, "Room left 5,000 lines."),
        (50_000, "At the limit"),
        (50_001, "Over the limit 1 line too many."),
    ],
)
def test_the_limit_is_said_in_words(strip, loc, said):
    shown = words(strip(loc))

    assert f"{loc:,} of 50,000 private lines of code: {100 * loc // 50_000} %" in shown
    assert said in shown
    assert ("Team 100k has room for more." in shown) == (loc >= 40_000)


def test_the_chart_has_the_limit_as_a_line_and_in_words(strip, harbour):
    grows(harbour, by=500, to=35_000)

    page = strip(35_000)

    assert 'id="past"' in page.text and 'class="chart__limit"' in page.text
    assert "The limit is 50,000." in page.text
    assert "the limit is reached on Saturday 26 December 2026" in words(page)
    assert "The same as a table" in page.text


def test_what_analyses_added_is_told_apart(strip, harbour):
    page = strip(20_000)
    assert "come from analyses" not in page.text

    project = ProjectFactory(organization=harbour, key="quay")
    admit_analysis(project, branch="main", loc=5_000)

    assert "20,000 are counted; 5,000 more come from analyses since" in words(strip(20_000))
    assert "25,000 of 50,000" in words(strip(20_000))


def test_what_is_shown_is_what_is_refused_by(strip, harbour):
    shown = words(strip(30_000))
    project = ProjectFactory(organization=harbour, key="quay")

    with pytest.raises(LocLimitReached) as refused:
        admit_analysis(project, branch="main", loc=20_001)

    assert f"{refused.value.details['used']:,} of {refused.value.details['limit']:,}" in shown


def test_members_see_it_and_change_nothing(strip, bob):
    page = strip(by=bob)

    assert "An owner can choose it." in page.text
    assert "/billing/change/" not in page.text and NOTICES not in page.text


def test_the_overview_has_the_small_chart_against_the_limit(strip, harbour, browser_of, alice):
    grows(harbour, by=500, to=35_000)
    overview = browser_of(alice).get("/organizations/harbour/").text
    assert f'hx-get="{LIMIT}?panel=1"' in overview

    page = strip(35_000, query="?panel=1")

    assert "of 50,000 private lines of code" in words(page)
    assert 'class="chart__limit"' in page.text


def test_without_javascript_it_is_a_page_that_the_one_about_lines_leads_to(
    browser_of, alice, harbour
):
    browser = browser_of(alice)

    assert "100 of 50,000 private lines of code" in words(browser.get(LIMIT))
    assert LIMIT in browser.get("/organizations/harbour/lines-of-code/").text


def test_owners_choose_on_a_page(browser_of, alice, harbour):
    browser = browser_of(alice)
    assert 'value="80, 90, 100"' in browser.get(NOTICES).text

    response = browser.post(NOTICES, {"thresholds": "95 %, 60"})

    assert response["Location"] == "/organizations/harbour/lines-of-code/"
    watch = LimitWatch.objects.get()
    assert (watch.thresholds, watch.by_forecast) == ([60, 95], False)
    event = AuditEvent.objects.get(action="billing.limit_notices_chosen")
    assert (event.actor, event.data["thresholds"]) == (alice, [60, 95])


def test_choosing_the_same_again_is_no_event(browser_of, alice, harbour):
    browser_of(alice).post(NOTICES, {"thresholds": "80,90,100", "by_forecast": "on"})

    assert not AuditEvent.objects.filter(action="billing.limit_notices_chosen").exists()


@pytest.mark.parametrize(
    "typed", ["9", "101", "-80", "80.5", "many", "80,81,82,83,84,85,86,87,88,89,90"]
)
def test_what_is_no_share_is_refused_in_place(browser_of, alice, harbour, typed):
    response = browser_of(alice).post(NOTICES, {"thresholds": typed})

    assert response.status_code == 422
    assert not LimitWatch.objects.exists()


def test_none_is_never(browser_of, alice, harbour, told):
    browser_of(alice).post(NOTICES, {"thresholds": ""})

    assert told(60_000) == []
