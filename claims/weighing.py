"""What a look found, and what that counts. Nothing here touches the database."""

from dataclasses import dataclass, field
from typing import Any

from bindings.providers.base import Access

TOKEN, NONCE, DOMAIN = "token_administrator", "nonce_placed", "email_domain"  # noqa: S105
STRONG, WEAK, NONE = "strong", "weak", "none"

# Outcome: what it counts, and what it says; the claimant reads it `as_told`.
WORDS = {
    "administrator": (
        STRONG,
        "The token belongs to an administrator of this organization in Azure DevOps.",
        "",
    ),
    "administrator_unknown": (
        WEAK,
        "The token belongs to this organization, but may not ask whether its owner administers it.",
        "Paste one with full access, or place the words in a project's description.",
    ),
    "not_administrator": (
        NONE,
        "The token belongs to this organization, and its owner does not administer it.",
        "Paste the token of an administrator, or have one place the words.",
    ),
    "other_organization": (
        NONE,
        "This token is for another organization, so it is no evidence.",
        "Create one in the organization that you claim, and paste that.",
    ),
    "refused": (
        NONE,
        "Azure DevOps refuses this token, so it shows nothing.",
        "Create a new one, and paste it while it is valid.",
    ),
    "placed": (
        STRONG,
        "The words are in the description of a project there, which only its administrators write.",
        "",
    ),
    "not_placed": (
        NONE,
        "We found the words in no description of a project there.",
        "Save them in the description of a project with repositories and look again, or paste a "
        "token that may read the project: we look with that, once.",
    ),
    "could_not_look": (
        NONE,
        "We can't look there by ourselves: the organization's own token is not well.",
        "",
    ),
    "no_answer": (
        NONE,
        "Azure DevOps did not answer, so nothing is known.",
        "Nothing is held against you. Try again in a while.",
    ),
    "owners_domain": (
        WEAK,
        "Your verified e-mail address is on the domain of somebody who owns it here.",
        "",
    ),
}


def as_told(outcome: str) -> str:
    """What the claimant hears of it. How the organization's own token is, is not theirs to know."""
    return "not_placed" if outcome == "could_not_look" else outcome


@dataclass(frozen=True)
class Seen:
    """One thing that was looked at, how it was found, and what else belongs on record."""

    kind: str
    outcome: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def weight(self) -> str:
        return WORDS[self.outcome][0]


def of_access(access: Access) -> str:
    """What it says of a token that its owner may administer, may not, or can't be asked."""
    return {
        Access.GRANTED: "administrator",
        Access.DENIED: "not_administrator",
        Access.UNKNOWN: "administrator_unknown",
    }[access]
