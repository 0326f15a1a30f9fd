"""Every verdict in words: what happened, why, and what to do now."""

from dataclasses import dataclass
from typing import Any

from bindings.providers.base import Verdict

# The checks of a verification, in the order in which they are shown.
TITLES = {
    "reachable": "Azure DevOps answers",
    "authenticated": "The token is accepted",
    "organization": "The organization exists",
    "code_read": "Code can be read",
    "code_write": "Code can be written",
    "administrator": "The account is an administrator",
    "access_level": "The account has Basic access",
    "token_format": "The token looks right",
    "token_expiry": "The token lasts",
    "repositories": "Repositories are visible",
}


def titled(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As they are shown: titles are no part of what is kept."""
    return [{**check, "title": TITLES[check["code"]]} for check in checks]


# The checks that tell what a token may do, which a replacement may do no less.
CAPABILITIES = ("code_read", "code_write")


@dataclass(frozen=True)
class Words:
    message: str
    remedy: str
    # The check that fails with this verdict.
    check: str


TRY_AGAIN = "Your token has not been judged. Try again in a few minutes."

WORDS: dict[Verdict, Words] = {
    Verdict.HEALTHY: Words("The token works.", "", "authenticated"),
    Verdict.MISSING_SCOPE: Words(
        "Azure DevOps knows this token, but it may not do what is needed.",
        "Create a token with the scope Code → Read & write and paste it here.",
        "code_read",
    ),
    Verdict.TOKEN_NOT_RECOGNIZED: Words(
        "Azure DevOps does not recognize this token.",
        "Check that it was copied whole and was made in this organization, or create a new one.",
        "authenticated",
    ),
    Verdict.TOKEN_EXPIRED: Words(
        "This token has expired.",
        "Create a new one in Azure DevOps and paste it here.",
        "authenticated",
    ),
    Verdict.TOKEN_REVOKED_OR_EXPIRED: Words(
        "This token no longer works in this organization. Azure DevOps does not say why: it has "
        "expired, was revoked, belongs to another organization, or its owner has not signed in "
        "for 90 days.",
        "Sign in to Azure DevOps as the token's owner, create a new token in this organization "
        "and paste it here.",
        "authenticated",
    ),
    Verdict.TOKEN_BLOCKED_BY_POLICY: Words(
        "A policy of this organization refuses tokens for all accessible organizations.",
        "Create a token for this organization only and paste it here.",
        "authenticated",
    ),
    Verdict.CONDITIONAL_ACCESS: Words(
        "A conditional access policy of your company refused the request, most often because of "
        "the network it came from.",
        "Ask your Microsoft Entra administrator to allow our addresses, then try again.",
        "authenticated",
    ),
    Verdict.NOT_A_MEMBER: Words(
        "Azure DevOps knows the token's owner, but not as a member of this organization.",
        "Add the account to the organization and sign in there with it once, or use the token of "
        "an account that belongs to it.",
        "organization",
    ),
    Verdict.ORGANIZATION_NOT_FOUND: Words(
        "There is no Azure DevOps organization of this name.",
        "Compare the name with the address you see in Azure DevOps: dev.azure.com/name. "
        "After a rename only the new name works.",
        "organization",
    ),
    Verdict.ORGANIZATION_CHANGED: Words(
        "This name now belongs to another Azure DevOps organization.",
        "Type the present name of the organization that is bound here.",
        "organization",
    ),
    Verdict.ORGANIZATION_STOPPED: Words(
        "Azure DevOps has stopped this organization because nobody used it.",
        "Sign in to it in a browser to start it again, then try again here.",
        "organization",
    ),
    Verdict.TOKEN_OWNER_CHANGED: Words(
        "This token belongs to another account than the one before.",
        "If that was intended, confirm the new account; otherwise paste a token of the old one.",
        "authenticated",
    ),
    Verdict.THROTTLED: Words(
        "Azure DevOps asks us to slow down: the token's owner has made many requests.",
        TRY_AGAIN,
        "reachable",
    ),
    Verdict.UNAVAILABLE: Words("Azure DevOps is not answering.", TRY_AGAIN, "reachable"),
    Verdict.UNREADABLE_ANSWER: Words(
        "Azure DevOps answered something we could not read.", TRY_AGAIN, "reachable"
    ),
    Verdict.CALLED_OFF: Words(
        "This verification was called off before there was an answer.",
        "Ask for another one if you still need it.",
        "reachable",
    ),
}

NOT_VERDICTS = frozenset(
    {Verdict.THROTTLED, Verdict.UNAVAILABLE, Verdict.UNREADABLE_ANSWER, Verdict.CALLED_OFF}
)

# What is the fault of the token itself, so that another token is worth trying.
ABOUT_THE_TOKEN = frozenset(
    {
        Verdict.MISSING_SCOPE,
        Verdict.TOKEN_NOT_RECOGNIZED,
        Verdict.TOKEN_EXPIRED,
        Verdict.TOKEN_REVOKED_OR_EXPIRED,
        Verdict.TOKEN_BLOCKED_BY_POLICY,
        Verdict.NOT_A_MEMBER,
    }
)
