"""An object with what its asker wants to see in place of ids."""

import copy
from typing import Any

from .calls import include_of
from .errors import StripeError
from .world import Object, StripeWorld

_DEEPEST = 4


def expanded(world: StripeWorld, answer: Object, paths: list[str]) -> Object:
    """A copy, with an object for its id at each of `paths`."""
    answer = copy.deepcopy(answer)
    for path in sorted(paths):
        steps = path.split(".")
        if len(steps) > _DEEPEST + (steps[0] == "data"):
            raise StripeError(f"You cannot expand more than 4 levels of a property: {path}")
        _expand(world, answer, steps, path)
    return answer


def _expand(world: StripeWorld, thing: Any, steps: list[str], path: str) -> None:
    if isinstance(thing, list):
        for each in thing:
            _expand(world, each, steps, path)
    if not isinstance(thing, dict) or not steps:
        return
    name, *rest = steps
    if name not in thing or thing[name] is None:
        _include(world, thing, name, path)
    elif isinstance(thing[name], str):
        thing[name] = _object(world, thing[name], path)
    elif isinstance(thing[name], list):
        thing[name] = [
            _object(world, each, path) if isinstance(each, str) else each for each in thing[name]
        ]
    _expand(world, thing[name], rest, path)


def _include(world: StripeWorld, thing: Object, name: str, path: str) -> None:
    if include := include_of(thing.get("object", ""), name):
        thing[name] = copy.deepcopy(include(world, thing))
    elif name not in thing:
        raise _not_expandable(path)


def _object(world: StripeWorld, identifier: str, path: str) -> Object:
    found = world.anything(identifier)
    if found is None:
        raise _not_expandable(path)
    return copy.deepcopy(found)


def _not_expandable(path: str) -> StripeError:
    return StripeError(f"This property cannot be expanded ({path}).", param="expand")
