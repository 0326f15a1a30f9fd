"""Parameters against the contract: refused as Stripe refuses, or given their types."""

import re
import types
from collections.abc import Callable
from typing import Any, Literal, Union, get_args, get_origin

from . import contract
from .errors import StripeError

# What earlier versions took, and the code that tells those who still send it.
_GONE = {"payment_method_types": "payment_method_types_no_longer_supported"}
_NUMBERS: dict[Any, tuple[str, Callable[[str], Any], str]] = {
    int: (r"-?\d+", int, "integer"),
    bool: (r"true|false", "true".__eq__, "boolean"),
    float: (r"-?\d+(\.\d+)?", float, "decimal"),
}


def checked(endpoint: contract.Endpoint, params: dict[str, Any]) -> dict[str, Any]:
    """With numbers, booleans and lists where they belong. Raises what Stripe would answer."""
    if endpoint.params is None:
        if params:
            raise _unknown(next(iter(params)))
        return {}
    return _fields(endpoint.params.load(), params, "")


def _value(kind: Any, sent: Any, at: str) -> Any:
    if kind in _NUMBERS:
        return _number(kind, sent, at)
    if _is_typed(kind):
        return _fields(kind, sent, at)
    if get_origin(kind) in (Union, types.UnionType):
        return _one_of(get_args(kind), sent, at)
    read = _READERS.get(get_origin(kind))
    return read(get_args(kind), sent, at) if read else _text(sent, at)


def _fields(kind: Any, sent: Any, at: str) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise StripeError("Invalid object", param=at)
    known = contract.fields_of(kind)
    if strange := [name for name in sent if name not in known]:
        raise _unknown(_below(at, strange[0]))
    if absent := [name for name in known if name in kind.__required_keys__ - sent.keys()]:
        name = _below(at, absent[0])
        raise StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return {name: _value(known[name], value, _below(at, name)) for name, value in sent.items()}


def _one_of(kinds: tuple[Any, ...], sent: Any, at: str) -> Any:
    words = [word for each in kinds if get_origin(each) is Literal for word in get_args(each)]
    if sent in words:
        return sent
    others = [each for each in kinds if get_origin(each) is not Literal]
    if set(words) - {""}:
        # The package lets any text through, for what later versions may know.
        others = [each for each in others if each is not str]
    fitting = [each for each in others if _is_nested(each) is isinstance(sent, dict)]
    if fitting:
        return _first_that_takes(fitting, sent, at)
    return _word(tuple(words), sent, at) if set(words) - {""} else _value(others[0], sent, at)


def _first_that_takes(kinds: list[Any], sent: Any, at: str) -> Any:
    *before, last = kinds
    for kind in before:
        try:
            return _value(kind, sent, at)
        except StripeError:
            continue
    return _value(last, sent, at)


def _word(words: tuple[Any, ...], sent: Any, at: str) -> Any:
    if sent in words:
        return sent
    known = [word for word in words if word]
    listed = " or ".join(filter(None, [", ".join(known[:-1]), known[-1]]))
    raise StripeError(f"Invalid {at}: must be one of {listed}", param=at)


def _number(kind: Any, sent: Any, at: str) -> Any:
    pattern, read, name = _NUMBERS[kind]
    text = _text(sent, at)
    if not re.fullmatch(pattern, text):
        code = None if kind is bool else f"parameter_invalid_{name}"
        raise StripeError(f"Invalid {name}: {text}", param=at, code=code)
    return read(text)


def _list(kinds: tuple[Any, ...], sent: Any, at: str) -> list[Any]:
    if not isinstance(sent, dict) or not all(name.isdigit() for name in sent):
        raise StripeError("Invalid array", param=at)
    return [_value(kinds[0], sent[name], _below(at, name)) for name in sorted(sent, key=int)]


def _mapping(kinds: tuple[Any, ...], sent: Any, at: str) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise StripeError("Invalid hash", param=at)
    kind = kinds[1]
    # An empty value takes its key away.
    return {name: value and _value(kind, value, _below(at, name)) for name, value in sent.items()}


def _text(sent: Any, at: str) -> str:
    if not isinstance(sent, str):
        raise StripeError("Invalid string", param=at)
    if not sent:
        raise StripeError(
            f"You passed an empty string for '{at}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{at}' cannot be unset. You should remove '{at}' from "
            "your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=at,
        )
    return sent


def _unknown(name: str) -> StripeError:
    if code := _GONE.get(name):
        return StripeError(
            f"The `{name}` parameter is no longer supported. Please use "
            "`allowed_payment_method_types` instead.",
            code=code,
            param=name,
        )
    return StripeError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def _below(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _is_typed(kind: Any) -> bool:
    return hasattr(kind, "__required_keys__")


def _is_nested(kind: Any) -> bool:
    return _is_typed(kind) or get_origin(kind) in (list, dict)


_READERS: dict[Any, Callable[[tuple[Any, ...], Any, str], Any]] = {
    Literal: _word,
    list: _list,
    dict: _mapping,
}
