"""What a repository says of its own files, in `.gitattributes`, and a project of its.

Understood: `linguist-vendored`, `linguist-generated`, `linguist-documentation`,
`linguist-detectable` and `linguist-language`, with the meaning that GitHub gave them, and our
own `mooring-counts`, which has the last word. Source: git-scm.com/docs/gitattributes,
github.com/github-linguist/linguist/blob/main/docs/overrides.md
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from projects.counting.model import Reason
from projects.counting.patterns import Pattern, compiled

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
# Of one tree, that say something understood: more are no list that a person keeps. Git itself
# reads no line that is longer.
MOST_LINES, MOST_MACROS = 5000, 100
LONGEST_LINE = 2048
# A pattern becomes an expression, which takes fifty times its memory and a while to make.
LONGEST_PATTERN, MOST_PATTERNS = 256, 512 * 1024

Value = str | bool | None
# In this order: later ones win.
Values = tuple[tuple[str, Value], ...]

_MACRO = "[attr]"
_NAME = re.compile(r"(?!-|builtin_)[-A-Za-z0-9_.]+")
_BLANK = " \t\r\n"
_BLANKS = re.compile(f"[{_BLANK}]+")
_ESCAPED = re.compile(rb'\\(?:([0-3][0-7]{2})|([abfnrtv\\"]))')
_LETTERS = dict(zip(b'abfnrtv\\"', b'\a\b\f\n\r\t\v\\"', strict=True))
_QUOTED = re.compile(r'"((?:\\(?:[0-3][0-7]{2}|[abfnrtv\\"])|[^"\\])*)"')


class Line(NamedTuple):
    """A pattern, and what it says: True, False, None or a word."""

    pattern: Pattern
    values: Values


class Attributes:
    """All that is said of the files of one tree. Deeper files and later lines win.

    `by_folder` is the text of each file by its folder, which is "" at the root and else ends with
    `/`; `own` is the project's list, which wins over everything in the repository. `look` is
    called again and again while they are read: whoever has no more time raises something.
    """

    def __init__(
        self,
        by_folder: Mapping[str, str] | None = None,
        *,
        own: str = "",
        look: Callable[[], object] = lambda: None,
    ) -> None:
        given = by_folder or {}
        self._look, self._text_left = look, MOST_PATTERNS
        # Names that stand for others are defined at the root alone.
        macros = filter(None, map(_macro, _rows(given.get("", ""))))
        self._macros = dict(islice(macros, MOST_MACROS))
        self._own = self._read(own)
        self._by_folder: dict[str, list[Line]] = {}
        left = MOST_LINES
        for folder in sorted(given, key=len):
            if lines := self._read(given[folder])[:left]:
                self._by_folder[folder] = lines
                left -= len(lines)

    def of(self, path: str) -> dict[str, Value]:
        """What holds for a file, without what is said of it in vain."""
        if not self._by_folder and not self._own:
            return {}
        found: dict[str, Value] = {}
        for values in self._said(path):
            self._note(list(values), found)
        return {name: value for name, value in found.items() if value is not None}

    def _said(self, path: str) -> Iterator[Values]:
        """By the lines that match, the strongest first."""
        parts = path.split("/")
        yield from (line.values for line in reversed(self._own) if line.pattern.matches(parts))
        if not self._by_folder:
            return
        end = len(path)
        for depth in reversed(range(len(parts))):
            end = path.rfind("/", 0, end)
            for line in reversed(self._by_folder.get(path[: end + 1], ())):
                if line.pattern.matches(parts[depth:]):
                    yield line.values

    def _note(self, waiting: list[tuple[str, Value]], found: dict[str, Value]) -> None:
        """What was said before, by a stronger line, stays."""
        while waiting:
            name, value = waiting.pop()
            if name not in found:
                found[name] = value
                if value is True:
                    waiting.extend(self._macros.get(name, ()))

    def _read(self, text: str) -> list[Line]:
        """Only the lines that say something that is understood."""
        lines = []
        for row in _rows(text):
            self._look()
            if line := self._line(row):
                lines.append(line)
        return lines

    def _line(self, row: str) -> Line | None:
        if row.startswith(_MACRO):
            return None
        text, rest = _split(row)
        values = _values(rest)
        known = tuple(each for each in values if each[0] in UNDERSTOOD or each[0] in self._macros)
        pattern = self._pattern(text) if known else None
        return Line(pattern, known) if pattern else None

    def _pattern(self, text: str) -> Pattern | None:
        """None for one that matches nothing, and where there is too much of it or of all."""
        if len(text) > min(LONGEST_PATTERN, self._text_left):
            return None
        self._text_left -= len(text)
        return compiled(text)


def _rows(text: str) -> list[str]:
    rows = (row.strip(_BLANK) for row in text.split("\n") if len(row) < LONGEST_LINE)
    return [row for row in rows if row and not row.startswith("#")][:MOST_LINES]


def _macro(row: str) -> tuple[str, Values] | None:
    """A name that stands for others, and they."""
    if not row.startswith(_MACRO):
        return None
    name, rest = _split(row.removeprefix(_MACRO).lstrip(_BLANK))
    return (name, _values(rest)) if _NAME.fullmatch(name) else None


def _split(row: str) -> tuple[str, str]:
    """The pattern, which may be in quotes for the spaces in it, and the rest."""
    if quoted := _QUOTED.match(row):
        return _unquoted(quoted[1]), row[quoted.end() :]
    pattern, *rest = _BLANKS.split(row, maxsplit=1)
    return pattern, " ".join(rest)


def _unquoted(text: str) -> str:
    def one(found: re.Match[bytes]) -> bytes:
        octal, letter = found.groups()
        return bytes([int(octal, 8) if octal else _LETTERS[ord(letter)]])

    return _ESCAPED.sub(one, text.encode()).decode(errors="replace")


def _values(text: str) -> Values:
    """None of them where one has no proper name: git then passes the line over."""
    values = tuple(map(_value, filter(None, _BLANKS.split(text))))
    return values if all(_NAME.fullmatch(name) for name, _ in values) else ()


def _value(word: str) -> tuple[str, Value]:
    name, given, value = word.partition("=")
    if name.startswith("-"):
        return name[1:], False
    if name.startswith("!"):
        return name[1:], None
    return name, ({"true": True, "false": False}.get(value.lower(), value) if given else True)
