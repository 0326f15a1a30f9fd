"""A claim as its page tells it: what happened, what happens next, and on which date."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from claims.models import AccessClaim, Evidence, Strength
from claims.telling import day
from claims.weighing import WORDS

State = AccessClaim.State
OUTCOMES = {Strength.STRONG: "pass", Strength.WEAK: "warn", Strength.NONE: "unknown"}
COUNTS = {
    Strength.STRONG: "Counts: it is strong.",
    Strength.WEAK: "Counts a little: it is weak, and not enough alone.",
    Strength.NONE: "Counts nothing.",
}
ENDS = {
    State.APPROVED: ("pass", "Approved", "You are an owner of this organization now."),
    State.REJECTED: ("fail", "Rejected", "Support wrote to you why."),
    State.WITHDRAWN: ("unknown", "Withdrawn", "You ended this claim."),
    State.EXPIRED: ("warn", "Ran out", "No evidence came in within 14 days."),
    State.ENDED: ("warn", "Ended", "The organization is no longer here, so it can't be claimed."),
    State.REVERSED: ("fail", "Reversed", "Support took its approval back, and wrote to you why."),
}


@dataclass(frozen=True)
class Step:
    """One row of the timeline, as components/check.html shows it."""

    title: str
    outcome: str
    message: str
    remedy: str = ""


def shown(evidence: Evidence) -> dict[str, Any]:
    """A piece of evidence in words, in the shape of a check."""
    _, message, remedy = WORDS[evidence.outcome]
    return {
        "title": evidence.get_kind_display(),
        "outcome": OUTCOMES[Strength(evidence.weight)],
        "message": f"{message} {COUNTS[Strength(evidence.weight)]}",
        "remedy": remedy,
        "at": evidence.at,
    }


def timeline(claim: AccessClaim) -> list[Step]:
    steps = [
        Step("Claimed", "pass", day(claim.opened_at)),
        Step("Owners told", "pass", "Its owners and their contacts were told, and may object."),
        _evidence(claim),
    ]
    if not claim.is_open:
        outcome, title, message = ENDS[State(claim.state)]
        when = f" {day(claim.decided_at)}." if claim.decided_at else ""
        return [*steps, Step(title, outcome, f"{message}{when}")]
    return [*steps, _wait(claim), _review(claim)]


def _evidence(claim: AccessClaim) -> Step:
    title = "Evidence"
    if claim.is_strong:
        return Step(title, "pass", "There is strong evidence.")
    if claim.strength == Strength.WEAK:
        return Step(title, "warn", "There is weak evidence, which is not enough alone.")
    if not claim.is_open:
        return Step(title, "unknown", "There was none.")
    return Step(title, "running", f"Bring some by {day(claim.expires_at)}, or the claim runs out.")


def _wait(claim: AccessClaim) -> Step:
    title, until = "Waiting period", day(claim.waits_until)
    if claim.waits_until <= timezone.now():
        return Step(title, "pass", f"It was over on {until}.")
    message = f"Owners may object. Nothing is approved before {until}. {claim.shortened_because}"
    return Step(title, "running", message.strip())


def _review(claim: AccessClaim) -> Step:
    title = "Review"
    if claim.state != State.IN_REVIEW:
        return Step(title, "waiting", "Then two people of support look at it, each on their own.")
    if claim.due_at:
        return Step(title, "running", f"Support answers by {day(claim.due_at)}.")
    return Step(title, "warn", "Support waits for your answer.")
