"""The checks of a verification: their names, their order and their sentences."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from bindings.providers.azure_tokens import GLOBAL_TOKENS_END, TokenFormat
from bindings.providers.base import (
    Access,
    AccessLevel,
    Connection,
    Heard,
    Inventory,
    Verdict,
)
from bindings.verdicts import CAPABILITIES, TITLES, WORDS

SOON = timedelta(days=30)
# Azure DevOps stops a token whose owner has not signed in for 90 days; a third of that is
# reason enough to remember it.
LONG_UNUSED = 30
SIGN_IN = (
    "Sign in to Azure DevOps in a browser with that account: Azure DevOps stops the tokens of "
    "accounts that nobody signs in with for 90 days."
)
ADMINISTRATORS = "Project Collection Administrators"


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `remedy` is empty where there is nothing to do."""

    code: str
    outcome: Outcome
    message: str
    remedy: str = ""
    latency_ms: int | None = None
    activity_id: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.code]

    def heard(self, heard: Heard) -> "Check":
        """With how the request went that answered it."""
        return replace(self, latency_ms=heard.latency_ms, activity_id=heard.activity_id)

    def as_dict(self) -> dict[str, Any]:
        return dict(vars(self))


def in_order(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answers come in as the questions were answered; they are shown in the order of TITLES."""
    order = list(TITLES)
    return sorted(checks, key=lambda check: order.index(check["code"]))


def merged(known: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is known after some checks were made anew. What could be done is not forgotten
    because it could not be tried this time.
    """
    proven = capabilities_in(known)
    untried = [c for c in found if c["code"] in proven and c["outcome"] == Outcome.UNKNOWN]
    news = [check for check in found if check not in untried]
    return in_order(list({check["code"]: check for check in [*known, *news]}.values()))


def capabilities_in(checks: list[dict[str, Any]]) -> list[str]:
    """Which of CAPABILITIES these checks prove."""
    return [c["code"] for c in checks if c["code"] in CAPABILITIES and c["outcome"] == "pass"]


def answered_in(checks: list[dict[str, Any]]) -> set[str]:
    """The codes of these checks that say how it is, well or not."""
    return {check["code"] for check in checks if check["outcome"] != Outcome.UNKNOWN}


def passed(code: str, message: str) -> Check:
    return Check(code, Outcome.PASS, message)


def refused(verdict: Verdict, code: str = "") -> Check:
    words = WORDS[verdict]
    return Check(code or words.check, Outcome.FAIL, words.message, words.remedy)


def not_asked(code: str) -> Check:
    return Check(code, Outcome.UNKNOWN, "Not asked, because an earlier check failed.")


def unanswered(code: str) -> Check:
    return Check(
        code, Outcome.UNKNOWN, "Azure DevOps gave no answer to this. We ask again by ourselves."
    )


def called_off(why: str) -> Check:
    """There will be no answer to what somebody asked."""
    return Check("reachable", Outcome.UNKNOWN, why)


def secret_unreadable() -> Check:
    return Check(
        "authenticated",
        Outcome.FAIL,
        "Our copy of the token can't be read any more, so Azure DevOps was not asked.",
        "Paste the token again, or a new one.",
    )


def authenticated(connection: Connection) -> Check:
    name = connection.user_name or connection.user_account or "an account without a name"
    account = f" ({connection.user_account})" if connection.user_account != name else ""
    return passed("authenticated", f"It speaks for {name}{account if account != ' ()' else ''}.")


def read_only() -> Check:
    return Check(
        "code_write",
        Outcome.FAIL,
        "The token may read code, but its scope does not include writing.",
        "Create a token with the scope Code → Read & write and paste it here.",
    )


def code_read(subject: str) -> Check:
    return passed("code_read", f"The token may read code; it sees {subject}.")


def repository_gone(name: str) -> Check:
    return Check(
        "code_read",
        Outcome.UNKNOWN,
        f"The repository we ask about, {name}, can't be seen any more.",
        "We look at the whole list next.",
    )


def another_organization(name: str, bound_name: str) -> Check:
    """The name, or the token, leads to another organization than the one that is bound."""
    if name.casefold() == bound_name.casefold():
        return refused(Verdict.ORGANIZATION_CHANGED)
    return Check(
        "organization",
        Outcome.FAIL,
        f"This token belongs to {name}, but {bound_name} is what is bound here.",
        f"Create a token in {bound_name} and paste it here.",
    )


def another_owner(connection: Connection, known_name: str) -> Check:
    now = connection.user_name or connection.user_account
    return Check(
        "authenticated",
        Outcome.WARN,
        f"It speaks for {now}, where the token before spoke for {known_name or 'another account'}.",
        "If that is intended, accept it; otherwise paste a token of the old account.",
    )


def code_write(access: Access) -> Check:
    if access == Access.GRANTED:
        return passed("code_write", "The token may push. Nothing was written to find that out.")
    if access == Access.DENIED:
        return Check(
            "code_write",
            Outcome.WARN,
            "The token has the scope, but its account may not contribute to the repository we "
            "tried. Comments on pull requests may be refused there.",
            "Add the account to the Contributors group of its projects.",
        )
    return Check(
        "code_write",
        Outcome.UNKNOWN,
        "This could not be tried: it needs a repository with a commit, and an answer to the try.",
    )


def administrator(access: Access) -> Check:
    if access == Access.GRANTED:
        return passed("administrator", "The account administers the organization.")
    if access == Access.DENIED:
        return Check(
            "administrator",
            Outcome.FAIL,
            "The account that made this token does not administer the organization. Only an "
            "administrator may bring it here.",
            f"Add the account to {ADMINISTRATORS}, or paste a token of an administrator.",
        )
    return Check(
        "administrator",
        Outcome.UNKNOWN,
        "The token may not ask whether its account is an administrator.",
        f"You can go on. Make sure yourself that the account is one of {ADMINISTRATORS}.",
    )


def access_level(level: AccessLevel | None, now: datetime) -> Check:
    if level is None:
        return Check(
            "access_level",
            Outcome.UNKNOWN,
            "The token may not ask for its account's licence, which is usual.",
            "Make sure yourself that the account has Basic access, not Stakeholder.",
        )
    if level.is_stakeholder:
        return Check(
            "access_level",
            Outcome.FAIL,
            f"The account has {level.name} access, which can't read private repositories: they "
            "are missing here, and their analysis stops.",
            "Give it Basic access under Organization settings → Users, then check again.",
        )
    words = f"The account has {level.name} access. {_last_seen(level.last_access, now)}"
    if _is_long_ago(level.last_access, now):
        return Check("access_level", Outcome.WARN, words, SIGN_IN)
    return passed("access_level", words)


def _last_seen(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "It has never signed in."
    days = (now - at).days
    ago = "today" if days <= 0 else f"{count(days, 'day')} ago"
    return f"It was last seen there on {at:%-d %B %Y}, {ago}."


def _is_long_ago(at: datetime | None, now: datetime) -> bool:
    return at is None or now - at >= timedelta(days=LONG_UNUSED)


def token_format(shape: TokenFormat, *, is_global: bool = False) -> Check:
    if is_global:
        return Check(
            "token_format",
            Outcome.WARN,
            "It is a token for all organizations of its account. Azure DevOps stops every one of "
            f"them on {GLOBAL_TOKENS_END:%-d %B %Y}.",
            "Create a token for this organization only, and replace this one before that day.",
        )
    if shape.is_usual:
        return passed("token_format", "It has the form of an Azure DevOps token.")
    return Check(
        "token_format",
        Outcome.WARN,
        "It has the right length, but not the marks of a token of Azure DevOps.",
        "If it is refused, copy it again: one wrong character is enough.",
    )


def token_expiry(expires_on: date | None, latest: date | None, today: date) -> Check:
    if expires_on is None:
        bound = f" It can't live longer than {latest:%-d %B %Y}." if latest else ""
        return Check(
            "token_expiry",
            Outcome.WARN,
            f"You gave no expiry date, and Azure DevOps tells nobody.{bound}",
            "Look it up under Personal access tokens and tell us, so that we can remind you.",
        )
    if latest and expires_on > latest:
        return Check(
            "token_expiry",
            Outcome.WARN,
            f"You typed {expires_on:%-d %B %Y}, but this token can't live longer than "
            f"{latest:%-d %B %Y}.",
            "We go by the earlier date. Look it up under Personal access tokens.",
        )
    if expires_on - today < SOON:
        return Check(
            "token_expiry",
            Outcome.WARN,
            f"It expires soon, on {expires_on:%A %-d %B %Y}.",
            "You can go on; a token that lasts longer is better.",
        )
    return passed("token_expiry", f"It lasts until {expires_on:%A %-d %B %Y}, as you told us.")


def repositories(inventory: Inventory) -> Check:
    found = inventory.repositories
    if not found:
        return Check(
            "repositories",
            Outcome.WARN,
            f"No repository is visible in {count(inventory.project_count, 'project')}.",
            "If there should be some, give the account Basic access, not Stakeholder, and add it "
            "to the Contributors of its projects.",
        )
    kinds = Counter("disabled" if r.is_disabled else "empty" for r in found if skipped(r))
    left_out = " and ".join(f"{n:,} {kind}" for kind, n in sorted(kinds.items()))
    tail = f"; {left_out}, listed but not analysed" if left_out else ""
    projects = count(len({r.project_id for r in found}), "project")
    return passed("repositories", f"{count(len(found), 'repository')} in {projects}{tail}.")


def skipped(repository: object) -> bool:
    return bool(getattr(repository, "is_disabled", False) or getattr(repository, "is_empty", False))


def count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
