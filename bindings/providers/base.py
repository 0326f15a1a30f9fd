"""What every platform's adapter answers, in the same words.

Values in, frozen values out. A provider knows nothing of the database.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bindings.errors import CodeTooLarge as CodeTooLarge
from bindings.errors import CommitGone as CommitGone
from bindings.errors import NoArchive as NoArchive
from core.errors import DomainError, Unavailable


class Verdict(StrEnum):
    """What a platform's answer means. The last four are no verdicts: nobody was judged. With the
    last one, nobody was going to be.
    """

    HEALTHY = "healthy"
    MISSING_SCOPE = "missing_scope"
    TOKEN_NOT_RECOGNIZED = "token_not_recognized"  # noqa: S105
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    TOKEN_REVOKED_OR_EXPIRED = "token_revoked_or_expired"  # noqa: S105
    TOKEN_BLOCKED_BY_POLICY = "token_blocked_by_policy"  # noqa: S105
    CONDITIONAL_ACCESS = "conditional_access"
    NOT_A_MEMBER = "not_a_member"
    ORGANIZATION_NOT_FOUND = "organization_not_found"
    ORGANIZATION_CHANGED = "organization_changed"
    ORGANIZATION_STOPPED = "organization_stopped"
    TOKEN_OWNER_CHANGED = "token_owner_changed"  # noqa: S105
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    UNREADABLE_ANSWER = "unreadable_answer"
    CALLED_OFF = "called_off"


class Access(StrEnum):
    """Whether an identity may do something. UNKNOWN: the token may not even ask."""

    GRANTED = "granted"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Refused(DomainError):
    """The platform said no. `activity_id` names the request to the platform's support."""

    def __init__(self, verdict: Verdict, activity_id: str = "") -> None:
        self.verdict = verdict
        self.activity_id = activity_id
        super().__init__(f"{verdict}")


class NoAnswer(Unavailable):
    """Time-out, outage, throttling or gibberish: says nothing about the token.

    `retry_after` is in seconds, when the platform named a time.
    """

    def __init__(
        self, verdict: Verdict, retry_after: float | None = None, activity_id: str = ""
    ) -> None:
        self.verdict = verdict
        self.retry_after = retry_after
        self.activity_id = activity_id
        super().__init__(f"{verdict}")

    @property
    def is_pause(self) -> bool:
        """Whether we were asked to wait, or had to: that is no fault of what was asked for."""
        return self.verdict == Verdict.THROTTLED


class NoTurn(NoAnswer):
    """So many of us wait for their turn that the platform was not asked at all."""

    def __init__(self) -> None:
        super().__init__(Verdict.UNAVAILABLE)

    @property
    def is_pause(self) -> bool:
        return True


@dataclass(frozen=True)
class Heard:
    """How one request went: milliseconds, and the platform's own name for it. `wait` is for how
    many seconds the answer asked, even one that is well.
    """

    latency_ms: int | None = None
    activity_id: str = ""
    wait: float | None = None


@dataclass(frozen=True)
class Connection:
    """Whom the token speaks for, and in which organization."""

    external_id: str
    user_id: str
    user_name: str
    user_account: str


@dataclass(frozen=True)
class RemoteRepository:
    """A repository as the platform lists it. `size` is in compressed bytes."""

    external_id: str
    name: str
    project_id: str
    project_name: str
    is_public: bool
    default_branch: str
    size: int
    is_disabled: bool
    web_url: str
    is_in_maintenance: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.default_branch and not self.is_disabled


class HasCode(Protocol):
    """A repository whose code is asked for: as the platform lists it, or the row we keep of it."""

    @property
    def project_id(self) -> str: ...

    @property
    def external_id(self) -> str: ...

    @property
    def default_branch(self) -> str: ...


@dataclass(frozen=True)
class Branch:
    """`name` without `refs/heads/`, and when its newest commit was made, where that is told."""

    name: str
    commit: str
    committed_at: datetime | None


@dataclass(frozen=True)
class AccessLevel:
    """The licence of the token's owner on the platform."""

    name: str
    is_stakeholder: bool
    last_access: datetime | None


@dataclass(frozen=True)
class Inventory:
    """Everything the token can see. `project_count` includes projects without repositories."""

    project_count: int
    repositories: tuple[RemoteRepository, ...]
