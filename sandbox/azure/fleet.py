"""A hundred thousand organizations that cost nothing until somebody asks for one of them.

Each has a project, a repository with the same commits as all others, and a token. Everything
follows from the number in its name, so that only what is changed has to be kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .ids import guid, with_ids
from .model import Organization, Project, Repository, Token
from .people import PEOPLE
from .token_format import current_secret, is_well_formed

MOST = 999_999
_LIFETIME = timedelta(days=180)
_NAME = re.compile(r"fleet-(\d{6})", re.ASCII)
_MARK = re.compile(r"FLEET(\d{6})", re.ASCII)
_SHOWS = "One of a fleet: healthy and small, as all others."
_PROJECTS = (Project("Convoy", (Repository("logbook", "tide-gauge", is_shared=True),)),)


@dataclass(frozen=True)
class FleetMember:
    """What a client has to know to bind one."""

    name: str
    instance_id: str
    token: str = field(repr=False)
    project_id: str
    project_name: str
    repository_id: str
    repository_name: str
    default_branch: str


class Fleet:
    """`fleet-000001` and so on, of which the first `count` are there."""

    def __init__(self) -> None:
        self.count = 0

    def grow(self, count: int) -> range:
        """Add so many. Returns their numbers; raises ValueError past what a name can hold."""
        if count < 0 or self.count + count > MOST:
            raise ValueError(f"A fleet has at most {MOST:,} organizations.")
        first = self.count + 1
        self.count += count
        return range(first, self.count + 1)

    def members(self, numbers: range) -> Iterator[FleetMember]:
        """Those of them that are there."""
        for number in numbers:
            if 0 < number <= self.count:
                yield _member(number)

    def organization(self, name: str) -> Organization | None:
        number = self._number(_NAME.fullmatch(name))
        return _organization(number) if number else None

    def token(self, secret: str) -> Token | None:
        """The token a secret belongs to, whichever month it is of."""
        number = self._number(_MARK.fullmatch(secret[41:52]))
        if not number or secret[:52] != _secret(number)[:52] or not is_well_formed(secret):
            return None
        return _token(number)

    def token_with(self, token_id: str) -> Token | None:
        """A token by its id, which is the name its organization had at first."""
        number = self._number(_NAME.fullmatch(token_id))
        return _token(number) if number else None

    def _number(self, match: re.Match[str] | None) -> int:
        number = int(match[1]) if match else 0
        return number if number <= self.count else 0


def _name(number: int) -> str:
    return f"fleet-{number:06}"


def _secret(number: int) -> str:
    """The number stands in it, so that no list of all of them is needed to recognise one."""
    name = _name(number)
    return current_secret(f"sandbox/{name}", datetime.now(UTC).date(), f"FLEET{number:06}")


def _organization(number: int) -> Organization:
    name = _name(number)
    return with_ids(Organization(name, _SHOWS, _PROJECTS), guid("organization", name))


def _member(number: int) -> FleetMember:
    organization = _organization(number)
    [project] = organization.projects
    [repository] = project.repositories
    return FleetMember(
        name=organization.name,
        instance_id=organization.instance_id,
        token=_secret(number),
        project_id=project.id,
        project_name=project.name,
        repository_id=repository.id,
        repository_name=repository.name,
        default_branch=repository.default_branch,
    )


def _token(number: int) -> Token:
    now = datetime.now(UTC)
    name = _name(number)
    return Token(
        id=name,
        name="Made for a fleet",
        person=PEOPLE["technical"],
        instance_id=guid("organization", name),
        scopes=frozenset({"vso.code_write"}),
        created_at=now.replace(day=1, hour=0, minute=0, second=0, microsecond=0),
        expires_at=now + _LIFETIME,
        last_four=_secret(number)[-4:],
    )
