"""The page *Personal access tokens*, as a person uses it."""

import html
import re
import urllib.parse
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.testing import running_sandbox
from tests.sandbox.client import ANY_VERSION, Client

TOKENS = "/contoso/_usersSettings/tokens"
FORM = {
    "name": "Import",
    "organization": "this",
    "expires": "90",
    "access": "custom",
    "scopes": ["vso.code"],
}


def send(ask, form, person="technical", path=TOKENS):
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sandbox-person={person}",
    }
    body = urllib.parse.urlencode(form, doseq=True).encode()
    return ask(None, path, method="POST", body=body, headers=headers)


def created(ask, form, person="technical"):
    """Make a token and follow to the page that shows it."""
    made = send(ask, form, person)
    assert made.status == 303
    return ask(None, made.headers["Location"], headers={"Cookie": f"sandbox-person={person}"})


def token_on(page):
    return re.search(r'<output[^>]* id="token"[^>]*>([^<]+)</output>', page.text)[1]


def row_of(page, name):
    """Status, day of expiry and whether there is a button to revoke it."""
    [row] = [each for each in page.split("<tr>") if f">{name} " in each]
    status = re.search(r"<span class=\"(?:good|bad)\">. (\w+)</span>", row)[1]
    return status, re.search(r"\d+ \w{3} \d{4}", row)[0], "/revoke" in row


def test_a_token_made_here_works_with_its_scopes_and_no_more(ask):
    page = created(ask, FORM)

    token = token_on(page)
    assert page.headers["Cache-Control"] == "no-store"
    assert ask(None, "/contoso/_apis/git/repositories", token=token).status == 200
    assert ask(None, "/vsaex/contoso/_apis/userentitlements", token=token).status == 401
    assert ask(None, "/fabrikam/_apis/projects", token=token).status == 401
    assert token not in ask(None, TOKENS, headers={}).text


def test_the_page_says_until_when_the_token_works(ask):
    page = created(ask, FORM)

    last = datetime.now(UTC) + timedelta(days=90)
    assert f"until <strong>{last.day} {last:%b %Y}</strong>" in page.text
    assert '<label class="label" for="token">Your token</label>' in page.text


def test_a_token_is_shown_once_and_a_reload_makes_no_other(ask):
    address = send(ask, FORM).headers["Location"]
    mine = {"Cookie": "sandbox-person=technical"}

    theirs = ask(None, address, headers={"Cookie": "sandbox-person=administrator"})
    first, second = (ask(None, address, headers=mine) for _ in range(2))

    assert (theirs.status, first.status, second.status) == (303, 200, 303)
    assert second.headers["Location"] == TOKENS
    assert ask(None, TOKENS, headers=mine).text.count(">Import ") == 1


def test_ones_own_tokens_come_before_the_samples(ask):
    before = ask(None, TOKENS, headers={}).text
    send(ask, FORM)
    page = ask(None, TOKENS, headers={}).text

    assert "You have made no personal access tokens in contoso yet." in before
    assert page.index(">Import ") < page.index("<h2>Sample tokens</h2>")
    assert page.index("<h2>Sample tokens</h2>") < page.index(">Sample: healthy ")


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("healthy", "Active"),
        ("inactive", "Active"),
        ("terms-not-accepted", "Active"),
        ("revoked", "Revoked"),
        ("expired-header", "Expired"),
        ("expired-json", "Expired"),
        ("expired-empty", "Expired"),
    ],
)
def test_a_token_is_active_expired_or_revoked(ask, label, status):
    shown, day, can_be_revoked = row_of(ask(None, TOKENS, headers={}).text, f"Sample: {label}")

    expires = datetime.strptime(day, "%d %b %Y").replace(tzinfo=UTC)
    assert shown == status
    assert (expires < datetime.now(UTC)) == (status == "Expired")
    assert can_be_revoked == (status == "Active")


def test_tokens_that_nobody_issued_are_in_no_list(ask):
    assert "unknown" not in ask(None, "/fabrikam/_usersSettings/tokens", headers={}).text


