"""What a repository says of its own files, in `.gitattributes`, and a project of its.

Understood: `linguist-vendored`, `linguist-generated`, `linguist-documentation`,
`linguist-detectable` and `linguist-language`, with the meaning that GitHub gave them, and our
own `mooring-counts`, which has the last word. Source: git-scm.com/docs/gitattributes,
github.com/github-linguist/linguist/blob/main/docs/overrides.md
"""

import fnmatch
import re
from functools import lru_cache
from typing import NamedTuple

from projects.counting.model import Reason

FILE = ".gitattributes"
COUNTS = "mooring-counts"
DETECTABLE = "linguist-detectable"
LANGUAGE = "linguist-language"
LEAVES_OUT = {
    "linguist-vendored": Reason.VENDORED,
    "linguist-generated": Reason.GENERATED,
    "linguist-documentation": Reason.DOCUMENTATION,
}
UNDERSTOOD = frozenset([COUNTS, DETECTABLE, LANGUAGE, *LEAVES_OUT])
# A file with more lines than this is no list that a person keeps.
MOST_LINES = 5000

Value = str | bool | None
_NOTHING = re.compile("(?!)")


class Line(NamedTuple):
    """A pattern as git writes them, by parts, and what it says: True, False, None or a word.

    One part alone is about a file's own name, wherever it is.
    """

    pattern: tuple[re.Pattern[str] | None, ...]
    is_name: bool
    values: dict[str, Value]


class Attributes:
    """All that is said of the files of one tree. Deeper files and later lines win."""

    def __init__(self) -> None:
        self._by_folder: dict[str, list[Line]] = {}
        self._own: list[Line] = []

    def add(self, folder: str, text: str) -> None:
        """What the file in `folder` says, which is "" at the root and else ends with `/`."""
        if lines := read(text):
            self._by_folder[folder] = lines

    def add_own(self, text: str) -> None:
        """The project's list, which wins over everything in the repository."""
        self._own = read(text)

    def of(self, path: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        if self._by_folder:
            for folder in _folders(path):
                for line in self._by_folder.get(folder, ()):
                    _apply(line, path[len(folder) :], found)
        for line in self._own:
            _apply(line, path, found)
        return found


def read(text: str) -> list[Line]:
    """Only the lines that say something that is understood."""
    lines = [_line(row) for row in text.splitlines()[:MOST_LINES]]
    return [line for line in lines if line is not None]


def _line(row: str) -> Line | None:
    row = row.strip()
    if not row or row.startswith(("#", "[attr]", "!")):
        return None
    pattern, rest = _split(row)
    values = dict(_value(word) for word in rest.split())
    known = {name: value for name, value in values.items() if name in UNDERSTOOD}
    # A folder alone matches no file in it.
    if not known or pattern.endswith("/"):
        return None
    return Line(_compiled(pattern), "/" not in pattern, known)


def _split(row: str) -> tuple[str, str]:
    """The pattern, which may be in quotes for the spaces in it, and the rest."""
    if row.startswith('"') and (end := row.find('"', 1)) > 0:
        return row[1:end], row[end + 1 :]
    pattern, *rest = row.split(None, 1)
    return pattern, " ".join(rest)


def _value(word: str) -> tuple[str, Value]:
    name, given, value = word.partition("=")
    if given:
        return name, {"true": True, "false": False}.get(value.lower(), value)
    if word.startswith("-"):
        return word[1:], False
    return (word[1:], None) if word.startswith("!") else (word, True)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> tuple[re.Pattern[str] | None, ...]:
    """Part by part, None standing for `**`. A part's expression needs no time to speak of,
    whatever it is tried on, which an expression for the whole of a pattern could.
    """
    parts = pattern.removeprefix("/").split("/")
    if len(parts) > 1 and parts[-1] == "**":
        # Everything in a folder, but not the folder.
        parts.insert(-1, "*")
    return tuple(None if part == "**" else re.compile(fnmatch.translate(part)) for part in parts)


def _matches(pattern: tuple[re.Pattern[str] | None, ...], parts: list[str]) -> bool:
    """Go on as long as parts fit; where they don't, let the last `**` take one more."""
    at = here = 0
    star, taken = -1, 0
    while here < len(parts):
        wanted = pattern[at] if at < len(pattern) else _NOTHING
        if wanted is None:
            star, taken, at = at, here, at + 1
        elif wanted.match(parts[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            taken += 1
            at, here = star + 1, taken
        else:
            return False
    return all(rest is None for rest in pattern[at:])


def _folders(path: str) -> list[str]:
    """`["", "a/", "a/b/"]` for `a/b/c`."""
    return ["", *(path[: match.end()] for match in re.finditer("/", path))]


def _apply(line: Line, path: str, found: dict[str, Value]) -> None:
    parts = path.split("/")
    if _matches(line.pattern, parts[-1:] if line.is_name else parts):
        for name, value in line.values.items():
            if value is None:
                found.pop(name, None)
            else:
                found[name] = value
