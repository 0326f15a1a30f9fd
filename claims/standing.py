"""What the evidence of a claim counts now: it ages, and a later look may show the contrary."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from claims import telling
from claims.errors import EvidenceContrary, EvidenceMissing, EvidenceOld
from claims.models import AccessClaim, Strength
from claims.models.claims import GATHERED_FOR
from claims.moving import change, note
from core.errors import DomainError

COUNTS_FOR = timedelta(days=14)
# What shows control, what shows a little, and what shows the contrary of both.
BY_TOKEN = ("administrator", "administrator_unknown", "not_administrator")
BY_WORDS = ("placed", "", "not_placed")


@dataclass(frozen=True)
class Standing:
    """`refusal` says why it is not strong, and `why` says so to the claimant, with the date. It
    runs out at `runs_out_at` unless it is strong by then.
    """

    strength: Strength
    runs_out_at: datetime
    by_token: bool = False
    refusal: type[DomainError] = EvidenceMissing
    why: str = ""

    @property
    def is_strong(self) -> bool:
        return self.strength == Strength.STRONG


def standing_of(claim: AccessClaim) -> Standing:
    """One query. An address on an owner's domain changes nothing here: a claimant could read from
    that where owners work.
    """
    latest = _latest(claim)
    by_token, by_words = _strength(latest, *BY_TOKEN), _strength(latest, *BY_WORDS)
    strength = max(by_token, by_words, key=lambda each: each.rank)
    shown = [kind for kind in (BY_TOKEN, BY_WORDS) if kind[0] in latest]
    until = max([latest[kind[0]] + COUNTS_FOR for kind in shown], default=claim.opened_at)
    found = Standing(strength, until + GATHERED_FOR, by_token=by_token == Strength.STRONG)
    if found.is_strong or not shown:
        return found
    return replace(found, **_lapse(latest, *max(shown, key=lambda kind: latest[kind[0]])))


def settle_strength(claim: AccessClaim) -> None:
    """Of a claim that is locked. Whoever brought what counts no more is asked for it again."""
    if not claim.is_open:
        return
    found, was_strong = standing_of(claim), claim.is_strong
    if found.strength == claim.strength:
        return
    change(claim, strength=found.strength)
    if was_strong:
        note(claim, "evidence_lapsed", by=None, reason=found.why)
        telling.of_lapse(claim, found.why)


def _latest(claim: AccessClaim) -> dict[str, datetime]:
    """When each of these was last seen."""
    outcomes = [outcome for outcome in (*BY_TOKEN, *BY_WORDS) if outcome]
    newest = {outcome: Max("at", filter=Q(outcome=outcome)) for outcome in outcomes}
    return {outcome: at for outcome, at in claim.evidence.aggregate(**newest).items() if at}


def _strength(latest: dict[str, datetime], strong: str, weak: str, contrary: str) -> Strength:
    for outcome, strength in ((strong, Strength.STRONG), (weak, Strength.WEAK)):
        at = latest.get(outcome)
        if at and _is_fresh(at) and not _is_over(at, latest.get(contrary)):
            return strength
    return Strength.NONE


def _lapse(latest: dict[str, datetime], strong: str, weak: str, contrary: str) -> dict[str, Any]:
    at, later = latest[strong], latest.get(contrary)
    if later and _is_over(at, later):
        why = f"What we looked at on {telling.day(later)} shows the contrary."
        return {"refusal": EvidenceContrary, "why": why}
    why = f"It is of {telling.day(at)}, and evidence counts for {COUNTS_FOR.days} days."
    return {"refusal": EvidenceOld, "why": why}


def _is_fresh(at: datetime) -> bool:
    return timezone.now() - at < COUNTS_FOR


def _is_over(at: datetime, contrary: datetime | None) -> bool:
    """Of two at the same moment the contrary counts."""
    return contrary is not None and contrary >= at
