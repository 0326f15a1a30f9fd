"""The sentences of a verification: each outcome says what is so, and what to do about it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bindings import checks
from bindings.checks import TITLES, Outcome
from bindings.providers.azure_tokens import TokenFormat
from bindings.providers.base import (
    Access,
    AccessLevel,
    Connection,
    Inventory,
    RemoteRepository,
    Verdict,
)

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JUNE, NOVEMBER = date(2027, 6, 1), date(2027, 11, 30)


def repository(name="crane", **values):
    usual = {
        "external_id": name,
        "name": name,
        "project_id": "p1",
        "project_name": "Quay",
        "is_public": False,
        "default_branch": "refs/heads/main",
        "size": 2048,
        "is_disabled": False,
        "web_url": "",
    }
    return RemoteRepository(**usual | values)


def robot(name="Harbour Robot", account="robot@contoso.com"):
    return Connection("c1", "u1", name, account)


USUAL, UNUSUAL = TokenFormat(True, date(2026, 11, 1)), TokenFormat(False, None)
BASIC, STAKEHOLDER = AccessLevel("Basic", False, NOW), AccessLevel("Stakeholder", True, None)
ONE, NONE = Inventory(1, (repository(),)), Inventory(3, ())

EVERY = [
    *[(checks.refused(verdict), "fail") for verdict in Verdict if verdict != Verdict.HEALTHY],
    (checks.passed("reachable", "Azure DevOps answered."), "pass"),
    (checks.authenticated(robot()), "pass"),
    (checks.passed("organization", "contoso exists."), "pass"),
    (checks.passed("code_read", "The token may read code."), "pass"),
    (checks.not_asked("code_read"), "unknown"),
    (checks.unanswered("access_level"), "unknown"),
    (checks.called_off("It was wiped."), "unknown"),
    (checks.secret_unreadable(), "fail"),
    (checks.read_only(), "fail"),
    (checks.code_write(Access.GRANTED), "pass"),
    (checks.code_write(Access.DENIED), "warn"),
    (checks.code_write(Access.UNKNOWN), "unknown"),
    (checks.administrator(Access.GRANTED), "pass"),
    (checks.administrator(Access.DENIED), "fail"),
    (checks.administrator(Access.UNKNOWN), "unknown"),
    (checks.access_level(BASIC, NOW), "pass"),
    (checks.access_level(STAKEHOLDER, NOW), "fail"),
    (checks.access_level(None, NOW), "unknown"),
    (checks.token_format(USUAL), "pass"),
    (checks.token_format(UNUSUAL), "warn"),
    (checks.token_expiry(JUNE, NOVEMBER, TODAY), "pass"),
    (checks.token_expiry(TODAY, NOVEMBER, TODAY), "warn"),
    (checks.token_expiry(date(2027, 12, 1), NOVEMBER, TODAY), "warn"),
    (checks.token_expiry(None, NOVEMBER, TODAY), "warn"),
    (checks.token_expiry(None, None, TODAY), "warn"),
    (checks.repositories(ONE), "pass"),
    (checks.repositories(NONE), "warn"),
]


@pytest.mark.parametrize(("check", "outcome"), EVERY)
def test_every_check_says_what_is_so_and_a_bad_one_what_to_do(check, outcome):
    assert check.outcome == outcome
    assert check.title == TITLES[check.code]
    assert check.message.endswith(".")
    assert check.remedy.endswith(".") or outcome not in (Outcome.FAIL, Outcome.WARN)


def test_every_check_that_is_shown_has_its_sentence_and_every_outcome_occurs():
    assert {check.code for check, _ in EVERY} == set(TITLES)
    assert {check.outcome for check, _ in EVERY} == set(Outcome)


def test_what_passed_leaves_nothing_to_do():
    assert not [check for check, outcome in EVERY if outcome == "pass" and check.remedy]


def test_a_refusal_fails_the_check_it_is_about_or_the_one_that_is_named():
    assert checks.refused(Verdict.ORGANIZATION_NOT_FOUND).code == "organization"
    assert checks.refused(Verdict.THROTTLED).code == "reachable"
    assert checks.refused(Verdict.MISSING_SCOPE, "code_write").code == "code_write"


def test_checks_are_shown_in_one_order_whichever_came_in_first():
    found = [check.as_dict() for check, _ in EVERY]

    codes = [check["code"] for check in checks.in_order(found)]

    assert list(dict.fromkeys(codes)) == list(TITLES)


def test_a_check_is_kept_as_plain_words():
    assert checks.not_asked("code_write").as_dict() == {
        "code": "code_write",
        "outcome": "unknown",
        "message": "Not asked, because an earlier check failed.",
        "remedy": "",
        "latency_ms": None,
        "activity_id": "",
    }


SPEAKERS = [
    (robot(), "It speaks for Harbour Robot (robot@contoso.com)."),
    (robot(account=""), "It speaks for Harbour Robot."),
    (robot(name=""), "It speaks for robot@contoso.com."),
    (robot(name="robot@contoso.com"), "It speaks for robot@contoso.com."),
    (robot(name="", account=""), "It speaks for an account without a name."),
]


@pytest.mark.parametrize(("connection", "sentence"), SPEAKERS)
def test_whom_the_token_speaks_for(connection, sentence):
    assert checks.authenticated(connection).message == sentence


EXPIRIES = [
    (None, None, "warn", "You gave no expiry date, and Azure DevOps tells nobody."),
    (
        None,
        NOVEMBER,
        "warn",
        "You gave no expiry date, and Azure DevOps tells nobody. "
        "It can't live longer than 30 November 2027.",
    ),
    (
        date(2027, 12, 1),
        NOVEMBER,
        "warn",
        "You typed 1 December 2027, but this token can't live longer than 30 November 2027.",
    ),
    (TODAY, None, "warn", "It expires soon, on Tuesday 24 November 2026."),
    (TODAY + timedelta(29), None, "warn", "It expires soon, on Wednesday 23 December 2026."),
    (
        TODAY + timedelta(30),
        None,
        "pass",
        "It lasts until Thursday 24 December 2026, as you told us.",
    ),
    (NOVEMBER, NOVEMBER, "pass", "It lasts until Tuesday 30 November 2027, as you told us."),
    (JUNE, None, "pass", "It lasts until Tuesday 1 June 2027, as you told us."),
]


@pytest.mark.parametrize(("expires_on", "latest", "outcome", "sentence"), EXPIRIES)
def test_how_long_the_token_lasts(expires_on, latest, outcome, sentence):
    check = checks.token_expiry(expires_on, latest, TODAY)

    assert (check.outcome, check.message) == (outcome, sentence)


INVENTORIES = [
    (Inventory(0, ()), "No repository is visible in 0 projects."),
    (Inventory(1, ()), "No repository is visible in 1 project."),
    (Inventory(1200, ()), "No repository is visible in 1,200 projects."),
    (ONE, "1 repository in 1 project."),
    (
        Inventory(9, (repository("crane"), repository("winch", project_id="p2"))),
        "2 repositories in 2 projects.",
    ),
    (
        Inventory(1, (repository(), repository("winch", is_disabled=True))),
        "2 repositories in 1 project; 1 disabled, listed but not analysed.",
    ),
    (
        Inventory(
            1,
            (
                repository("winch", is_disabled=True, default_branch=""),
                repository("rope", default_branch=""),
                repository("tar", default_branch=""),
            ),
        ),
        "3 repositories in 1 project; 1 disabled and 2 empty, listed but not analysed.",
    ),
]


@pytest.mark.parametrize(("inventory", "sentence"), INVENTORIES)
def test_what_the_token_sees(inventory, sentence):
    assert checks.repositories(inventory).message == sentence


COUNTS = [
    (0, "project", "0 projects"),
    (1, "project", "1 project"),
    (2, "project", "2 projects"),
    (0, "repository", "0 repositories"),
    (1, "repository", "1 repository"),
    (12_345, "repository", "12,345 repositories"),
]


@pytest.mark.parametrize(("number", "noun", "words"), COUNTS)
def test_one_is_one_and_many_are_many(number, noun, words):
    assert checks.count(number, noun) == words
