"""Counting one repository: which of its branches, and where their lines come from.

The one way in which the product counts: what is estimated before buying, and what is in use
afterwards, are found by the same steps on the same commits.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Protocol, TypeVar

from django.conf import settings

from bindings.models import PersonalAccessToken
from bindings.providers import azure_code
from bindings.providers.azure import AzureDevOps
from bindings.providers.azure_answers import NotVisible
from bindings.providers.base import (
    Branch,
    CodeTooLarge,
    CommitGone,
    HasCode,
    NoAnswer,
    NoArchive,
    Refused,
    Verdict,
)
from core.secrets import SecretUnreadable
from projects.counting import Counter, NotCounted, ToolFailed
from projects.skips import Skip
from projects.sums import largest_branch

# Of a repository's side branches, so many that changed last, as long as there is time: a task has
# to be over before the broker gives it to somebody else.
MOST_SIDE_BRANCHES = 5
TIME_TO_BEGIN_ANOTHER = 420.0
# For all of a repository, in seconds: a task that takes longer is stopped.
TIME_FOR_ALL = 1000.0
LARGEST_ARCHIVE = 2_000_000_000

# The platform refuses the token, or there is none that can be read.
REFUSALS = (Refused, PersonalAccessToken.DoesNotExist, SecretUnreadable)

Found = TypeVar("Found")
# Asks the platform something with the right token, whichever that is by now.
Ask = Callable[[Callable[[AzureDevOps], Any]], Any]
# What is known of a branch at a commit already, if anything.
Known = Callable[[str], dict[str, Any] | None]


class Source(HasCode, Protocol):
    """Where the code is."""

    @property
    def is_disabled(self) -> bool: ...


@dataclass(frozen=True)
class BranchCount:
    """A branch at a commit. `count` is a `Count` as a dictionary."""

    branch: str
    commit: str
    code: int
    count: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return vars(self)

    def summary(self) -> dict[str, Any]:
        """Lines by language, and what was left out by reason, without examples."""
        languages = {name: lines["code"] for name, lines in self.count["languages"].items()}
        left_out = {
            reason: {"files": left["files"], "code": left["code"]}
            for reason, left in self.count["left_out"].items()
        }
        return {"languages": languages, "left_out": left_out}


Keep = Callable[[BranchCount], None]


@dataclass
class CodeCount:
    """All that was counted of a repository, its default branch first. `skipped` tells why there
    is nothing, and `uncounted` how many side branches are not among them.
    """

    branches: list[BranchCount] = field(default_factory=list)
    skipped: Skip | None = None
    uncounted: int = 0

    @property
    def largest(self) -> BranchCount | None:
        """The one that counts."""
        name, _ = largest_branch({each.branch: each.code for each in self.branches})
        return next((each for each in self.branches if each.branch == name), None)


def count_code(
    ask: Ask, source: Source, *, own: str, known: Known, keep: Keep, is_last: bool = False
) -> CodeCount:
    """Count the default branch and the side branches that differ. Raises REFUSALS and NoAnswer:
    then another attempt may help. What was counted before that was given to `keep`. The last
    attempt does without the side branches that can't be had.
    """
    try:
        heads = _heads(ask, source)
        default = source.default_branch.removeprefix("refs/heads/")
        if default not in heads:
            if len(heads) >= azure_code.MOST_BRANCHES:
                # There are others, and nobody knows which one stands for them.
                raise NoAnswer(Verdict.UNREADABLE_ANSWER)
            # Deleted there, and no other one chosen yet.
            default = min(heads)
        return _Branches(ask, source, own, known, keep, is_last).count(heads, default)
    except _CannotCount as reason:
        return CodeCount(skipped=reason.skip)


def _heads(ask: Ask, source: Source) -> dict[str, str]:
    """The newest commit of each branch. Raises _CannotCount where there is none to be had."""
    if source.is_disabled:
        raise _CannotCount(Skip.DISABLED)
    if not source.default_branch:
        raise _CannotCount(Skip.EMPTY)
    try:
        heads: dict[str, str] = ask(lambda platform: platform.code.heads(source))
    except NotVisible as error:
        raise _CannotCount(Skip.VANISHED) from error
    if not heads:
        raise _CannotCount(Skip.EMPTY)
    return heads


@dataclass
class _Branches:
    """The branches of one repository, one after the other."""

    ask: Ask
    source: Source
    own: str
    known: Known
    keep: Keep
    is_last: bool
    began: float = field(default_factory=time.monotonic)

    def count(self, heads: dict[str, str], default: str) -> CodeCount:
        result = CodeCount([self._count(default, heads[default])])
        try:
            sides = _differing(self.ask, self.source, heads, default)
        except NoAnswer as silence:
            self._do_without(silence)
            # As many as there may be.
            result.uncounted = len(set(heads.values())) - 1
            return result
        result.uncounted = max(0, len(sides) - MOST_SIDE_BRANCHES)
        for side in sides[:MOST_SIDE_BRANCHES]:
            if counted := self._count_side(side):
                result.branches.append(counted)
            else:
                result.uncounted += 1
        return result

    def _count_side(self, side: Branch) -> BranchCount | None:
        if time.monotonic() > self.began + TIME_TO_BEGIN_ANOTHER:
            return None
        try:
            return self._count(side.name, side.commit)
        except _CannotCount:
            return None
        except (NoAnswer, ToolFailed) as failure:
            self._do_without(failure)
            return None

    def _do_without(self, failure: NoAnswer | ToolFailed) -> None:
        """Raises it while there is another attempt, or where it says nothing of the branch."""
        is_pause = isinstance(failure, NoAnswer) and failure.is_pause
        if is_pause or not self.is_last:
            raise failure

    def _count(self, branch: str, commit: str) -> BranchCount:
        count = self.known(commit) or self._count_anew(commit)
        code = sum(lines["code"] for lines in count["languages"].values())
        counted = BranchCount(branch, commit, code, count)
        self.keep(counted)
        return counted

    def _count_anew(self, commit: str) -> dict[str, Any]:
        with TemporaryFile(dir=settings.COUNTING_DIR or None) as archive:
            try:
                return self._fetch_and_count(commit, archive)
            except CodeTooLarge as error:
                raise _CannotCount(Skip.TOO_LARGE) from error
            except NoArchive as error:
                raise _CannotCount(Skip.NO_ARCHIVE) from error
            except (NotVisible, CommitGone) as error:
                # It was there a moment ago: the branch has moved on since.
                raise NoAnswer(Verdict.UNAVAILABLE) from error
            except ToolFailed:
                raise
            except NotCounted as error:
                raise _CannotCount(Skip(error.reason)) from error

    def _fetch_and_count(self, commit: str, archive: BinaryIO) -> dict[str, Any]:
        until, limit = self.began + TIME_FOR_ALL, LARGEST_ARCHIVE
        self.ask(lambda p: p.code.fetch(self.source, commit, archive, limit=limit, until=until))
        return Counter(archive, own=self.own, until=until).run().as_dict()


def _differing(ask: Ask, source: Source, heads: dict[str, str], default: str) -> list[Branch]:
    """Side branches with commits of their own, the newest first, no commit twice."""
    if len(set(heads.values())) == 1:
        return []
    try:
        sides: tuple[Branch, ...] = ask(lambda platform: platform.code.side_branches(source))
    except NotVisible:
        return []
    once: dict[str, Branch] = {}
    for side in sides:
        if side.name != default and side.commit != heads[default]:
            once.setdefault(side.commit, side)
    return list(once.values())


class _CannotCount(Exception):
    def __init__(self, skip: Skip) -> None:
        self.skip = skip
        super().__init__(skip)
