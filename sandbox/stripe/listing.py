"""Pages of a list, the newest first."""

from collections.abc import Iterable
from typing import Any

from .calls import Call
from .errors import StripeError
from .world import Object

_TESTS = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def listed(call: Call, things: Iterable[Object]) -> Object:
    """The page of `things`, which come oldest first, that the call asks for."""
    rows = [each for each in things if _was_made(each, call.params.get("created"))][::-1]
    limit = call.params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise StripeError("Invalid integer: must be between 1 and 100", param="limit")
    rows, more = _page(call, rows, limit)
    return {"object": "list", "data": rows, "has_more": more, "url": call.url}


def whole(url: str, things: Iterable[Object]) -> Object:
    """A list inside an object."""
    return {"object": "list", "data": [*things][::-1], "has_more": False, "url": url}


def _page(call: Call, rows: list[Object], limit: int) -> tuple[list[Object], bool]:
    ids = [each["id"] for each in rows]
    if before := call.params.get("ending_before"):
        end = _position(ids, before, "ending_before")
        start = max(0, end - limit)
        return rows[start:end], start > 0
    start = 0
    if after := call.params.get("starting_after"):
        start = _position(ids, after, "starting_after") + 1
    return rows[start : start + limit], len(rows) > start + limit


def _position(ids: list[str], identifier: str, param: str) -> int:
    if identifier not in ids:
        raise StripeError(f"No such object: '{identifier}'", code="resource_missing", param=param)
    return ids.index(identifier)


def _was_made(thing: Object, created: Any) -> bool:
    if created is None or created == "":
        return True
    if isinstance(created, int):
        return bool(thing["created"] == created)
    return all(_TESTS[name](thing["created"], at) for name, at in created.items())
