"""However an organization is written, its name is found, or what is wrong is said."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bindings.providers.azure_names import OrganizationMalformed, parse_organization

# The rule as Microsoft documents it, not as our own code spells it.
RULE = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?\Z")
# Hosts of Microsoft's own, where an organization of the same name would have been.
THEIRS = ["www", "marketplace", "app", "code", "docs", "my", "status", "vs-ssh"]
NAMES = st.from_regex(RULE, fullmatch=True).filter(lambda name: name.lower() not in THEIRS)

SPELLINGS = [
    "{}",
    "  {}  ",
    "{}/",
    '"{}"',
    "dev.azure.com/{}",
    "https://dev.azure.com/{}",
    "http://dev.azure.com/{}/",
    "HTTPS://DEV.AZURE.COM/{}",
    "<https://dev.azure.com/{}>",
    "https://dev.azure.com/{}/Quay%20Side",
    "https://dev.azure.com/{}/Quay/_git/crane",
    "https://dev.azure.com:443/{}/Quay",
    "https://dev.azure.com/{}?view=projects",
    "https://dev.azure.com/{}#top",
    "https://dev.azure.com/{}/_usersSettings/tokens",
    "https://{}@dev.azure.com/{}/Quay/_git/crane",
    "https://harbour:anything@dev.azure.com/{}/Quay/_git/crane",
    "https://{}.visualstudio.com",
    "https://{}.visualstudio.com:443/",
    "https://{}.visualstudio.com/DefaultCollection",
    "https://{}.visualstudio.com/DefaultCollection/Quay/_git/crane",
    "{}.VisualStudio.com/Quay",
    "git@ssh.dev.azure.com:v3/{}/Quay/crane",
    "ssh://git@ssh.dev.azure.com:22/v3/{}/Quay/crane",
    "git@vs-ssh.visualstudio.com:v3/{}/Quay/crane",
    "{}@vs-ssh.visualstudio.com:v3/{}/Quay/crane",
    "ssh://{}@vs-ssh.visualstudio.com:22/DefaultCollection/Quay/_ssh/crane",
    "https://vssps.dev.azure.com/{}/_apis/graph/users",
    "https://vsaex.dev.azure.com/{}/_apis/userentitlements",
    "https://feeds.dev.azure.com/{}",
    "https://analytics.dev.azure.com/{}",
    "https://{}.vssps.visualstudio.com/_apis/graph/users",
    "https://{}.vsaex.visualstudio.com",
    "https://{}.feeds.visualstudio.com",
]


def written(spelling, name):
    return spelling.replace("{}", name)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_gives_the_name(spelling):
    assert parse_organization(written(spelling, "Contoso-2")) == "Contoso-2"


@settings(deadline=None)
@given(st.sampled_from(SPELLINGS), NAMES)
def test_every_spelling_of_any_valid_name_gives_it_back(spelling, name):
    assert parse_organization(written(spelling, name)) == name


@pytest.mark.parametrize("name", ["a", "7", "a--b", "c" * 50, "visualstudio", "dev"])
def test_names_at_the_edges_of_the_rule_are_taken(name):
    assert parse_organization(name) == name


def test_a_name_that_an_address_encodes_is_decoded():
    assert parse_organization("https://dev.azure.com/contoso%2D2") == "contoso-2"


MISSING = "Type the organization: its name, or its address as copied."
NOT_AZURE = "This is not an Azure DevOps address."
ONLY_LETTERS = "An organization's name has only letters a–z, digits and hyphens"

WRONG = [
    ("", MISSING),
    ("   ", MISSING),
    ("<>", MISSING),
    ("/", MISSING),
    ("https://github.com/contoso", "This is an address at GitHub."),
    ("https://www.github.com/contoso/crane", "This is an address at GitHub."),
    ("git@github.com:contoso/crane.git", "This is an address at GitHub."),
    ("https://gitlab.com/contoso", "This is an address at GitLab."),
    ("https://contoso@bitbucket.org/contoso/crane", "This is an address at Bitbucket."),
    ("dev.azure.com", "The organization's name is missing after dev.azure.com/."),
    ("https://dev.azure.com/", "The organization's name is missing after dev.azure.com/."),
    ("https://example.com/contoso", NOT_AZURE),
    ("http://127.0.0.1:8000/", NOT_AZURE),
    ("http://[::1]/contoso", NOT_AZURE),
    ("file:///etc/passwd", NOT_AZURE),
    ("../../contoso", NOT_AZURE),
    ("javascript:alert(1)", NOT_AZURE),
    ("https://dev.azure.com.example.com/contoso", NOT_AZURE),
    ("https://contoso.visualstudio.com.example.com/", NOT_AZURE),
    ("https://dev.azure.com@example.com/contoso", NOT_AZURE),
    ("https://example.com?dev.azure.com/contoso", NOT_AZURE),
    ("ssh.dev.azure.com", NOT_AZURE),
    *[(f"https://{host}.visualstudio.com/", NOT_AZURE) for host in THEIRS],
    ("https://app.vssps.visualstudio.com/_signin", NOT_AZURE),
    ("harbour.person@example.com", NOT_AZURE),
    ("https://dev.azure.com/con%20toso", ONLY_LETTERS),
    ("https://dev.azure.com/contoso%2f..%2fother", ONLY_LETTERS),
    ("https://dev.azure.com/contoso%00", ONLY_LETTERS),
    ("https://dev.azure.com/_usersSettings/tokens", ONLY_LETTERS),
    ("con toso", ONLY_LETTERS),
    ("con_toso", ONLY_LETTERS),
    ("häfen", ONLY_LETTERS),
    ("contoso２", ONLY_LETTERS),
    ("con\ntoso", ONLY_LETTERS),
    ("-contoso", "starts and ends with a letter or a digit"),
    ("contoso-", "starts and ends with a letter or a digit"),
    ("https://-contoso.visualstudio.com", "starts and ends with a letter or a digit"),
    ("c" * 52, "This is a token. Type the organization here."),
    ("c" * 84, "This is a token. Type the organization here."),
    ("c" * 51, "at most 50 characters; this has 51."),
    (f"https://dev.azure.com/{'c' * 60}", "at most 50 characters; this has 60."),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_what_is_no_organization_is_told_why(text, sentence):
    with pytest.raises(OrganizationMalformed) as refusal:
        parse_organization(text)

    assert sentence in refusal.value.message
    assert (refusal.value.code, refusal.value.field) == ("organization-malformed", "organization")


# Pieces of addresses, put together in every order, reach further than letters at random.
PIECES = st.sampled_from(
    ["https://", "ssh://", "git@", "dev.azure.com", "ssh.dev.azure.com", ".visualstudio.com"]
    + ["@vs-ssh", ":v3", ":22", "/", "//", "?", "#", "%", "%2f", "%00", "..", "\\", "\n", "contoso"]
    + ["github.com", "www.", "<", '"', " ", "ä", "-"]
)
ADDRESSES = st.lists(PIECES, max_size=8).map("".join)


@settings(deadline=None, max_examples=300)
@given(st.text() | ADDRESSES)
@example("https://dev.azure.com/contoso\n")
@example("a" * 100_000)
@example("@" * 10_000 + "dev.azure.com/")
def test_any_text_gives_a_name_by_the_rule_or_a_refusal(text):
    try:
        name = parse_organization(text)
    except OrganizationMalformed as refusal:
        assert refusal.message.endswith(".")
    else:
        assert RULE.fullmatch(name)
