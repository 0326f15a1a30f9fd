"""How a token is, in one sentence, and what to do about it: for pages and for the banner."""

from dataclasses import dataclass

from bindings.lasting import standby_after
from bindings.models import PersonalAccessToken, PlatformIncident
from bindings.providers.base import Verdict
from bindings.verdicts import ABOUT_THE_TOKEN

# Days before the expiry from which somebody has to act, and from which it is said in passing.
URGENT, NEAR = 7, 30
# Days without a sign-in from which it is said. Azure DevOps stops the token after 90.
LONG_ABSENCE = 60
GRAVITY = ["good", "info", "warning", "danger"]


@dataclass(frozen=True)
class State:
    """`word` beside an icon, `tone` of the colour; `needs_owner`: somebody must act."""

    word: str
    tone: str
    sentence: str
    remedy: str = ""
    needs_owner: bool = False
    # What a banner says after the name of the organization.
    short: str = ""


def state_of(token: PersonalAccessToken, incident: PlatformIncident | None = None) -> State:
    """The gravest that is to be said."""
    told = (
        _of_verdict(token),
        _of_trouble(token, incident),
        _of_expiry(token),
        _of_absence(token),
    )
    return max((state for state in told if state), key=_gravity)


def need_of(token: PersonalAccessToken) -> State | None:
    """The gravest that an owner must act on."""
    needs = [state for state in (_of_verdict(token), _of_expiry(token)) if state]
    return max((need for need in needs if need.needs_owner), key=_gravity, default=None)


def _gravity(state: State) -> int:
    return GRAVITY.index(state.tone)


def _of_verdict(token: PersonalAccessToken) -> State:
    if token.unreadable_since:
        return State(
            "Needs you",
            "danger",
            "Our copy of the token can't be read any more, so Azure DevOps was not asked.",
            "Paste the token again, or a new one.",
            needs_owner=True,
            short="Our copy of its token can't be read.",
        )
    words = token.words
    if words is None:
        return State("Not checked", "info", "This token has not been checked yet.")
    if token.verdict == Verdict.HEALTHY:
        return State("Healthy", "good", words.message)
    tone = "warning" if token.verdict == Verdict.TOKEN_OWNER_CHANGED else "danger"
    is_its_fault = token.verdict in ABOUT_THE_TOKEN
    short = "Azure DevOps refuses its token." if is_its_fault else words.message
    return State("Needs you", tone, words.message, words.remedy, needs_owner=True, short=short)


def _of_trouble(token: PersonalAccessToken, incident: PlatformIncident | None) -> State | None:
    if incident and token.verdict == Verdict.HEALTHY:
        return State(
            "Azure DevOps has trouble",
            "info",
            "Azure DevOps does not answer as usual for many organizations, since "
            f"{incident.began_at:%-d %B %Y, %H:%M} UTC. No token is judged until that is over.",
            "Nothing is to be done. We go on asking.",
        )
    if token.suspect:
        return State(
            "In doubt",
            "warning",
            f"Azure DevOps refused the token at {token.suspect_since:%H:%M} UTC. We ask again a "
            "few minutes later before we call it broken.",
            "Nothing is to be done yet.",
        )
    if token.silent_since:
        return State(
            "No answer",
            "info",
            f"Azure DevOps has not answered since {token.silent_since:%-d %B %Y, %H:%M} UTC. "
            "What we knew of the token still stands.",
            "Nothing is to be done. We go on asking.",
        )
    return None


def _of_expiry(token: PersonalAccessToken) -> State | None:
    left = token.days_left
    if left is None or left > NEAR:
        return None
    sentence, short = _end_of(token, "token")
    standby = standby_after(token)
    if standby is None:
        return _urging(left, sentence, short, "replace this one")
    left = standby.days_left
    if left is None or left > NEAR:
        return State(
            "Standby takes over",
            "info",
            f"{sentence} Your standby …{standby.last_four} takes over by itself.",
            "Nothing is to be done.",
        )
    end, short = _end_of(standby, "standby")
    return _urging(left, f"{sentence} {end}", short, "leave it with us")


def _end_of(token: PersonalAccessToken, what: str) -> tuple[str, str]:
    """When it ends, as a sentence and in short."""
    when, left = f"{token.expires_on:%A %-d %B %Y}", token.days_left or 0
    the = "Your standby" if token.is_standby else "The token"
    if left < 0:
        sentence = f"{the} expired on {when}, {token.get_expiry_source_display()}."
        return sentence, f"Its {what} expired on {when}."
    days = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    sentence = f"{the} expires {days}, on {when}, {token.get_expiry_source_display()}."
    return sentence, f"Its {what} expires {days}."


def _urging(left: int, sentence: str, short: str, remedy: str) -> State:
    is_urgent = left <= URGENT
    return State(
        "Expired" if left < 0 else "Expires soon",
        "danger" if left <= 1 else "warning" if is_urgent else "info",
        sentence,
        f"Create a new token in Azure DevOps and {remedy}.",
        needs_owner=is_urgent,
        short=short,
    )


def _of_absence(token: PersonalAccessToken) -> State | None:
    days = token.days_unused if token.is_access_fresh else None
    if days is None or token.last_access_at is None or days < LONG_ABSENCE:
        return None
    account = token.owner_name or "its account"
    return State(
        "Sign-in needed",
        "warning",
        f"Nobody has signed in to Azure DevOps as {account} since "
        f"{token.last_access_at:%A %-d %B %Y}, {days} days ago. Azure DevOps stops the tokens of "
        "accounts that stay away for 90 days.",
        "Sign in to Azure DevOps in a browser as that account.",
    )
