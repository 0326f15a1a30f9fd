"""The calls that are answered: each module of `resources` adds its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .world import Object, StripeWorld


@dataclass(frozen=True)
class Call:
    """One request. `params` are decoded: nested, with numbers and booleans as Stripe reads them;
    `path` has what stands in the address, `url` is the address, and `site` where the sandbox is.
    """

    world: StripeWorld
    params: dict[str, Any]
    path: dict[str, str] = field(default_factory=dict)
    url: str = ""
    site: str = ""

    def __getitem__(self, name: str) -> str:
        return self.path[name]


Handler = Callable[[Call], Object]
Include = Callable[[StripeWorld, Object], Any]
_handlers: list[tuple[str, re.Pattern[str], str, Handler]] = []
_includes: dict[tuple[str, str], Include] = {}


def handles(method: str, template: str) -> Callable[[Handler], Handler]:
    """`@handles("POST", "/v1/customers/{customer}")`, spelled as the `stripe` package does."""

    def register(handler: Handler) -> Handler:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        _handlers.append((method, re.compile(f"^{pattern}$"), template, handler))
        return handler

    return register


def handler_of(method: str, path: str) -> tuple[Handler, str, dict[str, str]] | None:
    """Who answers, the template it is registered under, and what stands in the address. What is
    spelled out goes before what stands for any id.
    """
    found = [
        (template.count("{"), handler, template, match.groupdict())
        for verb, pattern, template, handler in _handlers
        if verb == method and (match := pattern.match(path))
    ]
    return min(found, key=lambda each: each[0])[1:] if found else None


def includes(kind: str, name: str) -> Callable[[Include], Include]:
    """`@includes("customer", "tax_ids")`: a field that is there only for those who expand it."""

    def register(include: Include) -> Include:
        _includes[kind, name] = include
        return include

    return register


def include_of(kind: str, name: str) -> Include | None:
    return _includes.get((kind, name))
