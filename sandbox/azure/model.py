"""What there is in an organization, as values. Nothing here knows HTTP or git."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong with an organization, whoever asks."""

    STOPPED = "stopped for inactivity"
    BLOCKS_GLOBAL_TOKENS = "global tokens blocked by policy"
    CONDITIONAL_ACCESS = "conditional access refuses the caller"
    THROTTLED = "429 always"
    BRIEFLY_THROTTLED = "429 for the first two requests of a minute"
    DELAYED = "200 with Retry-After"
    OUTAGE = "503 HTML"
    ERROR_500 = "500 HTML"
    ERROR_502 = "502 HTML"
    ERROR_504 = "504 HTML"
    FLAKY = "503 HTML for the first three requests"
    TRUNCATED_JSON = "200 with broken JSON"
    HTML_FOR_JSON = "200 with HTML"
    BYTE_ORDER_MARK = "JSON that starts with a byte order mark"
    PLAIN_404 = "text/plain 404 for repositories"
    ONE_PROJECT_FAILS = "500 JSON for the repositories of one project"
    RESET = "connection reset"
    SLOW_BODY = "the body dribbles"
    HUGE_ANSWER = "answers of 64 MB"


class ArchiveFault(StrEnum):
    """What is wrong with the zips of an organization or of a repository. The rest is in order."""

    NONE = ""
    FORBIDDEN = "403 JSON"
    NOT_FOUND = "404 JSON"
    BAD_REQUEST = "400 JSON"
    NOT_ACCEPTABLE = "406 JSON"
    HTML = "200 with HTML"
    BREAKS_OFF = "the connection ends half-way"
    ENDLESS = "a zip without an end"


class Flaw(StrEnum):
    """What is wrong with a token, wherever it is used."""

    NEVER_ISSUED = "never issued"
    REVOKED = "revoked"
    INACTIVE = "its owner has not signed in for 90 days"
    EXPIRED_HEADER = "expired: HTML and X-TFS-ServiceError"
    EXPIRED_JSON = "expired: JSON"
    EXPIRED_EMPTY = "expired: empty"
    TERMS_NOT_ACCEPTED = "its owner has never signed in with a browser"


@dataclass(frozen=True)
class Person:
    """An identity. `sees` limits it to the named projects; None is all of them.

    `refused_by_item` makes a refused ref update answer 200 with a status for each
    item instead of 403: both are reported of the real service.
    """

    key: str
    name: str
    account: str
    access_level: str = "express"
    administrator: bool = False
    contributes: bool = True
    sees: frozenset[str] | None = None
    refused_by_item: bool = False
    member: bool = True


@dataclass(frozen=True)
class Repository:
    """`source` names a folder below `sources/` or what is made by a program (see `sources.py`);
    None is an empty repository.

    `is_shared`: until something is written to it, it is one with all others of its source.
    """

    name: str
    source: str | None
    default_branch: str = "main"
    disabled: bool = False
    in_maintenance: bool = False
    fork_of: str | None = None
    is_shared: bool = False
    archive_fault: ArchiveFault = ArchiveFault.NONE
    id: str = ""


@dataclass(frozen=True)
class Project:
    name: str
    repositories: tuple[Repository, ...] = ()
    visibility: str = "private"
    description: str = ""
    state: str = "wellFormed"
    id: str = ""


@dataclass(frozen=True)
class Organization:
    """`instance_id` is its immutable id, empty until the world gives it one."""

    name: str
    shows: str
    projects: tuple[Project, ...] = ()
    fault: Fault | None = None
    archive_fault: ArchiveFault = ArchiveFault.NONE
    backing: str = "aad"  # "msa": personal Microsoft accounts, no tenant
    extra_members: int = 0
    instance_id: str = ""

    @property
    def has_public_project(self) -> bool:
        return any(project.visibility == "public" for project in self.projects)


@dataclass(frozen=True)
class SampleToken:
    """A documented token. `organization` is the one to type beside it.

    `everywhere` makes it a global token; `valid_in` names another organization than
    the one to type.
    """

    label: str
    organization: str
    shows: str
    person: str = "technical"
    scopes: frozenset[str] = frozenset({"vso.code_write"})
    flaw: Flaw | None = None
    everywhere: bool = False
    valid_in: str = ""
    legacy: bool = False
    asks_permissions: bool = True


@dataclass(frozen=True)
class Token:
    """A token as the service knows it: never its secret, only what it may do.

    `instance_id` is the organization it is for, None for a global token. `label`
    is set on sample tokens, `id` on all.
    """

    id: str
    name: str
    person: Person
    instance_id: str | None
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime
    flaw: Flaw | None = None
    label: str = ""
    asks_permissions: bool = True
    last_four: str = field(default="", repr=False)
