"""What the frame around every page shows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from organizations.models import Organization

SWITCHER_LENGTH = 8


def frame(request: HttpRequest) -> dict[str, Any]:
    """The person's organizations, for the switcher. One query, when a page shows it."""

    def load() -> dict[str, Any]:
        if not request.user.is_authenticated:
            return {"organizations": []}
        mine = Organization.objects.visible_to(request.user).order_by("name", "key")
        return {"organizations": list(mine[:SWITCHER_LENGTH])}

    return {"frame": SimpleLazyObject(load)}
