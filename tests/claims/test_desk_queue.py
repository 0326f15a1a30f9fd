"""The desk's list of claims: what comes first, what is found, and that it stays fast."""

import os
import re
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from accounts.roles import make_support
from claims.deciding import answer_objection
from claims.hours import work_between
from tests.claims.many import many_claims
from tests.factories import ClaimFactory, OrganizationFactory

QUEUE = "/admin/claims/accessclaim/"
# How many there are where it is measured: CLAIMS=100000 takes minutes, and says
# with -s how long each page took.
MANY = int(os.environ.get("CLAIMS", "400"))
NARROWED = [
    "",
    "?state=in_review",
    "?state=waiting",
    "?state=gathering",
    "?state=rejected",
    "?state=all",
    "?desk=mine",
    "?desk=nobodys",
    "?due=overdue",
    "?evidence=strong",
    "?objections=open",
    "?objections=none",
    "?o=3",
    "?p=3",
    "?q=row-1",
]


@pytest.fixture
def desk(browser_of, dora):
    make_support(dora, may_act=True)
    return browser_of(dora)


def listed(page):
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


def reviewed(**values):
    return ClaimFactory(state="in_review", strength="strong", **values)


def cells(page):
    """What stands in the first row, by column."""
    row = re.search(r"<tbody>\s*<tr>(.*?)</tr>", page.text, re.DOTALL)[1]
    named = re.findall(r'class="field-(\w+)[^"]*">(.*?)</t[dh]>', row, re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", said) for name, said in named}


def test_what_has_to_be_decided_first_comes_first(desk):
    now = timezone.now()
    gathering = ClaimFactory(waits_until=now + timedelta(days=6))
    waiting = ClaimFactory(state="waiting", strength="weak", waits_until=now + timedelta(days=2))
    asked = reviewed(waits_until=now - timedelta(days=1))
    later = reviewed(due_at=now + timedelta(hours=9))
    sooner = reviewed(due_at=now + timedelta(hours=1))
    overdue = reviewed(due_at=now - timedelta(hours=3))
    ClaimFactory(state="withdrawn", decided_at=now)

    assert listed(desk.get(QUEUE)) == [overdue, sooner, later, asked, waiting, gathering]


def test_a_row_says_what_one_has_to_know(desk, dora, time_machine):
    time_machine.move_to("2026-11-24T13:00:00Z", tick=False)
    claim = reviewed(
        organization=OrganizationFactory(key="harbour"),
        user__email="charlie@example.com",
        opened_at=datetime(2026, 11, 16, 9, 0, tzinfo=UTC),
        due_at=datetime(2026, 11, 25, 10, 30, tzinfo=UTC),
        assignee=dora,
        approved_by_first=dora,
    )
    claim.objections.create(who="owners_link")
    answered = claim.objections.create(who="contact", by_email="money@example.com")
    answer_objection(answered, reason="She agreed by phone.", by=dora)

    page = desk.get(QUEUE)

    assert cells(page) == {
        "organization_": "contoso · harbour",
        "claimant": "charlie@example.com",
        "state": "In review",
        "age": "1\xa0week",
        "due": "2026-11-25 10:30, in 5 business hours",
        "evidence": "strong",
        "objections": "1",
        "desk": "dora@support.example.com",
        "approvals": "1 of 2",
    }


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": "gathering"}, "when there is evidence"),
        ({"state": "waiting"}, "after 2026-12-01 09:00"),
        ({"state": "in_review"}, "when the claimant answers"),
        ({"state": "in_review", "due_at": "25T09:30"}, "2026-11-25 09:30, in 4 business hours"),
        ({"state": "in_review", "due_at": "24T14:00"}, "2026-11-24 14:00, in 1 business hour"),
        (
            {"state": "in_review", "due_at": "24T13:20"},
            "2026-11-24 13:20, in less than a business hour",
        ),
        (
            {"state": "in_review", "due_at": "20T16:00"},
            "2026-11-20 16:00, overdue by 13 business hours",
        ),
    ],
)
def test_due_is_said_by_the_offices_own_clock(desk, time_machine, values, said):
    time_machine.move_to("2026-11-24T13:00:00Z", tick=False)
    if due := values.get("due_at"):
        values = values | {"due_at": datetime.fromisoformat(f"2026-11-{due}+00:00")}
    ClaimFactory(waits_until=datetime(2026, 12, 1, 9, 0, tzinfo=UTC), **values)

    page = desk.get(QUEUE)

    assert cells(page)["due"] == said
    assert ("overdue by" in said) == ('class="overdue"' in page.text)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2027-03-01T09:00", "2027-03-01T12:00", 3),  # a Monday
        ("2027-03-01T03:00", "2027-03-01T23:00", 8),
        ("2027-03-05T16:00", "2027-03-08T10:00", 2),  # over a weekend
        ("2027-03-06T10:00", "2027-03-07T16:00", 0),
        ("2027-03-01T12:00", "2027-03-01T09:00", 0),
        ("2027-03-01T09:00", "2027-03-15T09:00", 80),
    ],
)
def test_work_between_two_moments(start, end, hours):
    moments = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end)]

    assert work_between(*moments, ZoneInfo("UTC")) == timedelta(hours=hours)


