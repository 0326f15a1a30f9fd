"""Where people reach support, on every page and in answer to every mail."""

from django.conf import settings
from django.http import HttpRequest


def support(_request: HttpRequest) -> dict[str, str]:
    return {"support": settings.SUPPORT_CONTACT}
