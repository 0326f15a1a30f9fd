"""What the database refuses, turned into a domain error where that is meant."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction

from core.errors import DomainError


@contextmanager
def unique_or(conflict: DomainError) -> Iterator[None]:
    """Turn a second row where there may be one into a domain error.

    Any other broken constraint is a bug, and stays an IntegrityError.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if is_unique_violation(error):
            raise conflict from error
        raise


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a unique constraint broke, on PostgreSQL (23505) or on SQLite."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) == "23505":
        return True
    return getattr(cause, "sqlite_errorname", "") in (
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
    )


def hold(name: str) -> None:
    """From now until the transaction ends nobody else holds this name; whoever wants to waits.

    SQLite has one writer at a time, who holds everything.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
