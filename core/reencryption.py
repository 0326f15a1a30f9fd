"""Seal again, with the newest key, what an older one sealed.

A row that the newest key alone can read is skipped, so a run that was interrupted is started
again, and two may run at once. A row is changed only where it still holds what was read: who
replaces a secret meanwhile wins. Nothing is locked longer than one UPDATE takes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import BinaryField, ExpressionWrapper, F

from core.secrets import (
    Sealed,
    SealedTextField,
    SecretUnreadable,
    bound_columns,
    read_bound,
    seal_again,
    unseal,
)

PAGE = 500
# A row that somebody else changes every time we look is left to the next run.
ATTEMPTS = 3


class State(StrEnum):
    NEWEST = "on the newest key"
    OLDER = "on an older key"
    RENEWED = "sealed again"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Documents:
    """A JSON column with ciphertexts in it, of the rows `among` which there are some.

    `renewed` gives a document back with each of its ciphertexts passed through a function.
    """

    model: str
    name: str
    among: models.Q
    renewed: Callable[[Any, Callable[[str], str]], Any]


_documents: list[Documents] = []


def register(documents: Documents) -> None:
    """Have ciphertexts found that stand in no SealedTextField. For `AppConfig.ready`."""
    if documents not in _documents:
        _documents.append(documents)


@dataclass(frozen=True)
class Column:
    """Where ciphertexts are stored: how to read a stored value, to renew it and to write it."""

    model: type[models.Model]
    name: str
    among: models.Q
    stored: Any
    renewed: Callable[[Any, Any], Any]
    written: Callable[[Any], Any]

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    def rows(self) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(self.among).annotate(stored=self.stored)

    def walk(self) -> Iterator[tuple[models.Model, Any]]:
        """Every row, as far as its identity goes, and its stored value, a page at a time."""
        names = ("pk", *bound_columns(self.model))
        rows = self.rows().order_by("pk").values_list("stored", *names)
        page = list(rows[:PAGE])
        while page:
            for stored, *values in page:
                yield self.model(**dict(zip(names, values, strict=True))), stored
            page = list(rows.filter(pk__gt=page[-1][1])[:PAGE])

    def replace(self, row: models.Model, old: Any, new: Any) -> bool:
        """Write it unless somebody else has written meanwhile."""
        unchanged = self.rows().filter(pk=row.pk, stored=old)
        return bool(unchanged.update(**{self.name: self.written(new)}))


def sealed_columns() -> list[Column]:
    """Everywhere that something is sealed."""
    fields = [
        _field_column(model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedTextField)
    ]
    return [*fields, *map(_document_column, _documents)]


def _field_column(model: type[models.Model], name: str) -> Column:
    def renewed(row: models.Model, stored: Any) -> bytes:
        # One that was moved here from another row is of no use to this one, whatever its key.
        read_bound(unseal(bytes(stored)), row)
        return seal_again(bytes(stored))

    # Looked at as bytes, because the field itself refuses to be compared.
    stored = ExpressionWrapper(F(name), output_field=BinaryField())
    filled = models.Q((f"{name}__isnull", False))
    return Column(model, name, filled, stored, renewed, written=Sealed)


def _document_column(documents: Documents) -> Column:
    def renewed(row: models.Model, stored: Any) -> Any:
        return documents.renewed(stored, lambda text: seal_again(text.encode()).decode())

    model = apps.get_model(documents.model)
    name = documents.name
    return Column(model, name, documents.among, F(name), renewed, written=lambda value: value)


def reencrypt(column: Column, *, dry_run: bool) -> Iterator[tuple[Any, State]]:
    """Go through the rows of a column, and tell of each what became of it."""
    for row, stored in column.walk():
        if dry_run:
            yield row.pk, _look_at(column, row, stored)[0]
        elif state := _renew(column, row, stored):
            yield row.pk, state


def _look_at(column: Column, row: models.Model, stored: Any) -> tuple[State, Any]:
    """How a row is, and what should stand there."""
    try:
        new = column.renewed(row, stored)
    except (SecretUnreadable, AttributeError, LookupError, TypeError, ValueError):
        # Also a document of another shape than whoever registered it knows.
        return State.UNREADABLE, stored
    return (State.NEWEST if new == stored else State.OLDER), new


def _renew(column: Column, row: models.Model, stored: Any) -> State | None:
    """None when the row, or its secret, is gone meanwhile."""
    for _ in range(ATTEMPTS):
        state, new = _look_at(column, row, stored)
        if state != State.OLDER:
            return state
        if column.replace(row, stored, new):
            return State.RENEWED
        current = list(column.rows().filter(pk=row.pk).values_list("stored", flat=True))
        if not current:
            return None
        [stored] = current
    return State.OLDER
