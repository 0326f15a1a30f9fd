"""What the token is for: each feature, the one scope it needs, and whether that is proven."""

from dataclasses import dataclass

from bindings.models import PersonalAccessToken


@dataclass(frozen=True)
class Feature:
    """`state`: proven, missing or unknown."""

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
STATES = {"pass": "proven", "warn": "proven", "fail": "missing"}


def features_of(token: PersonalAccessToken) -> list[Feature]:
    outcomes = {check["code"]: check["outcome"] for check in token.checks}
    if "access_level" in outcomes and outcomes["access_level"] == "fail":
        # The account is a Stakeholder, which the token was allowed to find out.
        outcomes["access_level"] = "pass"
    # While it is refused, what was proven before still says what its replacement needs.
    outcomes |= dict.fromkeys(token.proven, "pass") if not token.is_healthy else {}
    return [
        Feature(name, scope, STATES.get(outcomes.get(code, ""), "unknown"), why)
        for code, name, scope, why in FEATURES
    ]