def test_work_between_is_where_the_office_is():
    start, end = (datetime(2027, 3, 1, hour, 0, tzinfo=UTC) for hour in (7, 9))

    assert work_between(start, end, ZoneInfo("Europe/Berlin")) == timedelta(hours=1)


@pytest.fixture
def crowd(dora):
    """A claim of each sort, by name."""
    now = timezone.now()
    objected = reviewed(due_at=now + timedelta(hours=5))
    objected.objections.create(who="owners_link")
    return {
        "overdue": reviewed(due_at=now - timedelta(hours=1)),
        "mine": reviewed(due_at=now + timedelta(hours=1), assignee=dora),
        "objected": objected,
        "weak": ClaimFactory(state="waiting", strength="weak"),
        "gathering": ClaimFactory(),
        "rejected": ClaimFactory(state="rejected", decided_at=now),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "overdue mine objected weak gathering"),
        ("?state=open", "overdue mine objected weak gathering"),
        ("?state=in_review", "overdue mine objected"),
        ("?state=rejected", "rejected"),
        ("?state=all", "overdue mine objected weak gathering rejected"),
        ("?desk=mine", "mine"),
        ("?desk=nobodys", "overdue objected weak gathering"),
        ("?due=overdue", "overdue"),
        ("?evidence=strong", "overdue mine objected"),
        ("?evidence=weak", "weak"),
        ("?evidence=none", "gathering"),
        ("?objections=open", "objected"),
        ("?objections=none", "overdue mine weak gathering"),
    ],
)
def test_the_queue_is_narrowed(desk, crowd, query, names):
    found = {name for name, claim in crowd.items() if claim in listed(desk.get(QUEUE + query))}

    assert found == set(names.split())


def test_a_claim_is_found_also_when_it_is_over(desk):
    wanted = ClaimFactory(
        organization=OrganizationFactory(key="quayside"),
        user__email="charlie@example.com",
        state="withdrawn",
        decided_at=timezone.now(),
    )
    ClaimFactory()

    for words in ("quay", "CHARLIE@example", "arlie", str(wanted.pk), f"quay {wanted.pk}"):
        assert listed(desk.get(QUEUE, {"q": words})) == [wanted]
    assert listed(desk.get(QUEUE, {"q": "quay", "state": "open"})) == []


@pytest.mark.parametrize(
    "probe", ["?nonce__startswith=m", "?secret__isnull=0", "?user__password=x"]
)
def test_what_is_hidden_can_not_be_guessed(desk, probe):
    assert desk.get(QUEUE + probe).status_code == 400


# Among few and very many


def asked_for(desk, queries, query):
    """What a page of the list asks the database, and how long all of it takes."""
    with queries() as asked:
        started = time.perf_counter()
        assert desk.get(QUEUE + query).status_code == 200
        took = time.perf_counter() - started
    return [each["sql"] for each in asked.captured_queries], len(asked), took


def gather_statistics():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_the_queue_costs_the_same_among_few_and_many(desk, dora, queries):
    many_claims(40, dora, "few-row")
    desk.get(QUEUE)
    few = {query: asked_for(desk, queries, query)[1] for query in NARROWED}
    many_claims(MANY, dora, "row")
    gather_statistics()

    for query in NARROWED:
        asked, count, took = asked_for(desk, queries, query)
        print(f"{query or 'open':20} {count} queries {took * 1000:6.0f} ms")
        assert count == few[query], query


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "claims_by_due"),
        ("?state=in_review", "claims_by_due"),
        ("?state=waiting", "claims_of_a_state_by_wait"),
        ("?state=gathering", "claims_of_a_state_by_wait"),
        ("?state=rejected", "claims_of_a_state_by_age"),
        ("?state=all", "claims_by_age"),
        ("?desk=mine", "claims_on_a_desk_by_due|assignee_id"),
        ("?due=overdue", "claims_by_due"),
    ],
)
def test_the_queue_is_read_off_an_index(desk, dora, query, index):
    many_claims(max(MANY, 4000), dora, "row")
    gather_statistics()

    plan = desk.get(QUEUE + query).context["cl"].queryset[:50].explain()

    print(plan)
    assert re.search(index, plan)
    assert not re.search(r"Seq Scan on claims_accessclaim|SCAN claims_accessclaim$", plan, re.M)


def test_no_more_is_counted_than_anybody_looks_through(desk, dora, queries):
    many_claims(2200 * 10 // 7, dora, "row")

    asked, _, _ = asked_for(desk, queries, "")
    page = desk.get(QUEUE)

    counts = [sql for sql in asked if "COUNT(" in sql]
    assert counts and all("LIMIT 2000" in sql for sql in counts)
    assert page.context["cl"].result_count == 2000
    assert "There are more than are counted here" in page.text
    assert listed(desk.get(QUEUE + "?p=40"))
