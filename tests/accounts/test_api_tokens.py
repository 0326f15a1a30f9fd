"""API tokens: made once, shown once, kept as a digest, revoked by their owner."""

import io
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.errors import UnknownScope
from accounts.models import ApiToken, digest_of
from accounts.operations import issue_api_token
from tests.accounts.rows import everything
from tests.factories import UserFactory

PAGE = "/settings/api-tokens/"
TYPED = {"name": "Night watch", "scopes": ["organizations:read"], "days": "90"}
SECRET = re.compile(r"moor_[0-9a-f]{8}_[\w-]{43}")
NOON = "2026-11-24T12:00:00Z"


def make(browser, **typed):
    """Make a token on the page. Returns its secret."""
    return SECRET.search(browser.post(PAGE, TYPED | typed).text)[0]


def test_a_new_token_is_shown_once_and_never_again(browser_of, alice):
    browser = browser_of(alice)

    secret = make(browser)

    page = browser.get(PAGE)
    assert "Night watch" in page.text
    assert secret[:13] in page.text
    assert not SECRET.search(page.text)


def test_the_page_that_shows_it_is_kept_by_no_browser(browser_of, alice):
    response = browser_of(alice).post(PAGE, TYPED)

    assert "no-store" in response["Cache-Control"]


def test_only_a_digest_of_it_is_stored(browser_of, alice):
    secret = make(browser_of(alice))

    assert ApiToken.objects.get().digest == digest_of(secret)
    assert secret[13:] not in str(everything())


def test_the_new_token_calls_within_its_scopes(browser_of, client, alice):
    headers = {"Authorization": f"Bearer {make(browser_of(alice))}"}

    allowed = client.get("/api/v1/organizations", headers=headers)
    refused = client.get("/api/v1/key-availability", headers=headers)

    assert (allowed.status_code, refused.status_code) == (200, 403)


@pytest.mark.parametrize("days", [30, 90, 365])
def test_it_lives_as_long_as_was_chosen(browser_of, alice, time_machine, days):
    time_machine.move_to(NOON, tick=False)

    make(browser_of(alice), days=str(days))

    assert ApiToken.objects.get().expires_at == timezone.now() + timedelta(days=days)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "Give the token a name"),
        ({"name": "n" * 101}, "name", "at most 100 characters"),
        ({"scopes": []}, "scopes", "Choose at least one thing"),
        ({"scopes": ["everything"]}, "scopes", "is not one of the available choices"),
        ({"days": "3650"}, "days", "is not one of the available choices"),
        ({"days": ""}, "days", "required"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused_in_place(browser_of, alice, typed, field, sentence):
    response = browser_of(alice).post(PAGE, TYPED | typed)

    assert response.status_code == 422
    assert sentence in str(response.context["form"].errors[field])
    assert not ApiToken.objects.exists()


def test_a_revoked_token_ends_at_once(browser_of, client, alice):
    browser = browser_of(alice)
    headers = {"Authorization": f"Bearer {make(browser)}"}

    browser.post(f"{PAGE}{ApiToken.objects.get().pk}/revoke/")

    assert client.get("/api/v1/organizations", headers=headers).status_code == 401
    assert "Night watch" not in browser.get(PAGE).text


def test_nobody_revokes_or_sees_another_persons_token(browser_of, alice, charlie):
    make(browser_of(alice))
    token = ApiToken.objects.get()

    response = browser_of(charlie).post(f"{PAGE}{token.pk}/revoke/")

    assert response.status_code == 404
    assert ApiToken.objects.exists()
    assert token.prefix not in browser_of(charlie).get(PAGE).text


def test_an_expired_token_is_named_so(browser_of, alice):
    past = timezone.now() - timedelta(days=1)
    issue_api_token(alice, name="Old", scopes=["imports"], expires_at=past)

    assert "Expired" in browser_of(alice).get(PAGE).text


@pytest.mark.parametrize("scopes", [[], ["everything"], ["imports", "everything"]])
def test_a_scope_that_is_none_is_refused_by_the_rule_itself(alice, scopes):
    with pytest.raises(UnknownScope):
        issue_api_token(alice, name="test", scopes=scopes)

    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("seconds", "noted"),
    [(60, False), (299, False), (301, True), (3600, True)],
)
def test_its_last_use_is_noted_at_most_every_five_minutes(
    program_of, alice, time_machine, seconds, noted
):
    program = program_of(alice)
    time_machine.move_to(NOON, tick=False)
    program.get("/api/v1/organizations")
    first = timezone.now()

    time_machine.shift(seconds)
    program.get("/api/v1/organizations")

    assert ApiToken.objects.get().last_used_at == (timezone.now() if noted else first)


def issue(*arguments):
    output = io.StringIO()
    call_command("issue_api_token", *arguments, stdout=output)
    return output.getvalue()


def test_an_operator_issues_a_token_that_works(client, alice):
    scopes = ["organizations:read", "imports"]

    printed = issue("ALICE@example.com", "--scopes", *scopes, "--name", "Terraform")

    assert SECRET.fullmatch(printed.strip())
    token = ApiToken.objects.get()
    assert (token.user, token.name, token.scopes) == (alice, "Terraform", sorted(scopes))
    headers = {"Authorization": f"Bearer {printed.strip()}"}
    assert client.get("/api/v1/organizations", headers=headers).status_code == 200


def test_an_operators_token_lives_for_a_year_unless_told_otherwise(alice, time_machine):
    time_machine.move_to(NOON, tick=False)

    issue(alice.email, "--scopes", "imports")
    issue(alice.email, "--scopes", "imports", "--days", "7")

    ends = ApiToken.objects.order_by("expires_at").values_list("expires_at", flat=True)
    assert [(end - timezone.now()).days for end in ends] == [7, 365]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["nobody@example.com", "--scopes", "imports"],
            "Nobody active here has the e-mail address",
        ),
        (["dora@example.com", "--scopes", "everything"], "Choose among: organizations:read"),
        (["dora@example.com"], "--scopes"),
        (["dora@example.com", "--scopes", "imports", "--days", "soon"], "invalid int value"),
        (["dora@example.com", "--scopes", "imports", "--days", "0"], "--days takes 1 to 3650"),
        (["dora@example.com", "--scopes", "imports", "--days", "99999999"], "--days takes"),
        (["dora@example.com", "--scopes", "imports", "--name", "x" * 101], "1 to 100 characters"),
    ],
)
def test_an_operators_mistake_is_told_and_issues_nothing(db, arguments, sentence):
    UserFactory(email="dora@example.com")

    with pytest.raises(CommandError, match=sentence):
        issue(*arguments)

    assert not ApiToken.objects.exists()
