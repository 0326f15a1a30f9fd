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
    elif isinstance(thing, dict) and steps:
        name, *rest = steps
        if thing.get(name) is None:
            _include(world, thing, name, path)
        else:
            thing[name] = _in_place_of(world, thing[name], path)
        _expand(world, thing[name], rest, path)


def _in_place_of(world: StripeWorld, value: Any, path: str) -> Any:
    """Objects for ids, alone or in a list."""
    if isinstance(value, list):
        return [_in_place_of(world, each, path) for each in value]
    return _object(world, value, path) if isinstance(value, str) else value


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
