"""The bell in the frame around every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Notification

MOST_SHOWN = 8
MOST_COUNTED = 9


@dataclass(frozen=True)
class Bell:
    """What hangs in the bar: the newest, those unread first, and one more than it counts."""

    newest: Sequence[Notification]

    @property
    def rows(self) -> Sequence[Notification]:
        return self.newest[:MOST_SHOWN]

    @property
    def unread(self) -> int:
        """How many, up to ten: who has a thousand is not to wait for them to be counted."""
        return sum(row.read_at is None for row in self.newest)

    @property
    def mark(self) -> str:
        return str(self.unread) if self.unread <= MOST_COUNTED else f"{MOST_COUNTED}+"

    @property
    def words(self) -> str:
        """The mark for those who hear it."""
        return self.mark if self.unread <= MOST_COUNTED else f"more than {MOST_COUNTED}"


def bell(request: HttpRequest) -> dict[str, Any]:
    """One query of ten rows at most, when a page shows the bell."""

    def load() -> Bell:
        if not request.user.is_authenticated:
            return Bell([])
        mine = Notification.objects.filter(user=request.user).unread_first()
        shown = mine.only("title", "severity", "created_at", "read_at")
        return Bell(list(shown[: MOST_COUNTED + 1]))

    return {"bell": SimpleLazyObject(load)}
