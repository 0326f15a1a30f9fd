"""What all objects have in common when parameters change them."""

from typing import Any

from .errors import StripeError
from .world import Object


def merged(metadata: dict[str, str] | None, change: Any) -> dict[str, str]:
    """Keys are added and replaced; an empty value takes its key away, and `""` all of them."""
    if change == "":
        return {}
    return {name: value for name, value in {**(metadata or {}), **change}.items() if value != ""}


def change(thing: Object, params: dict[str, Any], *names: str) -> Object:
    """Set what was sent of these fields, and the metadata; `""` empties a field. Returns what
    they were before, for the event.
    """
    before = {}
    for name in (*names, "metadata"):
        if name in params:
            old, new = thing.get(name), params[name]
            new = merged(old, new) if name == "metadata" else None if new == "" else new
            if new != old:
                before[name], thing[name] = old, new
    return before


def exactly_one(params: dict[str, Any], *names: str) -> str:
    """The one of these that was sent. Raises unless it is one."""
    sent = [name for name in names if name in params]
    if len(sent) > 1:
        raise StripeError(
            f"You may only specify one of these parameters: {', '.join(sent)}.",
            code="parameters_exclusive",
        )
    if not sent:
        raise StripeError(
            f"You must specify one of these parameters: {', '.join(names)}.",
            code="parameter_missing",
            param=names[0],
        )
    return sent[0]