def test_a_token_is_its_makers(ask):
    token = token_on(created(ask, FORM, person="stakeholder"))

    me = ask(None, "/contoso/_apis/connectionData", token=token, headers=ANY_VERSION).json

    assert me["authenticatedUser"]["providerDisplayName"] == "Stakeholder"


def test_a_token_can_be_revoked(ask):
    token = token_on(created(ask, FORM))
    revoke = re.search(rf"{TOKENS}/(\w{{16}})/revoke", ask(None, TOKENS, headers={}).text)[0]

    assert send(ask, {}, person="administrator", path=revoke).status == 404
    assert send(ask, {}, path=revoke).status == 303
    assert ask(None, "/contoso/_apis/projects", token=token).status == 401


def test_global_tokens_are_refused_with_the_reason(ask):
    page = send(ask, FORM | {"organization": "all"})

    assert page.status == 422
    assert "can no longer be created" in page.text
    assert "Import" not in ask(None, TOKENS, headers={}).text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "Give the token a name."),
        ({"scopes": []}, "Select at least one scope."),
        ({"scopes": ["vso.nonsense"]}, "Select at least one scope."),
        ({"expires": "9999"}, "Choose one of the lifetimes in the list"),
        ({"expires": "soon"}, "Choose one of the lifetimes in the list"),
        ({"expires": "custom"}, "Choose the day on which the token expires."),
        ({"expires": "custom", "expires_on": "2020-01-01"}, "Choose a day after today"),
        ({"expires": "custom", "expires_on": "2999-01-01"}, "at most one year ahead"),
    ],
)
def test_a_form_with_a_mistake_makes_nothing(ask, change, says):
    page = send(ask, FORM | change)

    assert page.status == 422
    assert says in page.text
    assert "ends in" not in page.text


def test_a_token_may_last_until_a_day_of_ones_own(ask):
    last = datetime.now(UTC).date() + timedelta(days=365)

    send(ask, FORM | {"expires": "custom", "expires_on": last.isoformat()})

    assert f"{last.day} {last:%b %Y}" in ask(None, TOKENS, headers={}).text


def test_full_access_opens_everything(ask):
    token = token_on(created(ask, FORM | {"access": "full"}))

    assert ask(None, "/vsaex/contoso/_apis/userentitlements", token=token).status == 200


def test_tokens_are_kept_in_a_data_directory_without_their_secret(tmp_path):
    with running_sandbox(data=tmp_path) as first:
        token = token_on(created(Client(first), FORM))

    with running_sandbox(data=tmp_path) as second:
        assert Client(second)(None, "/contoso/_apis/projects", token=token).status == 200
    [kept] = tmp_path.iterdir()
    assert token not in kept.read_text()


@pytest.mark.parametrize("path", ["/", "/contoso", TOKENS, f"{TOKENS}/new", "/mail/"])
def test_pages_run_nothing(ask, path):
    page = ask(None, path, headers={})

    assert page.status == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text


def test_odd_names_are_only_text_on_pages(ask):
    page = ask(None, "/oddly-named", headers={})

    assert "<script>" not in page.text
    assert "<script>alert(1)" in html.unescape(page.text)


def test_a_repository_can_be_looked_at(ask):
    page = ask(None, "/contoso/Crane%20Operations/_git/crane-control", headers={})

    assert "src/Cranes/Trolley.cs" in page.text
    assert "experiment/swing" in page.text


def test_one_can_be_somebody_else(ask):
    form = {"person": "stakeholder", "back": "/contoso"}

    answer = send(ask, form, path="/_signin/as")

    assert (answer.status, answer.headers["Location"]) == (303, "/contoso")
    assert "sandbox-person=stakeholder" in answer.headers["Set-Cookie"]
    away = send(ask, form | {"back": "//example.com"}, path="/_signin/as")
    assert away.headers["Location"] == "/"


def test_pages_of_nobody_are_404(ask):
    assert ask(None, "/atlantis", headers={}).status == 404
    assert ask(None, "/atlantis/_usersSettings/tokens", headers={}).status == 404


def test_answers_of_the_service_carry_nothing_of_the_pages(ask):
    answer = ask(None, "/atlantis/_apis/projects")

    assert answer.headers.get_content_type() == "text/html"
    assert answer.headers["Content-Security-Policy"] is None
