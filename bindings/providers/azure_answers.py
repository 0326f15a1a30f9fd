"""What each answer of Azure DevOps means: one table, read from the top.

Sources: Microsoft's REST documentation and recorded traffic. Status alone tells little:
an unknown token may be answered 200 (anonymously), 203, 302 or 401, and an empty 401
may mean a missing scope, an expired token or a revoked one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

import httpx2

from bindings.providers.base import NoAnswer, Refused, Verdict

# Whoever asks for longer gets this; an import would not live to see the end of it.
LONGEST_RETRY_AFTER = 900.0
ANONYMOUS = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"


@dataclass(frozen=True)
class Answer:
    """What the table looks at. `scope_free` is set for requests that need no scope."""

    status: int
    text: str
    is_json: bool
    is_authenticated: bool
    is_empty: bool
    scope_free: bool

    def says(self, *phrases: str) -> bool:
        return any(phrase.casefold() in self.text.casefold() for phrase in phrases)


@dataclass(frozen=True)
class Rule:
    verdict: Verdict
    applies: Callable[[Answer], bool]


def _names_somebody(answer: Answer) -> bool:
    """TF400813 with the name of a real user: the identity is sound, but not a member."""
    return answer.is_authenticated or ("The user '" in answer.text and not _names_nobody(answer))


def _names_nobody(answer: Answer) -> bool:
    return ANONYMOUS in answer.text or "The user ''" in answer.text


# Order matters. An outage must be told before anything is said about the token, and what
# names its own cause before what could have several.
RULES: tuple[Rule, ...] = (
    Rule(Verdict.ORGANIZATION_STOPPED, lambda a: a.status == 503 and a.says("TF24668")),
    Rule(Verdict.THROTTLED, lambda a: a.status == 429 or a.says("TF400733")),
    Rule(Verdict.UNAVAILABLE, lambda a: a.status >= 500 or a.status == 408),
    Rule(
        Verdict.TOKEN_EXPIRED,
        lambda a: a.status in (401, 403) and a.says("token used has expired", "token has expired"),
    ),
    Rule(
        Verdict.TOKEN_BLOCKED_BY_POLICY,
        lambda a: a.status in (401, 403) and a.says("global Personal Access Token"),
    ),
    Rule(Verdict.CONDITIONAL_ACCESS, lambda a: a.status >= 400 and a.says("VS403463")),
    Rule(Verdict.NOT_A_MEMBER, lambda a: a.status == 401 and a.says("TF401444")),
    Rule(
        Verdict.NOT_A_MEMBER,
        lambda a: a.status in (401, 403) and a.says("TF400813") and _names_somebody(a),
    ),
    Rule(Verdict.TOKEN_NOT_RECOGNIZED, lambda a: a.status == 401 and not a.is_empty),
    Rule(Verdict.TOKEN_REVOKED_OR_EXPIRED, lambda a: a.status == 401 and a.scope_free),
    # Elsewhere an empty 401 is a missing scope, if the scope-free probe is well: the
    # caller asks it before it believes this.
    Rule(Verdict.MISSING_SCOPE, lambda a: a.status == 401),
    # A sign-in page, however it is dressed.
    Rule(Verdict.TOKEN_NOT_RECOGNIZED, lambda a: a.status == 203 or 300 <= a.status < 400),
    Rule(Verdict.TOKEN_NOT_RECOGNIZED, lambda a: a.status < 300 and not a.is_json),
    Rule(Verdict.ORGANIZATION_NOT_FOUND, lambda a: a.status == 404 and a.scope_free),
)


class UnknownAnswer(NoAnswer):
    """An answer that refuses something and is in no table. Who knows better catches it."""

    def __init__(self, response: httpx2.Response | None = None) -> None:
        said_by = activity_id(response) if response else ""
        super().__init__(Verdict.UNREADABLE_ANSWER, activity_id=said_by)


class NotVisible(UnknownAnswer):
    """404: absent or not readable. Azure DevOps does not tell these apart."""


class Forbidden(UnknownAnswer):
    """403 that names no policy: the account lacks a permission."""


def verdict_of(answer: Answer) -> Verdict | None:
    """The verdict on the first rule that applies; None where the answer refuses nothing."""
    return next((rule.verdict for rule in RULES if rule.applies(answer)), None)


def raise_for(response: httpx2.Response, *, scope_free: bool = False) -> None:
    """Turn every way in which Azure DevOps says no into Refused or NoAnswer."""
    verdict = verdict_of(read(response, scope_free=scope_free))
    if verdict is None:
        return _raise_for_the_rest(response)
    if verdict in (Verdict.THROTTLED, Verdict.UNAVAILABLE):
        raise NoAnswer(verdict, retry_after(response), activity_id(response))
    raise Refused(verdict, activity_id(response))


def activity_id(response: httpx2.Response) -> str:
    """The platform's own name for a request, which its support asks for."""
    return str(response.headers.get("X-VSS-E2EID", ""))[:64]


def _raise_for_the_rest(response: httpx2.Response) -> None:
    if response.is_success:
        return
    kinds = {403: Forbidden, 404: NotVisible}
    raise kinds.get(response.status_code, UnknownAnswer)(response)


def read(response: httpx2.Response, *, scope_free: bool) -> Answer:
    said = unquote(response.headers.get("X-TFS-ServiceError", ""))
    # Half a megabyte is more than any refusal; a large list is not searched for phrases.
    body = response.content[:500_000] if response.status_code != 200 else b""
    return Answer(
        status=response.status_code,
        text=f"{said} {body.decode('utf-8-sig', 'replace')}",
        is_json="json" in response.headers.get("Content-Type", ""),
        is_authenticated=bool(response.headers.get("X-VSS-UserData")),
        is_empty=not response.content and not said,
        scope_free=scope_free,
    )


def retry_after(response: httpx2.Response) -> float | None:
    """Seconds to wait before the next request, which may come with any status, 200 included."""
    wait = _seconds(response.headers.get("Retry-After", ""))
    return None if wait is None else min(max(0.0, wait), LONGEST_RETRY_AFTER)


def _seconds(text: str) -> float | None:
    """A number of seconds, or a date, as HTTP allows both; None for anything else."""
    try:
        wait = float(text)
    except ValueError:
        wait = math.nan
    if math.isfinite(wait):
        return wait
    try:
        return (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
