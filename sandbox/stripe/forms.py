"""Nested parameters in a flat form: `items[0][price]=…`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import StripeError

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decoded(text: str) -> dict[str, Any]:
    """Texts in dictionaries, as deep as they were sent; of a list, by their numbers."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(tree, _steps(name), value)
    return tree


def _steps(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise StripeError(f"Invalid request: unable to parse parameter {name!r}.")
    return [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]


def _put(tree: dict[str, Any], steps: list[str], value: str) -> None:
    *before, last = steps
    for step in before:
        tree = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise StripeError(f"Invalid request: {steps[0]} is both a value and a hash.")
    tree[last or str(len(tree))] = value
