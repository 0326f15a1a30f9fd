"""How an answer changes what is known of a token: one pure function, and its times.

A refusal is believed when it was heard twice, some minutes apart; silence changes nothing.
While the platform itself has trouble, refusals are doubted for longer.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bindings.providers.base import Verdict
from bindings.verdicts import ABOUT_THE_TOKEN, NOT_VERDICTS

APART = timedelta(minutes=3)
LONGEST_DOUBT = timedelta(hours=4)

# From one look to the next, and by how much that varies so that not all come at once.
DAILY = timedelta(hours=20), timedelta(hours=3)
SUSPECT = timedelta(minutes=4), timedelta(minutes=1)
# While the platform has trouble: seldom enough not to add to it, often enough to see its end.
DOUBTFUL = timedelta(minutes=15), timedelta(minutes=5)
BROKEN = timedelta(minutes=45), timedelta(minutes=30)
LONG_BROKEN = timedelta(hours=8), timedelta(hours=4)
FIRST_SILENCE = timedelta(minutes=2)
LONGEST_SILENCE = timedelta(minutes=15)
FRESH = timedelta(days=1)


@dataclass(frozen=True)
class Health:
    """What is known of one token. An empty verdict: it was never judged."""

    verdict: str = ""
    verdict_since: datetime | None = None
    verified_at: datetime | None = None
    healthy_at: datetime | None = None
    suspect: str = ""
    suspect_since: datetime | None = None
    silent_since: datetime | None = None
    silences: int = 0


def settle(
    before: Health, verdict: Verdict, *, at: datetime, doubtful: bool = False, at_once: bool = False
) -> Health:
    """What is known after an answer. `doubtful`: many others were refused at the same time.
    `at_once`: nothing depends on the token yet, so that one answer is enough.
    """
    if verdict in NOT_VERDICTS:
        return replace(
            before, silent_since=before.silent_since or at, silences=min(before.silences + 1, 1000)
        )
    heard = replace(before, silent_since=None, silences=0, verified_at=at)
    if _is_news(before, verdict) and not at_once and not _is_confirmed(before, at, doubtful):
        # Not later than now, where a clock was set back meanwhile.
        since = min(before.suspect_since or at, at)
        return replace(heard, suspect=verdict, suspect_since=since)
    return replace(
        heard,
        verdict=verdict,
        verdict_since=before.verdict_since if before.verdict == verdict else at,
        healthy_at=at if verdict == Verdict.HEALTHY else before.healthy_at,
        suspect="",
        suspect_since=None,
    )


def _is_news(before: Health, verdict: Verdict) -> bool:
    """Whether it fails that worked; or is refused itself, where something else was the matter."""
    if before.verdict in ("", Verdict.HEALTHY):
        return verdict != Verdict.HEALTHY
    return verdict in ABOUT_THE_TOKEN and before.verdict not in ABOUT_THE_TOKEN


def _is_confirmed(before: Health, at: datetime, doubtful: bool) -> bool:
    """Whether an earlier refusal lies far enough back for this one to count."""
    if before.suspect_since is None:
        return False
    return at - before.suspect_since >= (LONGEST_DOUBT if doubtful else APART)


def next_look(
    health: Health,
    *,
    at: datetime,
    chance: float,
    retry_after: float = 0,
    doubtful: bool = False,
) -> datetime:
    """When to look again, spread by `chance` in [0, 1); not before `retry_after` seconds."""
    if health.silences:
        pause = min(FIRST_SILENCE * 2 ** min(health.silences - 1, 8), LONGEST_SILENCE)
        return at + max(pause * (1 + chance / 4), timedelta(seconds=retry_after))
    wait, spread = _rhythm(health, at, doubtful)
    return at + wait + spread * chance


def _rhythm(health: Health, at: datetime, doubtful: bool) -> tuple[timedelta, timedelta]:
    if health.suspect:
        return DOUBTFUL if doubtful else SUSPECT
    if health.verdict == Verdict.HEALTHY:
        return DAILY
    is_fresh = health.verdict_since is None or at - health.verdict_since < FRESH
    return BROKEN if is_fresh else LONG_BROKEN
