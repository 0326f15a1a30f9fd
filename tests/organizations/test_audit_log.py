"""The audit log: who reads it, what it says, by what it is narrowed, and taking it along."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from core.exports import harmless
from organizations import audit, history
from organizations.history import Wanted, events_of
from organizations.models import AuditEvent, Organization
from tests.factories import OrganizationFactory, UserFactory

LOG = "/organizations/harbour/audit/"
CALL = "/api/v1/organizations/harbour/audit-events"


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", owner=alice, member=bob)


@pytest.fixture
def log(browser_of, alice, harbour):
    """`log("?family=token")`: the page as Alice sees it."""
    browser = browser_of(alice)
    return lambda query="": browser.get(f"{LOG}{query}")


def happened(organization, action, *, at=None, channel="page", by=None, **data):
    """An event of another day and another way in."""
    return AuditEvent.objects.create(
        organization=organization,
        organization_key=organization.key,
        action=action,
        channel=channel,
        actor=by,
        actor_email=by.email if by else "",
        data=data,
        **({"at": at} if at else {}),
    )


def titles(page):
    return [event.title for event in page.context["page"].rows]


# What it says


def test_the_page_says_who_did_what_when_and_how(log, harbour, alice):
    at = datetime(2026, 11, 24, 9, 5, 7, tzinfo=UTC)
    happened(harbour, "projects.added", at=at, by=alice, count=2, keys=["crane", "quay"])

    page = log().text

    assert "Projects added" in page
    assert re.search(r"Projects:</span> crane, quay", page)
    assert "alice@example.com" in page and "On a page" in page
    assert '<time datetime="2026-11-24T09:05:07+00:00">24 Nov 2026, 09:05:07</time>' in page


def test_what_mooring_and_its_support_did_is_said_to_be_theirs(log, harbour):
    support = UserFactory(email="support@example.com")
    happened(harbour, "token.failed", channel="system", verdict="token_expired")
    happened(harbour, "billing.resync_asked", channel="admin", by=support, reason="By phone")
    happened(harbour, "billing.attached", channel="system", by=support)

    assert [event.who for event in log().context["page"].rows] == [
        "Mooring support (support@example.com)",
        "Mooring support (support@example.com)",
        "Mooring",
    ]
    assert "Mooring support (support@example.com)" in log().text
    assert "By phone" in log().text


def test_another_organizations_events_are_not_in_it(log, harbour):
    happened(OrganizationFactory(), "organization.changed")
    mine = happened(harbour, "organization.created")

    assert log().context["page"].rows == [mine]


def test_it_is_read_page_by_page_newest_first(log, harbour):
    made = [happened(harbour, "token.submitted") for _ in range(history.LENGTH + 1)]

    first = log()
    second = log(f"?family=token&after={first.context['page'].after}")

    assert [*first.context["page"].rows, *second.context["page"].rows] == made[::-1]
    assert 'rel="next"' in first.text and "Newest" in second.text


def test_owners_are_led_there_and_members_are_not(browser_of, harbour, alice, bob):
    assert f'href="{LOG}"' in browser_of(alice).get("/organizations/harbour/").text
    assert LOG not in browser_of(bob).get("/organizations/harbour/").text


# Narrowed


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Token refused", "Larger plan asked for", "Organization changed"]),
        ("?family=billing", ["Larger plan asked for"]),
        ("?email=Alice@example.com ", ["Organization changed"]),
        ("?channel=api", ["Larger plan asked for"]),
        ("?from=2026-11-25", ["Token refused"]),
        ("?to=2026-11-24", ["Larger plan asked for", "Organization changed"]),
        ("?from=2026-11-24&to=2026-11-24", ["Larger plan asked for"]),
        ("?from=2026-11-24&channel=page", []),
        ("?to=9999-12-31&from=0001-01-01&family=token", ["Token refused"]),
    ],
)
def test_it_is_narrowed_by_what_who_how_and_days(
    log, program_of, harbour, alice, bob, query, found
):
    happened(
        harbour, "organization.changed", by=alice, at=datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
    )
    happened(
        harbour, "billing.upgrade_asked", by=bob, channel="api",
        at=datetime(2026, 11, 24, tzinfo=UTC),
    )  # fmt: skip
    happened(harbour, "token.failed", channel="system", at=datetime(2026, 11, 25, tzinfo=UTC))

    assert titles(log(query)) == found
    answer = program_of(alice).get(f"{CALL}{query}").json()
    assert [event["title"] for event in answer["results"]] == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?family=weather", "family"),
        ("?channel=pigeon", "channel"),
        ("?from=yesterday", "from"),
        ("?from=2026-11-25&to=2026-11-24", "to"),
    ],
)
@pytest.mark.parametrize("place", ["", "events.csv", "events.jsonl"])
def test_a_filter_that_is_none_is_refused(log, program_of, harbour, alice, query, field, place):
    happened(harbour, "organization.changed")

    page = log(f"{place}{query}")
    answer = program_of(alice).get(f"{CALL}{query}")

    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert "Organization changed" not in page.text
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_nothing_found_is_said(log):
    page = log("?family=token")

    assert "Nothing found" in page.text
    assert "events.csv" not in page.text


@pytest.mark.parametrize(
    "wanted", [{"family": "token"}, {"email": "a@b.example.com"}, {"channel": "api"}]
)
def test_narrowing_reads_an_index_and_not_the_table(harbour, wanted):
    plan = events_of(harbour, Wanted(**wanted, since=date(2026, 1, 1))).order_by("-at").explain()

    assert "audit_" in plan
    assert "SCAN organizations_auditevent" not in plan and "Seq Scan" not in plan


# Taken along


def test_a_spreadsheet_has_what_the_page_shows(log, harbour, alice):
    at = datetime(2026, 11, 24, 9, 5, 7, tzinfo=UTC)
    happened(harbour, "organization.changed", by=alice)
    happened(harbour, "projects.added", at=at, by=alice, keys=["crane", "quay"])

    file = log("events.csv?family=project")

    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="harbour-audit-log.csv"'
    header, row = csv.reader(file.getvalue().decode().splitlines())
    assert header[0] == "Time (UTC)"
    assert row[:5] == [
        "2026-11-24T09:05:07+00:00",
        "Projects added",
        "alice@example.com",
        "On a page",
        "Projects: crane, quay",
    ]


def test_a_line_of_json_is_an_event_as_the_api_has_it(log, program_of, harbour, alice):
    yesterday = timezone.now() - timedelta(days=1)
    happened(harbour, "projects.added", at=yesterday, by=alice, keys=["crane"])
    happened(harbour, "token.failed", channel="system")

    lines = log("events.jsonl").getvalue().decode().splitlines()

    answer = program_of(alice).get(CALL).json()["results"]
    whole = [json.loads(line) for line in lines]
    assert [event | {"at": ""} for event in whole] == [event | {"at": ""} for event in answer]
    assert datetime.fromisoformat(whole[0]["at"]) > datetime.fromisoformat(whole[1]["at"])
    assert whole[1]["data"] == {"keys": ["crane"]}


def test_an_export_goes_out_piece_by_piece(log, harbour, monkeypatch, queries):
    monkeypatch.setattr(history, "AT_ONCE", 10)
    made = [happened(harbour, "token.submitted") for _ in range(25)]

    response = log("events.jsonl")
    with queries() as asked:
        first = next(iter(response.streaming_content))
        asked_for_first = len(asked)
    happened(harbour, "token.wiped")
    rest = list(response.streaming_content)

    assert asked_for_first == 1
    lines = [line for piece in (first, *rest) for line in piece.splitlines()]
    assert len(rest) == 2
    assert [json.loads(line)["id"] for line in lines] == [
        str(history.public_id(event)) for event in made[::-1]
    ]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1+1", "＝1+1"]
)
def test_a_cell_is_no_formula(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "crane", "a=1", "2026-11-24", "1 - 1"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell


def test_what_somebody_named_is_no_formula_in_a_spreadsheet(log, harbour):
    link = '=HYPERLINK("https://example.com")'
    happened(harbour, "organization.created", by=UserFactory(email="=cmd@example.com"))
    happened(harbour, "=1+1")

    _, *rows = csv.reader(log("events.csv").getvalue().decode().splitlines())

    assert [row[1] for row in rows] == ["'=1+1", "Organization created"]
    assert rows[1][2] == "'=cmd@example.com"
    assert not harmless(link).startswith("=")


# By programs


def test_programs_read_it_page_by_page(program_of, harbour, alice):
    made = [happened(harbour, "token.submitted") for _ in range(5)]
    program, address, found = program_of(alice), f"{CALL}?page_size=2&family=token", []

    while address:
        answer = program.get(address).json()
        found += answer["results"]
        address = answer["next"]

    assert [event["id"] for event in found] == [str(history.public_id(e)) for e in made[::-1]]


def test_an_events_id_tells_nothing_of_how_many_there_are(harbour):
    ids = [history.public_id(happened(harbour, "token.submitted")) for _ in range(3)]

    assert len(set(ids)) == 3
    assert not any(abs(one.int - other.int) < 1000 for one, other in pairwise(ids))


def test_history_outlives_the_reader_who_made_it(harbour, log):
    gone = UserFactory(email="gone@example.com")
    audit.record(harbour, "organization.changed", by=gone)
    gone.delete()

    assert "gone@example.com" in log().text
    assert Organization.objects.filter(pk=harbour.pk).exists()
