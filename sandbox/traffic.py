"""What goes over the wire: a log, a count of what is in flight, and a delay.

Only requests to the stood-in services count. The sandbox's own pages and controls do not.
"""

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.wsgi import ClosingIterator

from .azure.faults import RESET

# Set by the server: a function that closes the connection with a reset.
DROP_CONNECTION = "sandbox.drop_connection"

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True)
class LoggedRequest:
    """`path` is decoded and without the query; `query` is as sent. `status` is the code."""

    method: str
    path: str
    query: str
    status: int


class RequestLog:
    """The last 10,000 requests, oldest first."""

    def __init__(self) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=10_000)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(list(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def append(self, request: LoggedRequest) -> None:
        self._requests.append(request)

    def clear(self) -> None:
        self._requests.clear()


class Traffic:
    """A WSGI middleware. `latency` is in seconds and comes before every answer."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._in_flight: Counter[str] = Counter()
        self._highest: Counter[str] = Counter()
        self._busy_since: dict[str, float] = {}
        self._busy: defaultdict[str, float] = defaultdict(float)
        self.requests = RequestLog()
        self.latency = 0.0

    def max_concurrency(self, organization: str) -> int:
        """The most requests to an organization that were ever in flight at once."""
        with self._lock:
            return self._highest[organization.lower()]

    def busy_seconds(self, organization: str) -> float:
        """For how long at least one request to an organization was in flight."""
        with self._lock:
            return self._busy[organization.lower()]

    def reset(self) -> None:
        with self._lock:
            self._highest.clear()
            self._busy.clear()
        self.requests.clear()
        self.latency = 0.0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # WSGI gives the path as latin-1, whatever it is.
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if not is_for_a_service(path):
            return self._application(environ, start_response)
        organization = _organization_in(path)
        self._enter(organization)
        try:
            body = self._answer(environ, start_response, path)
        except BaseException:
            self._leave(organization)
            raise
        # Until its last byte is sent, a request is in flight.
        return ClosingIterator(body, [lambda: self._leave(organization)])

    def _answer(self, environ: dict[str, Any], start_response: Any, path: str) -> Iterable[bytes]:
        if self.latency:
            time.sleep(self.latency)
        status = []

        def remember(line: str, *rest: Any) -> Any:
            status.append(int(line[:3]))
            return start_response(line, *rest)

        body = self._application(environ, remember)
        dropped = environ.get(RESET, False)
        self.requests.append(
            LoggedRequest(
                environ["REQUEST_METHOD"],
                path,
                environ.get("QUERY_STRING", ""),
                0 if dropped else status[0],
            )
        )
        if dropped:
            environ[DROP_CONNECTION]()
        return body

    def _enter(self, organization: str) -> None:
        with self._lock:
            self._in_flight[organization] += 1
            in_flight = self._in_flight[organization]
            self._highest[organization] = max(self._highest[organization], in_flight)
            self._busy_since.setdefault(organization, time.monotonic())

    def _leave(self, organization: str) -> None:
        with self._lock:
            self._in_flight[organization] -= 1
            if not self._in_flight[organization]:
                del self._in_flight[organization]
                since = self._busy_since.pop(organization)
                self._busy[organization] += time.monotonic() - since


def is_for_a_service(path: str) -> bool:
    """Whether it is an address of an API, of git or of signing in, rather than of a page."""
    if path.startswith("/_sandbox/"):
        return False
    if path.startswith(("/_signin", "/stripe/v1/")):
        return True
    return "/_apis" in path.lower() or "/_git/" in path


def _organization_in(path: str) -> str:
    first, *rest = path.lower().strip("/").split("/")
    return rest[0] if first in ("vssps", "vsaex") and rest else first
