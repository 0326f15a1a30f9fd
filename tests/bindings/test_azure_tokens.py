"""What can be told of a token by looking at it, and what is said about a paste that is none."""

import base64
import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bindings.providers.azure_tokens import TokenMalformed, check_token, format_of
from tests.tokens import ALPHABET, letters, make_legacy_token, make_token


def sign_in_token():
    """As Microsoft Entra gives out: three parts of base64, an hour to live."""

    def part(said):
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    header, claims = {"typ": "JWT", "alg": "RS256"}, {"aud": "499b84ac", "name": letters(900)}
    return f"{part(header)}.{part(claims)}.{letters(342)}"


def refusal_of(text):
    with pytest.raises(TokenMalformed) as refusal:
        check_token(text)
    return refusal.value


@pytest.mark.parametrize("make", [make_token, make_legacy_token, lambda: letters(84)])
def test_what_may_be_a_token_is_taken_as_it_is(make):
    token = make()

    assert check_token(token) == token


SPACE = "There is white space before or after the token."
BROKEN = "The token is broken over several lines."
FOREIGN = {
    "ghp_": "a GitHub token",
    "gho_": "a GitHub token",
    "ghs_": "a GitHub token",
    "github_pat_": "a GitHub token",
    "glpat-": "a GitLab token",
    "glptt-": "a GitLab token",
    "ATATT": "an Atlassian token",
    "moor_": "a token of our own API",
}

PASTES = [
    ("first 83 characters", lambda: make_token()[:83], "This has 83 characters; a token has 84"),
    ("first half", lambda: make_token()[:42], "This has 42 characters; a token has 84"),
    ("twice", lambda: make_token() * 2, "This has 168 characters; a token has 84"),
    ("space before", lambda: f" {make_token()}", SPACE),
    ("line end after", lambda: f"{make_token()}\r\n", SPACE),
    ("no-break space after", lambda: f"{make_token()}\xa0", SPACE),
    ("two lines", lambda: f"{letters(40)}\n{letters(44)}", BROKEN),
    ("windows lines", lambda: f"{letters(40)}\r\n{letters(44)}", BROKEN),
    ("unicode lines", lambda: f"{letters(40)}\u2028{letters(44)}", BROKEN),
    ("equals sign", lambda: f"{make_token()}=", "this also has: =. Copy it again"),
    ("quoted", lambda: f'"{make_token()}"', 'this also has: ". Copy it again'),
    ("quoted by a text", lambda: f"\u201c{make_token()}", "this also has: \u201c. Copy it again"),
    ("invisible", lambda: f"\u200b{make_token()}", "this also has: zero width space. Copy"),
    ("byte order mark", lambda: f"\ufeff{make_token()}", "has: zero width no-break space. Copy"),
    ("control character", lambda: f"{make_token()}\x07", "this also has: character 7. Copy"),
    ("space inside", lambda: f"{letters(40)} {letters(44)}", "this also has: space. Copy"),
    ("sign-in token", sign_in_token, "This is a sign-in (Entra) token, which lives for about"),
    *[
        (prefix, lambda prefix=prefix: f"{prefix}{letters(40)}", f"This is {name}.")
        for prefix, name in FOREIGN.items()
    ],
    ("ten megabytes", lambda: letters(100) * 100_000, "This is 10,000,000 characters long"),
]


@pytest.mark.parametrize(
    ("make", "sentence"), [row[1:] for row in PASTES], ids=[row[0] for row in PASTES]
)
def test_each_wrong_paste_has_its_own_sentence_which_does_not_quote_it(make, sentence):
    pasted = make()

    refusal = refusal_of(pasted)

    assert sentence in refusal.message
    assert pasted.strip() not in f"{refusal!r}{refusal}{refusal.__dict__}"
    assert pasted[4:30] not in f"{refusal!r}{refusal}{refusal.__dict__}"


@pytest.mark.parametrize("text", ["", " ", "\n", "\t \r\n"])
def test_nothing_pasted_is_asked_for(text):
    refusal = refusal_of(text)

    assert refusal.message == "Paste the token."
    assert (refusal.code, refusal.field) == ("token-malformed", "token")


def test_no_more_than_five_strange_characters_are_named():
    refusal = refusal_of(f"{letters(70)}!#$%&()*+")

    assert "this also has: !, #, $, %, &. Copy it again" in refusal.message


@settings(deadline=None)
@given(st.text() | st.text(ALPHABET, min_size=50, max_size=86))
def test_any_text_is_taken_as_it_is_or_refused_in_words(text):
    try:
        assert check_token(text) == text
        assert len(text) in (52, 84)
    except TokenMalformed as refusal:
        assert refusal.message.endswith(".")


@settings(deadline=None)
@given(st.text(ALPHABET, min_size=20, max_size=83), st.text(max_size=30), st.text(max_size=30))
def test_no_refusal_quotes_a_secret_whatever_is_around_it(secret, before, after):
    try:
        check_token(before + secret + after)
    except TokenMalformed as refusal:
        assert secret not in f"{refusal!r}{refusal}{refusal.__dict__}"


LATEST = [
    ("A", "A", date(2025, 1, 31)),
    ("A", "B", date(2025, 2, 28)),
    ("C", "K", date(2027, 11, 30)),
    ("C", "L", date(2027, 12, 31)),
    ("D", "B", date(2028, 2, 29)),
]


@pytest.mark.parametrize(("year", "month", "latest"), LATEST)
def test_a_token_lives_no_longer_than_a_year_after_its_month(year, month, latest):
    shape = format_of(make_token(year, month))

    assert shape.is_usual
    assert shape.latest_expiry == latest


@pytest.mark.parametrize("make", [make_legacy_token, lambda: letters(84), lambda: letters(52)])
def test_a_token_without_a_month_says_nothing_about_its_end(make):
    assert format_of(make()).latest_expiry is None


def test_a_token_without_the_platforms_mark_is_unusual():
    token = make_token()

    assert not format_of(token.replace("AZDO", "AZDX")).is_usual
    assert not format_of(letters(84)).is_usual


def test_one_wrong_character_breaks_the_checksum_of_an_old_token():
    token = make_legacy_token()
    other = "b" if token[10] == "a" else "a"

    assert format_of(token).is_usual
    assert not format_of(token[:10] + other + token[11:]).is_usual


@settings(deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=52, max_size=52) | st.text(ALPHABET))
def test_the_format_of_any_text_can_be_asked(text):
    assert format_of(text).is_usual in (True, False)
