"""A claim as its page tells it: what happened, what happens next, and on which date."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from claims.models import AccessClaim, Decision, Evidence, Strength
from claims.standing import standing_of
from claims.telling import day
from claims.waiting import longest_wait
from claims.weighing import WORDS, as_told

State = AccessClaim.State
OUTCOMES = {Strength.STRONG: "pass", Strength.WEAK: "warn", Strength.NONE: "unknown"}
COUNTS = {
    Strength.STRONG: "Counts: it is strong.",
    Strength.WEAK: "Counts a little: it is weak, and not enough alone.",
    Strength.NONE: "Counts nothing.",
}
ENDS = {
    State.APPROVED: ("pass", "Approved", "You are an owner of this organization now."),
    State.REJECTED: ("fail", "Rejected", "Support rejected this claim."),
    State.WITHDRAWN: ("unknown", "Withdrawn", "You ended this claim."),
    State.EXPIRED: ("warn", "Ran out", "No strong evidence came in within 14 days."),
    State.ENDED: ("warn", "Ended", "The organization is no longer here, so it can't be claimed."),
    State.REVERSED: ("fail", "Reversed", "Support took its approval back."),
}
REASONS: dict[str, str] = {
    State.REJECTED: Decision.Kind.REJECT,
    State.REVERSED: Decision.Kind.REVERSE,
}


@dataclass(frozen=True)
class Step:
    """One row of the timeline, as components/check.html shows it."""

    title: str
    outcome: str
    message: str
    remedy: str = ""


def shown(evidence: Evidence) -> dict[str, Any]:
    """A piece of evidence in words for the claimant, in the shape of a check."""
    _, message, remedy = WORDS[as_told(evidence.outcome)]
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
        return [*steps, Step(title, outcome, f"{message}{when}", _reason(claim))]
    return [*steps, _wait(claim), _review(claim)]


def _reason(claim: AccessClaim) -> str:
    """Why support ended it, where it did."""
    if claim.state not in REASONS:
        return ""
    decision = claim.decisions.filter(kind=REASONS[claim.state]).order_by("-at").first()
    return f"Its reason: {decision.reason}" if decision else ""


def _evidence(claim: AccessClaim) -> Step:
    title = "Evidence"
    if claim.is_strong:
        return Step(title, "pass", "There is strong evidence.")
    if not claim.is_open:
        return Step(title, "unknown", "There was nothing strong.")
    found = standing_of(claim)
    by = f"by {day(found.runs_out_at)}, or the claim runs out."
    if found.why:
        lapsed = f"It does not count any more. {found.why}"
        return Step(title, "warn", lapsed, f"Bring it again {by}")
    if claim.strength == Strength.WEAK:
        weak = "There is weak evidence, which is not enough alone."
        return Step(title, "warn", weak, f"Bring strong evidence {by}")
    return Step(title, "running", f"Bring some {by}")


def _wait(claim: AccessClaim) -> Step:
    """By the longest there is: why it is shorter, and since when, tells when an owner was there."""
    title, until = "Waiting period", longest_wait(claim)
    if until <= timezone.now():
        return Step(title, "pass", f"It was over on {day(until)}.")
    return Step(title, "running", f"Owners may object, until {day(until)} at the latest.")


def _review(claim: AccessClaim) -> Step:
    title = "Review"
    if claim.state != State.IN_REVIEW:
        return Step(title, "waiting", "Then two people of support look at it, each on their own.")
    if claim.due_at:
        return Step(title, "running", f"Support answers by {day(claim.due_at)}.")
    return Step(title, "warn", "Support waits for your answer.")
