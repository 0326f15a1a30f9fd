"""The right to work on a row, for as long as whoever has it lives.

The row has two columns, `lease` and `leased_until`. Of two workers that want it one gets it; it
writes only while it has it, so that whoever was slow can't undo what another one did since.
"""

import uuid
from datetime import timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import structlog
from django.db import Error, models
from django.db import connection as database
from django.db.models import Q
from django.utils import timezone

logger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=45)
HEARTBEAT = 15.0

Row = TypeVar("Row", bound=models.Model)


class LeaseLost(Exception):
    """Another worker has taken over, or a person has: what we found is no longer asked for."""


def free() -> Q:
    """Rows that nobody has, or whose worker died. One with a lease too far ahead is of a clock
    that was.
    """
    now = timezone.now()
    return (
        Q(lease=None)
        | Q(leased_until=None)
        | Q(leased_until__lt=now)
        | Q(leased_until__gt=now + 10 * LEASE)
    )


def due(column: str, *, ahead: timedelta = timedelta(hours=2)) -> Q:
    """Rows whose time has come. One further ahead than we ever plan is of a clock that was."""
    now = timezone.now()
    return Q(**{f"{column}__lte": now}) | Q(**{f"{column}__gt": now + ahead})


def claim(rows: models.QuerySet[Row], pk: uuid.UUID, **values: Any) -> Row | None:
    """Take a row, if it is among those that may be taken, and set `values`. Of two workers, one
    gets None.
    """
    lease = uuid.uuid4()
    fresh = {**values, "lease": lease, "leased_until": timezone.now() + LEASE}
    if not rows.filter(pk=pk).update(**fresh):
        return None
    return rows.model._default_manager.filter(pk=pk, lease=lease).first()


class Lease(Generic[Row]):
    """Held on a row that was claimed, and renewed until the end of the block."""

    def __init__(self, row: Row) -> None:
        self.row = row
        rows: Any = type(row)._default_manager
        self._held = rows.filter(pk=row.pk, lease=row.lease)  # type: ignore[attr-defined]
        self._lost = False
        self._over = Event()
        self._heart = Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._heart.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._heart.join()

    def write(self, **values: Any) -> None:
        """Change the row. Raises LeaseLost when it is no longer ours."""
        if not self._held.update(**values):
            raise LeaseLost
        for name, value in values.items():
            setattr(self.row, name, value)

    def check(self) -> None:
        """Raises LeaseLost when it is known to be no longer ours."""
        if self._lost:
            raise LeaseLost

    def end(self, **values: Any) -> None:
        """The last words: whoever wants the row may have it now."""
        self.write(**values, lease=None, leased_until=None)

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT):
            try:
                if not self._held.update(leased_until=timezone.now() + LEASE):
                    self._lost = True
                    return
            except Error:
                # Two more beats come before it runs out.
                logger.exception("lease_not_renewed")
            finally:
                database.close()
