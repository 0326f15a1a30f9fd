"""Who is told that a token expires: all owners, at each threshold once, and nobody in vain."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import Notification
from bindings import expiry
from bindings.replacing import declare_expiry
from bindings.slots import promote, settle_expiry
from organizations.models import GroupMembership, Membership
from tests.bindings.conftest import add_token
from tests.factories import BindingFactory, OrganizationFactory, TokenFactory, UserFactory
from tests.tokens import make_legacy_token, make_token

THRESHOLDS = [60, 30, 14, 7, 3, 1, 0]
TODAY = timezone.now().date()


@pytest.fixture
def token(alice, bob):
    binding = BindingFactory(
        organization=OrganizationFactory(name="Contoso Harbour", owner=alice, member=bob)
    )
    expires_on = TODAY + timedelta(days=70)
    return TokenFactory(binding=binding, expires_on=expires_on, expiry_source="declared")


def days_before(token, days):
    moment = datetime.combine(token.expires_on - timedelta(days=days), datetime.min.time())
    return time_machine.travel(moment.replace(hour=8, tzinfo=UTC), tick=False)


def told(user):
    found = Notification.objects.filter(user=user, kind="token_expiring").order_by("created_at")
    return [threshold.partition("@")[0] for threshold in found.values_list("threshold", flat=True)]


def test_each_threshold_is_told_once(token, alice):
    for day in range(70, -3, -1):
        with days_before(token, day):
            expiry.give_notice()
            expiry.give_notice()

    assert told(alice) == [str(days) for days in THRESHOLDS]


def test_all_owners_are_told_and_members_are_not(token, alice, bob):
    second = UserFactory()
    organization = token.binding.organization
    membership = Membership.objects.create(organization=organization, user=second)
    GroupMembership.objects.create(group=organization.groups.get(), membership=membership)

    with days_before(token, 7):
        expiry.give_notice()

    assert (told(alice), told(second), told(bob)) == (["7"], ["7"], [])


def test_a_clock_that_jumps_forward_tells_the_last_threshold_only(token, alice):
    with days_before(token, 2):
        expiry.give_notice()

    assert told(alice) == ["3"]


def test_a_clock_that_jumps_back_tells_nothing_again(token, alice):
    for days in (3, 10, 40, 3):
        with days_before(token, days):
            expiry.give_notice()

    assert told(alice) == ["3"]


def test_a_worker_that_slept_through_the_day_tells_it_afterwards(token, alice):
    with days_before(token, -5):
        expiry.give_notice()

    assert told(alice) == ["0"]
    assert "has expired" in Notification.objects.get(user=alice).title


def test_what_its_owner_typed_just_now_is_not_told(token, alice):
    token.noticed_days = expiry.already_crossed(TODAY + timedelta(days=20))
    token.expires_on = TODAY + timedelta(days=20)
    token.save()

    expiry.give_notice()

    assert told(alice) == []


@pytest.mark.parametrize(("days", "thresholds"), [(8, []), (7, ["7"]), (5, ["7"]), (0, ["0"])])
def test_a_near_date_that_one_owner_types_is_told_to_all(token, alice, days, thresholds):
    declare_expiry(token.binding, TODAY + timedelta(days=days), by=alice)

    expiry.give_notice()
    declare_expiry(token.binding, TODAY + timedelta(days=days), by=alice)
    expiry.give_notice()

    assert told(alice) == thresholds


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (200, "reminded from 60 days before on"),
        (61, "reminded from 60 days before on"),
        (60, "reminded from 30 days before on"),
        (15, "reminded from 14 days before on"),
        (8, "reminded from 7 days before on"),
        (7, "told within minutes"),
        (0, "told within minutes"),
    ],
)
def test_who_types_a_date_reads_when_owners_hear_of_it(token, alice, browser_of, days, words):
    place = f"/organizations/{token.binding.organization.key}/binding/expiry/"
    typed = {"token_expires_on": str(TODAY + timedelta(days=days))}

    page = browser_of(alice).post(place, typed, follow=True)

    assert f"all owners are {words}".lower() in page.text.lower()


def test_who_types_the_last_day_reads_it_though_a_worker_was_quicker(token):
    token.expires_on, token.noticed_days = TODAY, 0

    assert expiry.reminders_of(token) == "It is near, so all owners are told within minutes."


def test_who_types_a_date_reads_that_the_standby_takes_over(token, alice, browser_of):
    known = {"slot": "next", "is_standby": True, "expiry_source": "declared"}
    add_token(token.binding, make_token(), expires_on=TODAY + timedelta(days=300), **known)
    place = f"/organizations/{token.binding.organization.key}/binding/expiry/"
    typed = {"token_expires_on": str(TODAY + timedelta(days=5))}

    page = browser_of(alice).post(place, typed, follow=True)

    assert "Your standby takes over by itself, so nobody is reminded of this date." in page.text
    expiry.give_notice()
    assert told(alice) == []


@pytest.mark.parametrize(("lasts_longer", "thresholds"), [(True, []), (False, ["7"])])
def test_a_standby_that_lasts_longer_makes_it_quiet(token, alice, lasts_longer, thresholds):
    end = token.expires_on + timedelta(days=90 if lasts_longer else -1)
    known = {"slot": "next", "is_standby": True, "expires_on": end, "expiry_source": "declared"}
    add_token(token.binding, make_token(), **known)

    with days_before(token, 7):
        expiry.give_notice()

    assert told(alice) == thresholds


def test_a_standby_that_lasts_a_day_longer_is_told_of_itself(token, alice):
    end = token.expires_on + timedelta(days=1)
    known = {"slot": "next", "is_standby": True, "expires_on": end, "expiry_source": "declared"}
    standby = add_token(token.binding, make_token(), **known)

    for day in range(70, -1, -1):
        with days_before(standby, day):
            expiry.give_notice()
            expiry.give_notice()

    assert told(alice) == [str(days) for days in THRESHOLDS]
    notice = Notification.objects.filter(user=alice).latest("created_at")
    assert "your standby expires today" in notice.title
    assert f"your standby …{standby.last_four}" in notice.text
    assert f"ends on {end:%A %-d %B %Y}" in notice.text


def test_a_standby_that_has_taken_over_is_not_told_of_twice(token, alice):
    end = token.expires_on + timedelta(days=1)
    known = {"slot": "next", "is_standby": True, "expires_on": end, "expiry_source": "declared"}
    standby = add_token(token.binding, make_token(), **known)

    with days_before(standby, 7):
        expiry.give_notice()
        promote(standby, by=None, reason="failover")
        expiry.give_notice()

    assert told(alice) == ["7"]


@pytest.mark.parametrize("lasts_longer", [1, 60])
def test_the_banner_is_there_only_when_the_standby_ends_too(token, alice, browser_of, lasts_longer):
    end = token.expires_on + timedelta(days=lasts_longer)
    known = {"slot": "next", "is_standby": True, "expires_on": end, "expiry_source": "declared"}
    add_token(token.binding, make_token(), **known)

    with days_before(token, 3):
        browser = browser_of(alice)
        banner = "Its standby expires in 4 days." in browser.get("/organizations/").text
        key = token.binding.organization.key
        page = browser.get(f"/organizations/{key}/binding/").text

    assert banner == (lasts_longer == 1)
    assert ("takes over by itself" in page) == (lasts_longer == 60)
    assert ("leave it with us" in page) == (lasts_longer == 1)


def test_a_corrected_date_is_told_anew_and_the_wrong_one_no_more(token, alice):
    right = TODAY + timedelta(days=200)
    token.expires_on, token.noticed_days = TODAY + timedelta(days=5), None
    token.save()
    expiry.give_notice()

    declare_expiry(token.binding, right, by=alice)

    wrong = Notification.objects.get(user=alice)
    assert (wrong.read_at is None, wrong.mail_due_at) == (False, None)
    token.refresh_from_db()
    with days_before(token, 5):
        expiry.give_notice()
    assert told(alice) == ["7", "7"]


def test_a_date_that_was_told_can_be_corrected(token, alice, browser_of):
    key = token.binding.organization.key

    page = browser_of(alice).get(f"/organizations/{key}/binding/")

    assert f'/organizations/{key}/binding/expiry/">Correct the date' in page.text


def test_what_has_passed_is_said_as_such(token, alice):
    with days_before(token, -5):
        expiry.give_notice()

    notice = Notification.objects.get(user=alice)
    assert f"which expired on {token.expires_on:%A %-d %B %Y}" in notice.text
    assert "by " + f"{token.expires_on:%A}" not in notice.text and "after that" not in notice.text


@pytest.mark.parametrize(
    ("days", "source", "known"),
    [
        (90, "declared", None),
        (60, "declared", 60),
        (9, "declared", 14),
        (8, "declared", 14),
        (7, "declared", None),
        (0, "declared", None),
        (-1, "declared", None),
        (9, "format", None),
    ],
)
def test_only_a_date_that_somebody_typed_and_that_is_not_near_is_known(days, source, known):
    assert expiry.already_crossed(TODAY + timedelta(days=days), source) == known


def test_one_that_can_not_be_told_of_keeps_nobody_else_waiting(token, alice):
    owner = UserFactory()
    binding = BindingFactory(organization=OrganizationFactory(owner=owner))
    broken = TokenFactory(binding=binding, expires_on=token.expires_on, expiry_source="declared")

    def refuse(execute, sql, params, many, context):
        if sql.startswith("INSERT") and str(broken.pk) in params:
            raise OperationalError
        return execute(sql, params, many, context)

    with days_before(token, 7), connection.execute_wrapper(refuse):
        expiry.give_notice()

    assert (told(alice), told(owner)) == (["7"], [])
    with days_before(token, 7):
        expiry.give_notice()
    assert (told(alice), told(owner)) == (["7"], ["7"])


def test_a_notice_says_who_must_do_what_by_when_and_where(token, alice):
    with days_before(token, 3):
        expiry.give_notice()

    notice = Notification.objects.get(user=alice)
    assert "Contoso Harbour" in notice.title and "in 3 days" in notice.title
    for words in ("An owner", "Harbour Robot", f"{token.expires_on:%-d %B %Y}", "as you told us"):
        assert words in notice.text
    assert notice.link_url.endswith("/contoso/_usersSettings/tokens")
    assert notice.action_path.endswith("/binding/token/")


def test_the_words_escalate(token, alice):
    for days in THRESHOLDS:
        with days_before(token, days):
            expiry.give_notice()

    severities = Notification.objects.filter(user=alice).order_by("created_at")
    assert list(severities.values_list("severity", flat=True)) == [
        "info",
        "info",
        "warning",
        "warning",
        "danger",
        "danger",
        "danger",
    ]


@pytest.mark.parametrize(
    ("is_legacy", "declared", "is_global", "settled"),
    [
        (False, date(2027, 3, 1), False, (date(2027, 3, 1), "declared")),
        (False, date(2028, 3, 1), False, (date(2027, 11, 30), "format")),
        (False, None, False, (date(2027, 11, 30), "format")),
        (False, date(2027, 3, 1), True, (date(2026, 12, 1), "retirement")),
        (False, date(2026, 11, 28), True, (date(2026, 11, 28), "declared")),
        (True, None, False, (None, "unknown")),
    ],
)
def test_the_earliest_bound_counts(is_legacy, declared, is_global, settled):
    secret = make_legacy_token() if is_legacy else make_token("C", "K")

    assert settle_expiry(secret, declared, is_global=is_global) == settled
