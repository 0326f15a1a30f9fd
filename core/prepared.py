"""A query that is asked very often, put together once.

Django takes several times as long to put a query over many tables together as the database takes
to answer it.
"""

import threading
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet


class Prepared:
    """`make(*marks)` gives a query for values, of at most one row, that holds the marks where
    values will stand later: texts, which nothing else in it equals.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, dict[str, Any]]], count: int) -> None:
        self._make = make
        self._marks = [f"mark {number} of {count}" for number in range(count)]
        # A connection belongs to a thread, and a compiler to its connection.
        self._local = threading.local()

    def first(self, *values: str) -> dict[str, Any] | None:
        """The row for these values."""
        compiler, names, sql, params, converters = self._compiled()
        standing = dict(zip(self._marks, values, strict=True))
        with compiler.connection.cursor() as cursor:
            cursor.execute(sql, [standing.get(each, each) for each in params])
            row = cursor.fetchone()
        if row is None:
            return None
        [converted] = compiler.apply_converters([row], converters)
        return dict(zip(names, converted, strict=True))

    def _compiled(self) -> tuple[Any, ...]:
        compiled: tuple[Any, ...] | None = getattr(self._local, "compiled", None)
        if compiled is None or compiled[0].connection is not connections[DEFAULT_DB_ALIAS]:
            compiled = self._local.compiled = self._compile()
        return compiled

    def _compile(self) -> tuple[Any, ...]:
        query = self._make(*self._marks).query
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        return compiler, query.values_select, sql, params, converters
