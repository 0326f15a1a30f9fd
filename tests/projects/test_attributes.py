"""What a repository says of its own files is understood as git understands it."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.counting.attributes import LONGEST_LINE, LONGEST_PATTERN, MOST_PATTERNS, Attributes
from projects.counting.errors import TookTooLong
from projects.counting.patterns import MOST_PARTS, compiled

GENERATED = "linguist-generated"


def matches(pattern, path):
    return Attributes({"": f"{pattern} {GENERATED}\n"}).of(path) == {GENERATED: True}


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.py", "a/b/c.py"),
        ("/a.py", "a.py"),
        ("a/**", "a/b/c.py"),
        ("**/c.py", "c.py"),
        ("a/**/c.py", "a/c.py"),
        (r'"quo\"ted \303\274.py"', 'quo"ted ü.py'),
        (r"\*.py", "*.py"),
        ("[!a].py", "b.py"),
        ("[[:digit:]].py", "1.py"),
    ],
)
def test_a_pattern_matches(pattern, path):
    assert matches(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/a.py", "b/a.py"),
        ("a/", "a/b.py"),
        ("a", "a/b.py"),
        ("a/*", "a/b/c.py"),
        ("!a.py", "a.py"),
        (r"\*.py", "a.py"),
        ("[a.py", "[a.py"),
        ("a.py a$b", "a.py"),
        ("/".join("a" * (MOST_PARTS + 1)), "/".join("a" * (MOST_PARTS + 1))),
        ("a" * (LONGEST_PATTERN + 1), "a" * (LONGEST_PATTERN + 1)),
        ("*" * LONGEST_LINE, "a"),
    ],
)
def test_a_pattern_does_not_match(pattern, path):
    assert not matches(pattern, path)


# Where an attempt could be made in ever more ways, no machine would live to see these fail.
@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 127 + "b", "a" * 4000),
        ("*?" * 127 + "b", "a" * 4000),
        ("*[!b]*" * 42 + "b", "a" * 4000),
        ("**/" * 60 + "x", "a/" * 250 + "y"),
        ("**/a/" * 31 + "x", "a/" * 250 + "y"),
        ("/".join(["*a*a*b"] * 36), "/".join(["a" * 15] * 250)),
    ],
)
def test_no_pattern_is_slow(pattern, path):
    assert len(pattern) <= LONGEST_PATTERN
    assert not any(matches(pattern, path) for _ in range(20))


def test_of_all_patterns_only_so_much_is_understood():
    longest = [
        f"{number:0{LONGEST_PATTERN}}" for number in range(2 * MOST_PATTERNS // LONGEST_PATTERN)
    ]
    text = "".join(f"{each} {GENERATED}\n" for each in longest)

    said = Attributes({"": text}, own=f"mine {GENERATED}\n")

    assert said.of(longest[0]) and said.of("mine")
    assert said.of(longest[-1]) == {}


def test_reading_ends_when_there_is_no_more_time():
    def look():
        raise TookTooLong(0)

    with pytest.raises(TookTooLong):
        Attributes({"": f"*.py {GENERATED}\n"}, look=look)


class Counted:
    """A part that matches all but the last, and counts how often it is asked."""

    def __init__(self):
        self.asked = 0

    def fullmatch(self, part):
        self.asked += 1
        return part == "a"


def test_the_parts_of_a_path_are_tried_no_more_often_than_there_are_pairs():
    part, path = Counted(), ["a"] * 250 + ["b"]
    pattern = compiled("**/x")._replace(parts=(None, part, part, part) * 10)

    assert not pattern.matches(path)
    assert 0 < part.asked <= len(path) * len(pattern.parts)


def test_a_macro_stands_for_others_and_is_defined_at_the_root_alone():
    said = Attributes(
        {
            "": "*.py ours\n[attr]ours linguist-vendored linguist-language=Ruby theirs\n"
            "[attr]theirs linguist-generated ours\nb.py -linguist-vendored\nc.py -ours\n",
            "sub/": "[attr]mine linguist-vendored\nd.js mine\n",
        }
    )

    ours = {"linguist-vendored": True, "linguist-language": "Ruby", GENERATED: True}
    assert relevant(said.of("a.py")) == ours
    assert relevant(said.of("b.py")) == ours | {"linguist-vendored": False}
    assert relevant(said.of("c.py")) == {}
    assert relevant(said.of("sub/d.js")) == {}


def relevant(said):
    return {name: value for name, value in said.items() if name.startswith("linguist-")}


# Beside git itself

ASKED = ("linguist-vendored", GENERATED, "linguist-language")
# A `**` that is no whole part means something else in every third version of git, and a `?` is a
# byte there and a character here: neither is asked for.
PIECES = st.sampled_from(
    ["a", "b", ".py", "*", "?", "[ab]", "[!a]", "[^b-c]", "[a-c]", "[]a]", "[b-a]", r"\*", r"\a"]
    + ["[[:alpha:]]", "[[:digit:]_]", "[a", "-", "A"]
)
PART = (
    st.lists(PIECES, min_size=1, max_size=4).map("".join).map(lambda text: text.replace("**", "*"))
)
PATTERN = st.tuples(
    st.sampled_from(["", "", "/", "**/", '"']),
    st.lists(st.one_of(PART, PART, st.just("**")), min_size=1, max_size=4).map("/".join),
    st.sampled_from(["", "", "/**", "/"]),
).map(lambda each: quoted("".join(each)))
VALUE = st.sampled_from(
    [f"{sign}{name}" for name in (*ASKED[:2], "text", "ours", "theirs") for sign in ("", "-", "!")]
    + ["linguist-language=Ruby", "linguist-language=C", f"-{GENERATED}=x", "ours=x"]
)
VALUES = st.lists(VALUE, min_size=1, max_size=3).map(" ".join)
LINE = st.tuples(PATTERN, VALUES).map("  ".join)
MACRO = st.tuples(st.sampled_from(["[attr]ours", "[attr]theirs"]), VALUES).map(" ".join)
ROOT = st.lists(st.one_of(LINE, LINE, LINE, MACRO, st.just("# a comment")), max_size=8)
DEEPER = st.lists(LINE, max_size=4)
NAME = st.text("abcA1*_-.", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(st.lists(NAME, min_size=1, max_size=4).map("/".join), min_size=1, max_size=30)


def quoted(pattern):
    return f'{pattern.replace(chr(92), chr(92) * 2)}"' if pattern.startswith('"') else pattern


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    if not shutil.which("git"):
        pytest.skip("git is not installed, so there is nothing to compare with.")
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / "a").mkdir()
    return folder


def told_by_git(repository, paths):
    done = subprocess.run(
        ["git", "-c", "core.ignorecase=false", "check-attr", "-z", "--stdin", *ASKED],
        cwd=repository, input="".join(f"{path}\0" for path in paths).encode(),
        capture_output=True, check=True,
    )  # fmt: skip
    words = done.stdout.decode().split("\0")
    values = {"set": True, "unset": False}
    told = {path: {} for path in paths}
    for path, name, value in zip(words[::3], words[1::3], words[2::3], strict=False):
        if value != "unspecified":
            told[path][name] = values.get(value, value)
    return told


@settings(deadline=None, max_examples=150)
@given(ROOT, DEEPER, PATHS)
def test_git_understands_the_same(repository, root, deeper, paths):
    (repository / ".gitattributes").write_text("\n".join(root))
    (repository / "a" / ".gitattributes").write_text("\n".join(deeper))

    attributes = Attributes({"": "\n".join(root), "a/": "\n".join(deeper)})

    assert {path: relevant(attributes.of(path)) for path in paths} == told_by_git(repository, paths)
