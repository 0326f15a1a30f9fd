"""Numbers that a caller puts in the query, for lists that come in pages."""

import re

from .call import Call
from .refusals import invalid_argument


def number_in_query(call: Call, name: str, default: int, least: int = 0) -> int:
    """Raises 400 for what is no number, and for one below `least`."""
    value = call.request.args.get(name)
    if not value:
        return default
    if not re.fullmatch("[0-9]{1,9}", value) or int(value) < least:
        raise invalid_argument(f"The value '{value}' is not valid for {name}.")
    return int(value)


def page_size(call: Call, name: str, default: int) -> int:
    """At least one: the token of an empty page would never get anybody further."""
    return number_in_query(call, name, default, least=1)
