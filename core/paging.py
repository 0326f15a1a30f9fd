"""Pages by keyset: each starts behind the last row of the one before, over an index.

A page costs the same wherever it is, and rows that come or go move nothing.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.pagination import CursorPagination


@dataclass(frozen=True)
class Page:
    """`after` is the cursor of the following page; empty on the last one."""

    rows: list[Any]
    after: str


def keyset_page(queryset: QuerySet[Any], *, by: tuple[str, str], after: str, length: int) -> Page:
    """The rows behind `after`, ordered by two fields that are unique together.

    A cursor that was tampered with starts at the beginning.
    """
    first, second = by
    if position := _decode(after):
        queryset = queryset.filter(
            Q(**{f"{first}__gt": position[0]})
            | Q(**{first: position[0], f"{second}__gt": position[1]})
        )
    rows = list(queryset.order_by(first, second)[: length + 1])
    more = len(rows) > length
    last = rows[length - 1] if more else None
    return Page(rows[:length], _encode(getattr(last, first), getattr(last, second)) if more else "")


def _encode(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(v) for v in values]).encode()).decode()


def _decode(cursor: str) -> list[str] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError):
        return None
    fits = isinstance(values, list) and len(values) == 2 and all(isinstance(v, str) for v in values)
    return values if fits else None


class ApiPage(CursorPagination):
    """`{results, next, previous}`, fifty rows unless `page_size` asks otherwise."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = ("name", "id")
