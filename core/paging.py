"""Pages by keyset: each starts behind the last row of the one before, over an index.

A page costs the same wherever it is, and rows that come or go move nothing.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


@dataclass(frozen=True)
class Page:
    """`after` is the cursor of the following page; empty on the last one."""

    rows: list[Any]
    after: str


def keyset_page(queryset: QuerySet[Any], *, by: tuple[str, ...], after: str, length: int) -> Page:
    """The rows behind `after`, ordered by two fields or more that are unique together.

    All go up, or with a minus before them all go down. A cursor that was tampered with
    starts at the beginning.
    """
    rows = list(_behind(queryset, by, after).order_by(*by)[: length + 1])
    if len(rows) <= length:
        return Page(rows, "")
    last = rows[length - 1]
    return Page(rows[:length], _encode(*(getattr(last, name.removeprefix("-")) for name in by)))


def _behind(queryset: QuerySet[Any], by: tuple[str, ...], after: str) -> QuerySet[Any]:
    position = _decode(after, len(by))
    if position is None:
        return queryset
    names = [name.removeprefix("-") for name in by]
    behind = "lt" if by[0].startswith("-") else "gt"
    # Behind in one field, and in all fields before it the same.
    ways = Q()
    for place, name in enumerate(names):
        same = dict(zip(names[:place], position, strict=False))
        ways |= Q(**same, **{f"{name}__{behind}": position[place]})
    try:
        return queryset.filter(ways)
    except (ValidationError, ValueError):  # not a value that the field may have
        return queryset


def _encode(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(v) for v in values]).encode()).decode()


def _decode(cursor: str, count: int) -> list[str] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError, RecursionError):
        return None
    fits = isinstance(values, list) and len(values) == count and all(map(_is_text, values))
    return values if fits else None


def _is_text(value: Any) -> bool:
    """Whether a database could hold it: no null, and no half of a surrogate pair."""
    if not isinstance(value, str) or "\0" in value:
        return False
    return value.encode(errors="ignore").decode() == value


class ApiPage(CursorPagination):
    """`{results, next, previous}`, fifty rows unless `page_size` asks otherwise."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = ("name", "id")

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        if cursor and "\0" in str(cursor.position):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": address,
                "previous": address,
            },
        }


PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str, description="As `next` and `previous` have it."),
    OpenApiParameter("page_size", int, description="Rows a page: 50, at most 200."),
]
