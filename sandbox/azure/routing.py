"""The table of routes, filled by the modules in `endpoints`.

Paths are matched without regard to case, as the real service does, and may carry a
project before `_apis`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from .call import Call, Host

Handler = Callable[..., Response]
IN_PROJECT = r"(?:(?P<project>[^/]+)/)?"


@dataclass(frozen=True)
class Route:
    """`scopes`: any one of them opens it; none are needed if empty.

    `released` is the highest version that may be asked for without `-preview`.
    """

    host: Host
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    scopes: tuple[str, ...]
    released: tuple[int, int]
    anonymous: bool


_ROUTES: list[Route] = []
RELEASED = (7, 1)
PREVIEW_ONLY = (0, 0)


def route(
    method: str,
    path: str,
    *scopes: str,
    host: Host = Host.CORE,
    released: tuple[int, int] = RELEASED,
    anonymous: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler for a regular expression over the path after the organization."""

    def register(handler: Handler) -> Handler:
        pattern = re.compile(path, re.IGNORECASE)
        _ROUTES.append(Route(host, method, pattern, handler, scopes, released, anonymous))
        return handler

    return register


def find_route(call: Call) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and what its path names; absent parts are left out."""
    # The web server leaves out the body.
    method = "GET" if call.request.method == "HEAD" else call.request.method
    for each in _ROUTES:
        if each.host is not call.host or each.method != method:
            continue
        match = each.pattern.fullmatch(call.path.rstrip("/"))
        if match:
            return each, {k: v for k, v in match.groupdict().items() if v is not None}
    return None
