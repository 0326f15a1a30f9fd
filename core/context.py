"""How the current work came in: by page, API or admin, or started by the system itself."""

from collections.abc import Callable
from contextvars import ContextVar

import structlog
from django.http import HttpRequest, HttpResponse

CHANNELS = ("page", "api", "admin", "system")

_channel: ContextVar[str] = ContextVar("channel", default="system")


def channel() -> str:
    """One of CHANNELS; audit events record it."""
    return _channel.get()


def request_id() -> str:
    """The current request's id, the same as in its log lines; empty outside a request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class ChannelMiddleware:
    """Remember for the length of a request how it came in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        prefix = request.path_info.strip("/").partition("/")[0]
        token = _channel.set({"api": "api", "admin": "admin"}.get(prefix, "page"))
        try:
            return self.get_response(request)
        finally:
            _channel.reset(token)
