"""The binding, its token and its last verification: a page, and a panel of the overview."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from bindings.checks import TITLES
from bindings.verdicts import NOT_VERDICTS, WORDS, Verdict
from tests.factories import (
    BindingFactory,
    OrganizationFactory,
    TokenFactory,
    VerificationFactory,
)
from tests.tokens import make_token

BINDING, REPOSITORIES = "/organizations/harbour/binding/", "/organizations/harbour/repositories/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def binding(alice, bob):
    organization = OrganizationFactory(key="harbour", owner=alice, member=bob)
    return BindingFactory(organization=organization, external_name="contoso")


def test_the_page_tells_where_it_comes_from_and_how_the_token_is(browser_of, bob, binding):
    VerificationFactory(binding=binding)
    TokenFactory(binding=binding, last_four="wxyz", fingerprint="0123456789abcdef")

    page = browser_of(bob).get(BINDING).text

    for text in ("Azure DevOps: contoso", "The token works.", "…wxyz", "0123456789abcdef"):
        assert text in page
    assert "Harbour Robot" in page
    assert "https://dev.azure.com/contoso/_usersSettings/tokens" in page


def test_every_check_is_shown_under_its_title_with_what_to_do(browser_of, bob, binding):
    checks = [
        {"code": code, "outcome": "warn", "message": f"About {code}.", "remedy": f"Mend {code}."}
        for code in TITLES
    ]
    TokenFactory(binding=binding, checks=checks)

    page = browser_of(bob).get(BINDING).text

    places = [page.index(title) for title in TITLES.values()]
    assert places == sorted(places)
    assert all(f"About {code}." in page and f"Mend {code}." in page for code in TITLES)


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - NOT_VERDICTS - {Verdict.HEALTHY}))
def test_every_verdict_says_what_happened_and_what_to_do(browser_of, bob, binding, verdict):
    TokenFactory(binding=binding, verdict=verdict)

    page = unescape(browser_of(bob).get(BINDING).text)
    panel = unescape(browser_of(bob).get(BINDING, headers=HTMX).text)

    assert WORDS[verdict].message in page and WORDS[verdict].remedy in page
    assert WORDS[verdict].message in panel and "Needs you" in panel


@pytest.mark.parametrize(
    ("expires_on", "source", "sentence"),
    [
        (date(2027, 3, 12), "declared", "Friday 12 March 2027, as you told us"),
        (date(2027, 3, 12), "format", "Friday 12 March 2027, the latest its own format allows"),
        (None, "unknown", "not known"),
    ],
)
def test_the_expiry_comes_with_its_source(browser_of, bob, binding, expires_on, source, sentence):
    TokenFactory(binding=binding, expires_on=expires_on, expiry_source=source)

    assert f"<dd>{sentence}" in browser_of(bob).get(BINDING).text


def checked(**outcomes):
    known = {"message": "So it is.", "remedy": ""}
    return [{"code": code, "outcome": outcome, **known} for code, outcome in outcomes.items()]


BOTH, REFUSED = ["code_read", "code_write"], "missing_scope"


@pytest.mark.parametrize(
    ("checks", "known", "states"),
    [
        ({"code_read": "pass", "code_write": "pass"}, {}, "Proven, Proven, Unknown"),
        ({"code_read": "pass", "code_write": "warn"}, {}, "Proven, Not proven, Unknown"),
        ({"code_read": "pass", "code_write": "unknown"}, {}, "Proven, Unknown, Unknown"),
        ({}, {"verdict": "token_expired", "proven": BOTH}, "Proven, Proven, Unknown"),
        (
            {"code_read": "pass", "code_write": "fail"},
            {"verdict": REFUSED, "proven": BOTH},
            "Proven, Refused, Unknown",
        ),
        (
            {"code_read": "fail", "code_write": "unknown"},
            {"verdict": REFUSED, "proven": BOTH},
            "Refused, Proven, Unknown",
        ),
        (
            {"code_read": "pass", "code_write": "warn"},
            {"verdict": "conditional_access", "proven": BOTH},
            "Proven, Not proven, Unknown",
        ),
        ({"authenticated": "fail"}, {"proven": ["code_read"]}, "Proven, Unknown, Unknown"),
        ({"access_level": "warn"}, {}, "Unknown, Unknown, Proven"),
        ({"access_level": "fail"}, {}, "Unknown, Unknown, Proven"),
        ({"access_level": "unknown"}, {}, "Unknown, Unknown, Unknown"),
    ],
)
def test_what_the_newest_answer_says_of_a_feature_counts(
    browser_of, bob, binding, checks, known, states
):
    TokenFactory(binding=binding, checks=checked(**checks), **known)

    page = browser_of(bob).get(BINDING).text

    cells = re.findall(r'data-label="This token">(.*?)</td>', page, re.DOTALL)
    assert ", ".join(re.sub("<.*?>", "", cell).strip() for cell in cells) == states


def test_the_panel_is_a_part_of_the_page(browser_of, bob, binding):
    VerificationFactory(binding=binding)
    TokenFactory(binding=binding, expires_on=date(2027, 3, 12), expiry_source="declared")

    panel = browser_of(bob).get(BINDING, headers=HTMX).text

    assert "<html" not in panel
    assert all(text in panel for text in ("contoso", "Healthy", "lasts until 12 March 2027"))


def test_every_answer_opens_to_its_checks_and_how_each_was_answered(browser_of, bob, binding):
    VerificationFactory(binding=binding, at=datetime(2026, 11, 5, 9, 30, tzinfo=UTC))
    VerificationFactory(binding=binding, verdict="unreadable_answer", checks=[])

    page = browser_of(bob).get(f"{BINDING}history/").text

    [opened] = re.findall(r"<details class=\"more\">.*?</details>", page, re.DOTALL)
    words = " ".join(re.sub("<.*?>", " ", opened).split())
    assert words.startswith("2 checks of 5 Nov 2026, 09:30 Azure DevOps answers : passed")
    assert "It answered. 1,234 ms · activity id 8e0cae57-1b5c-4e6e-9d0a-3a3f5b0f6c11" in words
    assert words.endswith("The token lasts : warning No date. Look.")


def test_the_secret_is_on_no_page(browser_of, alice, binding):
    secret = make_token()
    TokenFactory(binding=binding, secret=secret)
    VerificationFactory(binding=binding)
    browser = browser_of(alice)

    for address in (BINDING, REPOSITORIES, "/organizations/harbour/settings/"):
        page = browser.get(address).text
        assert secret not in page and secret[4:40] not in page


@pytest.mark.parametrize("address", [BINDING, REPOSITORIES])
def test_an_organization_that_is_not_bound_has_no_such_page(browser_of, alice, address):
    OrganizationFactory(key="harbour", owner=alice)

    assert browser_of(alice).get(address).status_code == 404
