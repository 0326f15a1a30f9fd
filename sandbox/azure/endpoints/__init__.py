"""One module for each area of the REST API. Importing this package registers every route."""

from . import (
    entitlements,
    git_http,
    identity,
    items,
    location,
    projects,
    pushes,
    refs,
    repositories,
    security,
)

__all__ = [
    "entitlements",
    "git_http",
    "identity",
    "items",
    "location",
    "projects",
    "pushes",
    "refs",
    "repositories",
    "security",
]
