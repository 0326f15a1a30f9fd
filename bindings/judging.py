"""What one look says of a token: by what was known of it, and by what the one in use can do.

What there was no answer to is no bad news: it is asked again, together with everything else,
and not for ever.
"""

from dataclasses import dataclass
from typing import Any

from bindings.checks import Outcome, answered_in, capabilities_in, in_order
from bindings.models import PersonalAccessToken
from bindings.probing import Answer
from bindings.providers.base import Verdict

Slot = PersonalAccessToken.Slot

# Whoever waits for an answer is told after so many tries that there is none.
PATIENCE = 3


@dataclass(frozen=True)
class Look:
    """What was heard about a claimed token. `doubtful`: while the platform had trouble."""

    claimed: PersonalAccessToken
    answer: Answer
    doubtful: bool = False

    @property
    def found(self) -> list[dict[str, Any]]:
        return in_order([check.as_dict() for check in self.answer.checks])

    @property
    def was_everything(self) -> bool:
        return self.claimed.wants_everything


def verdict_on(token: PersonalAccessToken, look: Look) -> Verdict:
    """A token that can't do more than read is healthy where an owner wants it all the same.
    Where writing is what was refused, only an answer about writing says anything new.
    """
    verdict, found = look.answer.verdict, look.found
    is_meant = token.accepts_less or (token.slot == Slot.NEXT and token.accepts_differences)
    reads = "code_read" in capabilities_in(found)
    if verdict == Verdict.MISSING_SCOPE and is_meant and reads:
        token.accepts_less = True
        return Verdict.HEALTHY
    is_open = _is_refused_writing(token) and "code_write" not in answered_in(found)
    if verdict == Verdict.HEALTHY and is_open and not is_meant:
        return _without_answer_on_writing(token, look)
    return verdict


def _is_refused_writing(token: PersonalAccessToken) -> bool:
    """Whether that is what we doubt, or know."""
    failed = {check["code"] for check in token.checks if check["outcome"] == Outcome.FAIL}
    is_scope = (token.suspect or token.verdict) == Verdict.MISSING_SCOPE
    return is_scope and "code_write" in failed


def _without_answer_on_writing(token: PersonalAccessToken, look: Look) -> Verdict:
    """Neither cleared nor confirmed: it is asked again soon."""
    if look.answer.write_silence:
        return look.answer.write_silence.verdict
    # No repository has a commit any more, or none can be seen, as far as the whole list tells.
    # A refusal that can't be heard again does not stand for ever: what can be asked is well.
    if look.was_everything:
        return Verdict.HEALTHY
    token.wants_everything = True
    return Verdict.UNAVAILABLE


def compare(token: PersonalAccessToken, current: PersonalAccessToken | None, look: Look) -> Verdict:
    """It works. But where something that works today would stop with it, only a person may want
    that; and where that could not be tried, it is tried again before anybody is asked.
    """
    lost = set(current.proven) - set(token.proven) if current else set()
    if not lost or token.accepts_differences:
        return Verdict.HEALTHY
    if refused := lost & answered_in(look.found):
        return _lacking(token, refused)
    # What stood by and was well stays so. Everything is asked at once, and where that tells no
    # more, not before the next day again.
    if token.verdict == Verdict.HEALTHY:
        token.wants_everything = not look.was_everything
        return Verdict.HEALTHY
    if token.questions < PATIENCE or not look.was_everything:
        token.wants_everything = True
        return Verdict.UNAVAILABLE
    return _lacking(token, lost)


def _lacking(token: PersonalAccessToken, lost: set[str]) -> Verdict:
    for check in token.checks:
        if check["code"] in lost and check["outcome"] != Outcome.FAIL:
            check["outcome"] = Outcome.FAIL
            check["message"] += " The token in use was proven to do this."
    return Verdict.MISSING_SCOPE
