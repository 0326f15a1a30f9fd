"""Many rows of one model written in one go: a statement for each, sent together.

Values are taken as they are: no expressions, no signals. Django's own `bulk_update` takes
several times as long to put its statement together, and its `bulk_create` quotes JSON twice.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def insert(rows: Sequence[models.Model]) -> None:
    if not rows:
        return
    fields = rows[0]._meta.concrete_fields
    columns, values = ", ".join(map(_column, fields)), ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {_table(rows)} ({columns}) VALUES ({values})"  # noqa: S608
    _execute_for_each(statement, fields, rows)


def insert_unless_there(row: models.Model) -> bool:
    """One row in one statement and no transaction; whether it is new. Where one with its unique
    values is there already, nothing changes.
    """
    fields = row._meta.concrete_fields
    columns, values = ", ".join(map(_column, fields)), ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_table([row])} ({columns}) VALUES ({values})"  # noqa: S608
            " ON CONFLICT DO NOTHING",
            _values(fields, row),
        )
        return bool(cursor.rowcount)


def save_fields(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    if not rows or not names:
        return
    meta = rows[0]._meta
    fields = [meta.get_field(name) for name in names]
    setters = ", ".join(f"{_column(field)} = %s" for field in fields)
    key = f"{_column(meta.pk)} = %s"
    statement = f"UPDATE {_table(rows)} SET {setters} WHERE {key}"  # noqa: S608
    _execute_for_each(statement, [*fields, meta.pk], rows)


def _execute_for_each(statement: str, fields: Sequence[Any], rows: Sequence[models.Model]) -> None:
    values = [_values(fields, row) for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _values(fields: Sequence[Any], row: models.Model) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]


def _table(rows: Sequence[models.Model]) -> str:
    return connection.ops.quote_name(rows[0]._meta.db_table)


def _column(field: Any) -> str:
    return connection.ops.quote_name(field.column)
