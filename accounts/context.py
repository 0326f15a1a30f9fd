"""The bell in the frame around every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, Window
from django.db.models.lookups import IsNull
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Notification

BELL_LENGTH = 8
MOST_COUNTED = 9


@dataclass(frozen=True)
class Bell:
    """What hangs in the bar: how many are unread, and the newest, those unread first."""

    unread: int
    rows: Sequence[Notification]

    @property
    def mark(self) -> str:
        return str(self.unread) if self.unread <= MOST_COUNTED else f"{MOST_COUNTED}+"


def bell(request: HttpRequest) -> dict[str, Any]:
    """One query, when a page shows the bell."""

    def load() -> Bell:
        if not request.user.is_authenticated:
            return Bell(0, [])
        mine = Notification.objects.filter(user=request.user).annotate(
            all_unread=Window(Count("pk", filter=Q(read_at=None)))
        )
        newest = mine.order_by(IsNull(F("read_at"), False), "-created_at")[:BELL_LENGTH]
        rows = list(newest.only("title", "severity", "created_at", "read_at"))
        return Bell(rows[0].all_unread if rows else 0, rows)

    return {"bell": SimpleLazyObject(load)}
