"""The sum that is sold, billed and refused by, with its arithmetic. Pure: no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """A project, or a repository that may become one: lines of code by branch."""

    name: str
    is_public: bool
    branches: Mapping[str, int]


@dataclass(frozen=True)
class Summand:
    """What one project adds: its largest branch, and nothing where it is public."""

    name: str
    branch: str
    code: int
    is_free: bool

    @property
    def adds(self) -> int:
        return 0 if self.is_free else self.code


@dataclass(frozen=True)
class InUse:
    """Lines of code in use, and how they add up: the largest first."""

    summands: tuple[Summand, ...]

    @property
    def loc(self) -> int:
        return sum(summand.adds for summand in self.summands)

    def with_one(self, measured: Measured) -> "InUse":
        """What it would be with one more."""
        branch, code = largest_branch(measured.branches)
        return InUse((*self.summands, Summand(measured.name, branch, code, measured.is_public)))

    @property
    def summed(self) -> int:
        """How many projects are in the sum: those that are not free."""
        return sum(not summand.is_free for summand in self.summands)


def largest_branch(branches: Mapping[str, int]) -> tuple[str, int]:
    """Its name and its lines; of equals the first one. ("", 0) where there is none."""
    return max(branches.items(), key=lambda item: item[1], default=("", 0))


def lines_in_use(measured: Iterable[Measured]) -> InUse:
    """Of each private project its largest branch, summed. Public projects are free."""
    summands = [
        Summand(each.name, *largest_branch(each.branches), each.is_public) for each in measured
    ]
    return InUse(tuple(sorted(summands, key=lambda each: (-each.adds, -each.code, each.name))))


def by_size(lines: Mapping[str, int]) -> list[tuple[str, int]]:
    """Lines by what they are in, the most first. A database keeps them in an order of its own."""
    return sorted(lines.items(), key=lambda item: (-item[1], item[0]))
