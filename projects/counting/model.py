"""What a count is: lines by language, and what was left out of it and why."""

import heapq
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

# Of each reason, so many of the largest files are named.
EXAMPLES = 10
LONGEST_EXAMPLE = 1000


class Reason(StrEnum):
    """Why a file does not count. Every file that does not has exactly one."""

    VENDORED = "vendored"
    GENERATED = "generated"
    MINIFIED = "minified"
    TEST = "test"
    DOCUMENTATION = "documentation"
    NOT_CODE = "not_code"
    LISTED = "listed"
    UNKNOWN_LANGUAGE = "unknown_language"
    BINARY = "binary"
    LFS_POINTER = "lfs_pointer"
    SYMBOLIC_LINK = "symbolic_link"
    SUBMODULE = "submodule"
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"


@dataclass
class Lines:
    """Physical lines of some files. Code: at least one character that is neither white space
    nor part of a comment.
    """

    files: int = 0
    code: int = 0
    comment: int = 0
    blank: int = 0

    @property
    def all(self) -> int:
        return self.code + self.comment + self.blank

    def add(self, other: "Lines") -> None:
        self.files += other.files
        self.code += other.code
        self.comment += other.comment
        self.blank += other.blank


class Outcome(NamedTuple):
    """What became of one file: lines that count, or why they don't, as far as they are known."""

    path: str
    reason: Reason | None
    language: str = ""
    lines: Lines | None = None


@dataclass
class LeftOut:
    """Files that do not count for one reason. `code` is what they would have added, as far as
    it was looked at; `examples` are the largest, as (lines of code, path).
    """

    files: int = 0
    code: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)

    def add(self, path: str, code: int = 0) -> None:
        self.files += 1
        self.code += code
        keep = heapq.heappush if len(self.examples) < EXAMPLES else heapq.heappushpop
        # A name that nobody chose with care may hold what a database can't.
        keep(self.examples, (code, path[:LONGEST_EXAMPLE].replace("\0", "\ufffd")))


@dataclass
class Count:
    """One tree of files, counted. `version` tells by which tool and which rules."""

    version: str
    languages: dict[str, Lines] = field(default_factory=dict)
    left_out: dict[Reason, LeftOut] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The lines that count."""
        return sum(lines.code for lines in self.languages.values())

    @property
    def files(self) -> int:
        return sum(lines.files for lines in self.languages.values())

    def note(self, outcome: Outcome) -> None:
        lines = outcome.lines or Lines()
        if outcome.reason:
            self.left_out.setdefault(outcome.reason, LeftOut()).add(outcome.path, lines.code)
        else:
            self.languages.setdefault(outcome.language, Lines()).add(lines)

    def as_dict(self) -> dict[str, Any]:
        """For a JSON column; the largest language and the largest example come first."""
        by_size = sorted(self.languages.items(), key=lambda item: (-item[1].code, item[0]))
        return {
            "version": self.version,
            "languages": {name: vars(lines) for name, lines in by_size},
            "left_out": {
                reason: {
                    "files": left.files,
                    "code": left.code,
                    "examples": [list(each) for each in sorted(left.examples, reverse=True)],
                }
                for reason, left in sorted(self.left_out.items())
            },
        }
