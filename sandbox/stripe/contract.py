"""What Stripe takes, as the installed `stripe` package tells: its services name the verb, address,
parameters and answer of each call. Read once, when it is first needed.
"""

import ast
import re
import threading
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import stripe
from stripe._request_options import RequestOptions

_PACKAGE = Path(stripe.__file__).parent
# How a call is made, rather than what is asked; and names that types mention but don't import.
_OPTIONS = frozenset(RequestOptions.__annotations__)
_READING = threading.Lock()
_UNKNOWN_NAMES = {"StripeContext": Any, "Mapping": Mapping}


@dataclass(frozen=True)
class Place:
    """A class that need not be loaded yet."""

    module: str
    name: str

    def load(self) -> Any:
        return getattr(import_module(self.module), self.name)


@dataclass(frozen=True)
class Endpoint:
    """`params` is None where nothing may be sent, `answer` where it is no object of the API."""

    params: Place | None
    answer: Place | None
    is_list: bool


def endpoint(method: str, template: str) -> Endpoint | None:
    """By verb and address, whatever the address calls what stands in it."""
    # Python can't parse in two threads at once, and the first two requests may come so.
    with _READING:
        known = _endpoints()
    return known.get((method.lower(), _anonymous(template)))


@cache
def fields_of(kind: type) -> dict[str, Any]:
    """The type of each parameter of a TypedDict."""
    hints = typing.get_type_hints(kind, localns=_UNKNOWN_NAMES)
    return {name: hint for name, hint in hints.items() if name not in _OPTIONS}


@cache
def _endpoints() -> dict[tuple[str, str], Endpoint]:
    found: dict[tuple[str, str], Endpoint] = {}
    for file in sorted(_PACKAGE.glob("**/_*_service.py")):
        if "v2" not in file.parts:
            found.update(_calls_in(ast.parse(file.read_text())))
    return found


def _calls_in(tree: ast.Module) -> Iterator[tuple[tuple[str, str], Endpoint]]:
    places: dict[str, Place] = {}
    for node in tree.body:
        if isinstance(node, ast.If):  # what only type checkers import
            places.update(imported(node))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for function in [node for each in classes for node in each.body]:
        if isinstance(function, ast.FunctionDef):
            for call in _requests_in(function):
                yield _address(call), _endpoint(function, places)


def imported(block: ast.If) -> Iterator[tuple[str, Place]]:
    """The names that a block brings in from the package."""
    for node in block.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe."):
            for alias in node.names:
                yield alias.asname or alias.name, Place(node.module or "", alias.name)


def _requests_in(function: ast.FunctionDef) -> Iterator[ast.Call]:
    for node in ast.walk(function.body[-1]):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_request":
            yield node


def _address(call: ast.Call) -> tuple[str, str]:
    verb, address = call.args[:2]
    if isinstance(address, ast.Call) and isinstance(address.func, ast.Attribute):
        address = address.func.value
    return ast.literal_eval(verb), _anonymous(ast.literal_eval(address))


def _endpoint(function: ast.FunctionDef, places: dict[str, Place]) -> Endpoint:
    params = {each.arg: each.annotation for each in function.args.args}.get("params")
    answer = _names_in(function.returns)
    return Endpoint(
        next((places[name] for name in _names_in(params) if name in places), None),
        next((places[name] for name in reversed(answer) if name in places), None),
        bool({"ListObject", "SearchResultObject"} & {*answer}),
    )


def _names_in(annotation: ast.expr | None) -> list[str]:
    return re.findall(r"\w+", ast.unparse(annotation)) if annotation else []


def _anonymous(template: str) -> str:
    return re.sub(r"\{\w+\}", "{}", template)
