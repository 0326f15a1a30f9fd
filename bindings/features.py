"""What the token is for: each feature, the one scope it needs, and whether that is proven."""

from dataclasses import dataclass

from bindings.models import PersonalAccessToken


@dataclass(frozen=True)
class Feature:
    """`state`: proven, unproven (the scope is there, the account's right may not be), refused or
    unknown.
    """

    name: str
    scope: str
    state: str
    why: str


# The check that proves it, where it is used, its scope on the platform, and why.
FEATURES = (
    ("code_read", "List repositories and count lines", "Code → Read", "Everything rests on it."),
    (
        "code_write",
        "Comment on pull requests",
        "Code → Read & write",
        "Comments are written; nothing else ever is.",
    ),
    (
        "access_level",
        "Watch access level and last sign-in",
        "Member Entitlement Management → Read",
        "Optional: warns before Azure DevOps stops the token of an account nobody signs in with.",
    ),
)
STATES = {"pass": "proven", "warn": "unproven", "fail": "refused"}


def features_of(token: PersonalAccessToken) -> list[Feature]:
    """What the newest answers say; where they leave it open, what the token was once seen to do,
    which is also what its replacement needs.
    """
    answered = {c["code"]: c["outcome"] for c in token.checks if c["outcome"] != "unknown"}
    if "access_level" in answered:
        # A Stakeholder, or somebody long away, which the token was allowed to find out.
        answered["access_level"] = "pass"
    outcomes = dict.fromkeys(token.proven, "pass") | answered
    return [
        Feature(name, scope, STATES.get(outcomes.get(code, ""), "unknown"), why)
        for code, name, scope, why in FEATURES
    ]
