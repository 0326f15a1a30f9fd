"""What Stripe answers, as the classes of the installed `stripe` package tell: `misfits` lists
where an object differs from its class. For tests; nothing is checked while the sandbox serves.
"""

import ast
import inspect
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Literal, Union, get_args, get_origin

from stripe import ListObject, StripeObject
from stripe._object_classes import OBJECT_CLASSES
from stripe._stripe_object import UntypedStripeObject

from .contract import Endpoint, Place, imported

# There only for those who expand them: elsewhere they are absent, and never null. The package
# can't tell these from what may be null; lists and hashes are told apart by their type.
_INCLUDED = {
    ("coupon", "applies_to"),
    ("customer", "cash_balance"),
    ("customer", "tax"),
    ("price", "tiers"),
}
# Known by name only to type checkers, and of no use here.
_TEXTS: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    bool: (bool,),
    float: (int, float),
    Decimal: (str,),
}


def misfits(thing: Any) -> list[str]:
    """Each starts with where it is; none for an object as Stripe has it."""
    place = OBJECT_CLASSES.get(thing["object"])
    if place is None:
        return [f"{thing['object']}: no such object"]
    return list(_in_object(thing, Place(*place).load(), thing["object"]))


def misfits_in_answer(endpoint: Endpoint, answer: Any) -> list[str]:
    if endpoint.answer is None:
        return []
    kind = endpoint.answer.load()
    look = _in_list if endpoint.is_list else _in_object
    return list(look(answer, kind, answer.get("object", "answer")))


def _in_object(thing: Any, kind: type, at: str) -> Iterator[str]:
    if not isinstance(thing, dict):
        yield f"{at}: {thing!r} is no object"
        return
    known = fields_of(kind)
    for name, value in thing.items():
        yield from _in_field(kind, name, value, f"{at}.{name}")
    if not thing.get("deleted"):
        required = (name for name, hint in known.items() if not _may_be_null(hint))
        yield from (f"{at}.{name}: missing" for name in required if name not in thing)


def _in_field(kind: type, name: str, value: Any, at: str) -> Iterator[str]:
    hint = fields_of(kind).get(name)
    if hint is None:
        yield f"{at}: unknown"
    elif value is None and _is_included(kind, name, hint):
        yield f"{at}: null, and should be absent"
    else:
        yield from _in_value(value, hint, at)


def _in_value(value: Any, kind: Any, at: str) -> Iterator[str]:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        yield from _in_one_of(value, get_args(kind), at)
    elif origin in (list, ListObject):
        look = _in_list if origin is ListObject else _in_array
        yield from look(value, get_args(kind)[0], at)
    elif inspect.isclass(kind) and issubclass(kind, StripeObject) and not _is_hash(kind):
        yield from _in_object(value, kind, at)
    elif not _fits(value, kind):
        yield f"{at}: {value!r} is not {kind}"


def _in_array(value: Any, kind: Any, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: {value!r} is no array"
        return
    for number, each in enumerate(value):
        yield from _in_value(each, kind, f"{at}[{number}]")


def _in_one_of(value: Any, kinds: tuple[Any, ...], at: str) -> Iterator[str]:
    if any(get_origin(each) is Literal for each in kinds):
        # The package lets any text through, for what later versions may answer.
        kinds = tuple(each for each in kinds if each is not str)
    found = [list(_in_value(value, each, at)) for each in kinds]
    if all(found):
        # What went deepest is what was meant.
        yield from max(found, key=lambda each: len(each[0].partition(":")[0]))


def _in_list(value: Any, kind: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.keys() != {"object", "data", "has_more", "url"}:
        yield f"{at}: no list"
        return
    for number, each in enumerate(value["data"]):
        yield from _in_value(each, kind, f"{at}.data[{number}]")


def _fits(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    if kind in (None, types.NoneType):
        return value is None
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind in _TEXTS:
        return isinstance(value, _TEXTS[kind]) and (kind is bool) == isinstance(value, bool)
    return isinstance(value, dict) and _is_hash(kind)


def _is_hash(kind: Any) -> bool:
    return UntypedStripeObject in (kind, get_origin(kind)) or get_origin(kind) is dict


def _may_be_null(kind: Any) -> bool:
    return types.NoneType in get_args(kind)


def _is_included(kind: type, name: str, hint: Any) -> bool:
    if (getattr(kind, "OBJECT_NAME", ""), name) in _INCLUDED:
        return True
    inner = [get_origin(each) for each in get_args(hint)]
    return ListObject in inner or (UntypedStripeObject in inner and name != "metadata")


@cache
def fields_of(kind: type) -> dict[str, Any]:
    """The type of each field of an object, those that its parents have included."""
    parents = [each for each in kind.__mro__ if issubclass(each, StripeObject)]
    found: dict[str, Any] = {}
    for each in parents[: parents.index(StripeObject)][::-1]:
        found |= _own_fields(each)
    return {name: hint for name, hint in found.items() if not name.startswith("_")}


def _own_fields(kind: type) -> dict[str, Any]:
    # A class of its own, so that only what this one says is read.
    own = {
        name: hint
        for name, hint in kind.__dict__.get("__annotations__", {}).items()
        if "ClassVar" not in str(hint)
    }
    alone = type(kind.__name__, (), {"__annotations__": own, "__module__": kind.__module__})
    return typing.get_type_hints(alone, localns=_names_in(kind.__module__))


@cache
def _names_in(module: str) -> dict[str, Any]:
    """What a module imports for type checkers only."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    places = {name: place for block in blocks for name, place in imported(block)}
    return {name: place.load() for name, place in places.items() if "params" not in place.module}
