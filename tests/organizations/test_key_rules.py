"""An organization's key: what it may be, what is said about one that may not, suggestions."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organizations.keys import RESERVED, problem_with_key, suggest_key, variations
from organizations.operations import free_keys, key_problem
from tests.factories import OrganizationFactory

# The rule as it was agreed, not as our own code spells it.
RULE = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
NAMES = st.text() | st.sampled_from(sorted(RESERVED)) | st.text("ab-A ä", min_size=50)


@pytest.mark.parametrize("key", ["a", "7", "contoso", "contoso-2", "a--b", "2-2", "a" * 64])
def test_a_well_formed_key_has_no_problem(key):
    assert problem_with_key(key) is None


STRANGE = "A key has only the letters a–z, digits and hyphens. This one has: "
EDGES = "A key starts and ends with a letter or a digit, not with a hyphen."

WRONG = [
    ("", "Choose a key: it is the organization's name in addresses and in the API."),
    ("a" * 65, "A key has at most 64 characters; this one has 65."),
    ("-" * 65, "A key has at most 64 characters; this one has 65."),
    ("Contoso", "A key has no capital letters. Try “contoso”."),
    ("CONTOSO-2", "A key has no capital letters. Try “contoso-2”."),
    ("Häfen", "A key has no capital letters. Try “hafen”."),
    ("ADMIN", "A key has no capital letters. Try “admin-team”."),
    ("häfen", f"{STRANGE}ä"),
    ("порт", f"{STRANGE}о, п, р, т"),
    ("ｃontoso", f"{STRANGE}ｃ"),
    ("contoso２", f"{STRANGE}２"),
    ("港", f"{STRANGE}港"),
    ("con toso", f"{STRANGE}space"),
    ("contoso\n", f"{STRANGE}line break"),
    ("con\u200btoso", f"{STRANGE}zero width space"),
    ("con\xa0toso", f"{STRANGE}no-break space"),
    ("con_toso", f"{STRANGE}_"),
    ("contoso/../x", f"{STRANGE}., /"),
    ("!#$%&()", f"{STRANGE}!, #, $, %, &"),
    ("-contoso", EDGES),
    ("contoso-", EDGES),
    ("-", EDGES),
    ("admin", "“admin” is reserved. Try “admin-team”."),
    ("organizations", "“organizations” is reserved. Try “organizations-team”."),
]


@pytest.mark.parametrize(("key", "sentence"), WRONG)
def test_a_wrong_key_is_told_why(key, sentence):
    assert problem_with_key(key).startswith(sentence)


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_reserved_word_is_offered_with_an_ending_that_can_be_had(word):
    assert "is reserved" in problem_with_key(word)
    assert problem_with_key(f"{word}-team") is None


@settings(deadline=None)
@given(st.text("abz019-_A ä\n", max_size=70) | st.from_regex(RULE, fullmatch=True))
def test_a_key_has_no_problem_exactly_when_it_keeps_the_rule(key):
    keeps = bool(RULE.fullmatch(key)) and key not in RESERVED

    assert (problem_with_key(key) is None) == keeps


SUGGESTIONS = [
    ("Contoso", "contoso"),
    ("Contoso Häfen", "contoso-hafen"),
    ("  Contoso -- GmbH & Co. KG ", "contoso-gmbh-co-kg"),
    ("Crème Brûlée №1", "creme-brulee-no1"),
    ("ﬁnance", "finance"),
    ("港", "organization"),
    ("", "organization"),
    ("---", "organization"),
    ("Admin", "admin-team"),
    ("a" * 100, "a" * 64),
    ("a" * 63 + " b", "a" * 63),
]


@pytest.mark.parametrize(("name", "key"), SUGGESTIONS)
def test_a_key_is_suggested_from_any_name(name, key):
    assert suggest_key(name) == key


@settings(deadline=None)
@given(NAMES)
def test_every_suggestion_is_well_formed_and_suggests_itself(name):
    key = suggest_key(name)

    assert problem_with_key(key) is None
    assert suggest_key(key) == key


@settings(deadline=None)
@given(NAMES)
def test_every_variation_is_well_formed_and_unlike_the_others(name):
    others = variations(name)

    assert [problem_with_key(key) for key in others] == [None] * len(others)
    assert len(set(others)) == len(others) > 20


@pytest.mark.django_db
def test_only_keys_that_nobody_has_are_offered(queries):
    for key in ("contoso", "contoso-2", "contoso-us"):
        OrganizationFactory(key=key)

    with queries() as asked:
        offered = free_keys("Contoso")

    assert offered == ["contoso-eu", "contoso-dev", "contoso-team"]
    assert len(asked) == 1


@pytest.mark.django_db
def test_a_free_key_is_offered_as_it_is():
    assert free_keys("contoso", count=2) == ["contoso", "contoso-2"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("contoso", "This key is taken. Choose another one."),
        ("Contoso", "A key has no capital letters. Try “contoso”."),
        ("contoso-2", None),
    ],
)
def test_why_a_key_can_not_be_had(key, problem):
    OrganizationFactory(key="contoso")

    assert key_problem(key) == problem
