"""Patterns as git writes them in `.gitattributes`, made so that none takes long to try.

A pattern is tried part by part, and a part by an expression that never goes back, so the work is
at most parts by parts and length by length, whoever wrote it. A `?` stands for a character, where
git means a byte. Source: git-scm.com/docs/gitignore#_pattern_format, wildmatch.c and attr.c of git.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# More is no pattern of a person.
MOST_PARTS = 64

# None stands for `**`.
Part = re.Pattern[str] | None

_NOTHING = re.compile("(?!)")
# In a set, a bracket that closes is none of its own where it is the first, or behind a backslash.
_TOKEN = re.compile(
    r"(?P<slash>\\?/)|\\(?P<literal>.)|(?P<stars>\*+)|(?P<any>\?)"
    r"|(?P<set>\[[!^]?(?>\]|)(?>(?:\[:[^\]]*:\]|\\.|[^\]\\])*)\])|(?P<plain>[^\\*?\[])",
    re.DOTALL,
)
_IN_SET = re.compile(
    r"\[:(?P<kind>[^\]]*):\]|(?P<first>\\.|[^\\])(?:-(?P<last>\\.|[^\]\\]))?", re.DOTALL
)
_KINDS = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": r" \t", "cntrl": r"\0-\x1f\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~",
    "space": r"\s", "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


class Pattern(NamedTuple):
    """`is_name`: about a file's own name, wherever it is."""

    parts: tuple[Part, ...]
    is_name: bool

    def matches(self, path: list[str]) -> bool:
        return _fits(self.parts, path[-1:] if self.is_name else path)


class _Broken(Exception):
    """Git takes it for a pattern that matches nothing."""


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Pattern | None:
    """None for one that no file can match: it is of folders, denies, or is broken."""
    if pattern.endswith("/") or pattern.startswith("!"):
        return None
    try:
        parts = list(_parts(pattern.removeprefix("/")))
    except _Broken:
        return None
    if len(parts) > MOST_PARTS:
        return None
    if len(parts) > 1 and parts[-1] is None:
        # Everything in a folder, but not the folder.
        parts.insert(-1, re.compile(".*", re.DOTALL))
    return Pattern(tuple(parts), is_name="/" not in pattern)


def forget() -> None:
    """Keep no pattern any more."""
    compiled.cache_clear()


def _fits(pattern: tuple[Part, ...], path: list[str]) -> bool:
    """Go on as long as parts fit; where they don't, let the last `**` take one more."""
    at = here = 0
    star, taken = -1, 0
    while here < len(path):
        wanted = pattern[at] if at < len(pattern) else _NOTHING
        if wanted is None:
            star, taken, at = at, here, at + 1
        elif wanted.fullmatch(path[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            taken += 1
            at, here = star + 1, taken
        else:
            return False
    return all(rest is None for rest in pattern[at:])


def _parts(pattern: str) -> Iterator[Part]:
    """Each part as an expression, by pieces: what is between two `*`, of a fixed length."""
    pieces, at, begins = [""], 0, 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:  # a backslash with nothing behind it
            raise _Broken
        if token["slash"]:
            yield _part(pieces, pattern[begins:at])
            pieces, begins = [""], token.end()
        elif token["stars"]:
            pieces.append("")
        else:
            pieces[-1] += _expression(token)
        at = token.end()
    yield _part(pieces, pattern[begins:])


def _expression(token: re.Match[str]) -> str:
    """Of one character."""
    if token["set"]:
        return _set(token["set"][1:-1])
    return "." if token["any"] else re.escape(token["literal"] or token["plain"])


def _part(pieces: list[str], text: str) -> Part:
    if text == "**":
        return None
    expression, *others = pieces
    # What a `*` took is never given back: the first place where the next piece fits is as good
    # as any. Only the last piece has no choice.
    expression += "".join(f"(?>.*?{piece})" for piece in others[:-1])
    if others:
        expression += f".*{others[-1]}"
    return re.compile(expression, re.DOTALL)


def _set(text: str) -> str:
    """What stands in brackets."""
    is_negated = text.startswith(("!", "^"))
    choices, at = "", int(is_negated)
    while at < len(text):
        found = _IN_SET.match(text, at)
        if found is None:
            raise _Broken
        choices += _choice(found)
        at = found.end()
    return f"[^{choices}]" if is_negated else f"[{choices}]"


def _choice(found: re.Match[str]) -> str:
    if (kind := found["kind"]) is not None:
        if kind not in _KINDS:
            raise _Broken
        return _KINDS[kind]
    first, last = found["first"][-1], (found["last"] or found["first"])[-1]
    # From high to low is the first alone.
    return f"{re.escape(first)}-{re.escape(last)}" if first < last else re.escape(first)
