"""The calls that are answered: each module of `resources` adds its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .world import Object, StripeWorld


@dataclass(frozen=True)
class Call:
    """One request. `params` are decoded: nested, with numbers and booleans as Stripe reads them;
    `path` has what stands in the address.
    """

    world: StripeWorld
    params: dict[str, Any]
    path: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.path[name]


Handler = Callable[[Call], Object]
_handlers: list[tuple[str, re.Pattern[str], str, Handler]] = []


def handles(method: str, template: str) -> Callable[[Handler], Handler]:
    """`@handles("POST", "/v1/customers/{customer}")`, spelled as the `stripe` package does."""

    def register(handler: Handler) -> Handler:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        _handlers.append((method, re.compile(f"^{pattern}$"), template, handler))
        return handler

    return register


def handler_of(method: str, path: str) -> tuple[Handler, str, dict[str, str]] | None:
    """Who answers, the template it is registered under, and what stands in the address."""
    for verb, pattern, template, handler in _handlers:
        if verb == method and (match := pattern.match(path)):
            return handler, template, match.groupdict()
    return None
