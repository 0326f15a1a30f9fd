"""Asking the platform what a token can do, check by check.

No transaction is open while we ask, and nothing is written here: what was found goes to
`on_check` as it comes in, and to the caller at the end.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from queue import SimpleQueue
from typing import Any

from django.utils import timezone

from bindings import checks
from bindings.checks import Check
from bindings.providers.azure import AzureDevOps
from bindings.providers.azure_tokens import format_of
from bindings.providers.base import (
    Access,
    AccessLevel,
    Connection,
    Inventory,
    NoAnswer,
    Refused,
    Verdict,
)
from bindings.providers.pacing import CONCURRENT_REQUESTS

OnCheck = Callable[[Check], None]


@dataclass(frozen=True)
class Findings:
    """How far the token reaches. `inventory` is None where code can't be read.
    `write_silence`: what came in place of an answer when writing was tried.
    """

    verdict: Verdict
    inventory: Inventory | None
    last_access: datetime | None = None
    write_silence: NoAnswer | None = None


def with_heard(provider: AzureDevOps, on_check: OnCheck) -> OnCheck:
    """Tells of each check also how this thread's newest request went, which answered it."""
    return lambda check: on_check(check.heard(provider.heard))


def look_at(token: str, *, expires_on: date | None, today: date, on_check: OnCheck) -> None:
    """The checks that need no network."""
    shape = format_of(token)
    on_check(checks.token_format(shape))
    on_check(checks.token_expiry(expires_on, shape.latest_expiry, today))


def identify(provider: AzureDevOps, name: str, *, on_check: OnCheck) -> Connection:
    """Whose token, in which organization. Raises Refused and NoAnswer, after saying so."""
    on_check = with_heard(provider, on_check)

    try:
        connection = provider.connect()
    except NoAnswer as error:
        on_check(checks.refused(error.verdict))
        raise
    except Refused as refusal:
        on_check(checks.passed("reachable", "Azure DevOps answered."))
        if refusal.verdict == Verdict.NOT_A_MEMBER:
            on_check(checks.passed("authenticated", "Azure DevOps knows the token's owner."))
        on_check(checks.refused(refusal.verdict))
        raise
    on_check(checks.passed("reachable", "Azure DevOps answered."))
    on_check(checks.authenticated(connection))
    on_check(checks.passed("organization", f"{name} exists, and its identity is known."))
    return connection


def examine(provider: AzureDevOps, connection: Connection, *, on_check: OnCheck) -> Findings:
    """What the token may do there. Questions that don't need each other are asked together.

    Raises NoAnswer when what is needed to judge was not answered.
    """
    found: SimpleQueue[Check | None] = SimpleQueue()
    with ThreadPoolExecutor(CONCURRENT_REQUESTS) as pool:
        asked: list[Future[Any]] = [
            pool.submit(_ask_code, provider, found.put),
            pool.submit(_ask_administrator, provider, found.put),
            pool.submit(ask_access_level, provider, connection, found.put),
        ]
        for question in asked:
            question.add_done_callback(lambda _: found.put(None))
        # Told on this thread, which holds the database connection.
        unanswered = len(asked)
        while unanswered:
            check = found.get()
            if check is None:
                unanswered -= 1
            else:
                on_check(check)
    code, _, level = [question.result() for question in asked]
    return replace(code, last_access=level.last_access if level else None)


def _ask_code(provider: AzureDevOps, on_check: OnCheck) -> Findings:
    tell = with_heard(provider, on_check)
    try:
        inventory = provider.inventory()
    except Refused as refusal:
        for code in ("code_read", "code_write", "repositories"):
            on_check(checks.not_asked(code))
        tell(checks.refused(refusal.verdict))
        return Findings(refusal.verdict, None)
    tell(checks.code_read(checks.count(inventory.project_count, "project")))
    tell(checks.repositories(inventory))
    try:
        tell(checks.code_write(provider.can_write(inventory.repositories)))
    except Refused as refusal:
        tell(checks.read_only() if _lacks_scope(refusal) else checks.refused(refusal.verdict))
        return Findings(refusal.verdict, inventory)
    except NoAnswer as silence:
        # Reading, which everything rests on, is known; this can be asked again later.
        tell(checks.code_write(Access.UNKNOWN))
        return Findings(Verdict.HEALTHY, inventory, write_silence=silence)
    return Findings(Verdict.HEALTHY, inventory)


def _lacks_scope(refusal: Refused) -> bool:
    return refusal.verdict == Verdict.MISSING_SCOPE


def _ask_administrator(provider: AzureDevOps, tell: OnCheck) -> None:
    with_heard(provider, tell)(checks.administrator(provider.is_administrator()))


def ask_access_level(
    provider: AzureDevOps, connection: Connection, tell: OnCheck
) -> AccessLevel | None:
    """The owner's licence and last access; None where the token may not ask, or where there was
    no answer. Then nothing is told either, so that what was known stands.
    """
    try:
        level = provider.access_level(connection.user_id)
    except NoAnswer:
        return None
    with_heard(provider, tell)(checks.access_level(level, timezone.now()))
    return level
