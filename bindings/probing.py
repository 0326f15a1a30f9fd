"""One look at a stored token: the cheap one of every day, or everything there is to ask.

Values in, values out: no database is touched, so that many looks may share a few threads.
"""

from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.utils import timezone

from bindings import checks
from bindings.checks import Check, Outcome
from bindings.providers.azure import AzureDevOps
from bindings.providers.azure_answers import Forbidden, NotVisible
from bindings.providers.azure_tokens import format_of
from bindings.providers.base import (
    Access,
    Connection,
    Inventory,
    NoAnswer,
    Refused,
    RemoteRepository,
    Verdict,
)
from bindings.verdicts import TITLES
from bindings.verification import ask_access_level, examine, identify, with_heard


class Question(StrEnum):
    """The third request of a cheap look; they take turns."""

    WRITE = "write"
    ACCESS = "access"
    REACH = "reach"


@dataclass(frozen=True)
class Subject:
    """What is known before asking. Without a repository the list itself is asked for."""

    secret: str = field(repr=False)
    name: str
    bound_name: str
    external_id: str
    owner_id: str
    owner_name: str
    declared_expiry: date | None
    latest_expiry: date | None
    repository: RemoteRepository | None
    question: Question
    everything: bool


@dataclass
class Answer:
    """What one look found. `needs_everything`: what we know of the code is out of date.
    `write_silence`: what came in place of an answer when writing was tried, which matters to
    nobody but one who doubts just that.
    """

    verdict: Verdict = Verdict.HEALTHY
    checks: list[Check] = field(default_factory=list)
    connection: Connection | None = None
    inventory: Inventory | None = None
    last_access: datetime | None = None
    is_global: bool | None = None
    retry_after: float = 0.0
    activity_id: str = ""
    needs_everything: bool = False
    write_silence: NoAnswer | None = None

    @property
    def latency_ms(self) -> int:
        """Of all requests together. One may have answered several checks, which its id tells."""
        named = {c.activity_id: c.latency_ms or 0 for c in self.checks if c.activity_id}
        unnamed = [c.latency_ms or 0 for c in self.checks if not c.activity_id]
        return sum(named.values()) + sum(unnamed)

    @property
    def request_to_name(self) -> str:
        """To the platform's support: of what failed, the first in the order of the checks, which
        the rest rests on; where nothing did, the newest.
        """
        order = list(TITLES)
        failed = [check for check in self.checks if check.outcome == Outcome.FAIL]
        gravest = sorted(failed, key=lambda check: order.index(check.code))
        asked = [*gravest, *reversed(self.checks)]
        return next((check.activity_id for check in asked if check.activity_id), "")


def look(provider: AzureDevOps, subject: Subject) -> Answer:
    """Ask, and never raise for what the platform says or leaves unsaid."""
    answer = Answer()
    # Everything is asked on several threads, each of which takes turns of its own.
    turn = nullcontext() if subject.everything else provider.keep_turn()
    try:
        with turn:
            _ask(provider, subject, answer)
    except Refused as refusal:
        answer.verdict = refusal.verdict
        answer.activity_id = refusal.activity_id or answer.request_to_name
    except NoAnswer as silence:
        answer.verdict = silence.verdict
        answer.retry_after = silence.retry_after or 0.0
        answer.activity_id = silence.activity_id
    else:
        answer.activity_id = answer.request_to_name
    # A refusal that came later takes back what an earlier request had shown.
    answer.checks = list({check.code: check for check in answer.checks}.values())
    return answer


def _ask(provider: AzureDevOps, subject: Subject, answer: Answer) -> None:
    tell = answer.checks.append
    answer.connection = identify(provider, subject.name, on_check=tell)
    _compare(provider, subject, answer)
    if subject.everything:
        _ask_everything(provider, subject, answer)
    else:
        _ask_little(provider, subject, answer)
    if answer.write_silence:
        answer.retry_after = answer.write_silence.retry_after or 0.0
    tell(checks.token_expiry(subject.declared_expiry, subject.latest_expiry, timezone.now().date()))


def _compare(provider: AzureDevOps, subject: Subject, answer: Answer) -> None:
    """Is it the organization that is bound, and the account that it was?"""
    connection = answer.connection
    if connection is None:
        return
    tell = with_heard(provider, answer.checks.append)
    if connection.external_id != subject.external_id:
        tell(checks.another_organization(subject.name, subject.bound_name))
        raise Refused(Verdict.ORGANIZATION_CHANGED, provider.heard.activity_id)
    if subject.owner_id and connection.user_id != subject.owner_id:
        tell(checks.another_owner(connection, subject.owner_name))
        answer.verdict = Verdict.TOKEN_OWNER_CHANGED


def _ask_everything(provider: AzureDevOps, subject: Subject, answer: Answer) -> None:
    if answer.connection is None:
        return
    findings = examine(provider, answer.connection, on_check=answer.checks.append)
    if findings.verdict != Verdict.HEALTHY:
        answer.verdict = findings.verdict
    answer.inventory = findings.inventory
    answer.last_access = findings.last_access
    answer.write_silence = findings.write_silence
    _ask_reach(provider, subject, answer)


def _ask_little(provider: AzureDevOps, subject: Subject, answer: Answer) -> None:
    commit = _ask_read(provider, subject, answer)
    if subject.question == Question.REACH:
        _ask_reach(provider, subject, answer)
    elif subject.question == Question.ACCESS and answer.connection:
        level = ask_access_level(provider, answer.connection, answer.checks.append)
        answer.last_access = level.last_access if level else None
    elif subject.repository and commit:
        _ask_write(provider, subject.repository, commit, answer)


def _ask_read(provider: AzureDevOps, subject: Subject, answer: Answer) -> str:
    tell = with_heard(provider, answer.checks.append)
    try:
        if subject.repository is None:
            answer.needs_everything = provider.sees_code()
            tell(checks.code_read("no repository yet"))
            return ""
        commit = provider.can_read(subject.repository)
    except (Forbidden, NotVisible):
        tell(checks.repository_gone(subject.repository.name if subject.repository else ""))
        answer.needs_everything = True
        return ""
    except Refused as refusal:
        tell(checks.refused(refusal.verdict))
        raise
    tell(checks.code_read(subject.repository.name))
    return commit


def _ask_write(
    provider: AzureDevOps, repository: RemoteRepository, commit: str, answer: Answer
) -> None:
    tell = with_heard(provider, answer.checks.append)
    try:
        tell(checks.code_write(provider.try_write(repository, commit)))
    except Refused as refusal:
        is_scope = refusal.verdict == Verdict.MISSING_SCOPE
        tell(checks.read_only() if is_scope else checks.refused(refusal.verdict))
        raise
    except NoAnswer as silence:
        tell(checks.code_write(Access.UNKNOWN))
        answer.write_silence = silence


def _ask_reach(provider: AzureDevOps, subject: Subject, answer: Answer) -> None:
    answer.is_global = provider.is_global()
    check = checks.token_format(format_of(subject.secret), is_global=bool(answer.is_global))
    answer.checks.append(check.heard(provider.heard))
