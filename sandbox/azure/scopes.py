"""The scopes one can tick on the token page, in the order and the words of the real one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """A tick box: `scope` is what the API checks."""

    scope: str
    label: str


@dataclass(frozen=True)
class Area:
    name: str
    explains: str
    choices: tuple[Choice, ...]


FULL_ACCESS = "app_token"

AREAS = (
    Area(
        "Code",
        "Source code, repositories, pull requests and notifications",
        (
            Choice("vso.code", "Read"),
            Choice("vso.code_write", "Read & write"),
            Choice("vso.code_manage", "Read, write, & manage"),
        ),
    ),
    Area(
        "Graph",
        "Users, groups and their memberships",
        (Choice("vso.graph", "Read"), Choice("vso.graph_manage", "Read & manage")),
    ),
    Area("Identity", "Identities and groups", (Choice("vso.identity", "Read"),)),
    Area(
        "Member Entitlement Management",
        "Users and their access levels",
        (
            Choice("vso.memberentitlementmanagement", "Read"),
            Choice("vso.memberentitlementmanagement_write", "Read & write"),
        ),
    ),
    Area(
        "Project and Team",
        "Projects and teams",
        (Choice("vso.project", "Read"), Choice("vso.project_write", "Read & write")),
    ),
    Area("User Profile", "Your profile", (Choice("vso.profile", "Read"),)),
    Area("Work Items", "Work items, queries, boards", (Choice("vso.work", "Read"),)),
)

_LABELS = {
    choice.scope: f"{area.name} ({choice.label})" for area in AREAS for choice in area.choices
}


def known(scopes: list[str]) -> frozenset[str]:
    """Those of `scopes` that can be ticked."""
    return frozenset(scopes) & _LABELS.keys()


def described(scopes: frozenset[str]) -> str:
    if FULL_ACCESS in scopes:
        return "Full access"
    return "; ".join(sorted(_LABELS.get(scope, scope) for scope in scopes))
