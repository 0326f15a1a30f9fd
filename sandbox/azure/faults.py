"""What is wrong with an organization, done to a request or to its answer."""

import json
import time
from collections.abc import Callable, Iterator
from time import sleep

from flask import Response

from .call import PROCESS_ID, Call
from .model import Fault
from .refusals import Page, Refusal, internal_error, service_error

_STOPPED = (
    "TF24668: The following team project collection is stopped: {name}. Start the collection and "
    "then try again. Administrator Reason: This Azure DevOps organization has been deactivated "
    "due to inactivity. For more information please visit aka.ms/adofootprintreduction"
)
_OUTAGE_PAGE = """<!DOCTYPE html>\r
<html>\r
    <head>\r
        <meta content='text/html; charset=utf-8' http-equiv='content-type'/>\r
        <title>Azure DevOps Services Unavailable</title>\r
    </head>\r
    <body>\r
        <header><div class='title'>Azure DevOps</div></header>\r
        <h1>Services Unavailable</h1>\r
        <p>Our services aren't available right now. We're working to restore them.</p>\r
    </body>\r
</html>\r
"""
_HTML_PAGE = "<!DOCTYPE html><html><head><title>Azure DevOps Services</title></head><body><p>Something is loading.</p></body></html>"  # noqa: E501  # one line on the wire
_OUTAGES = {
    Fault.OUTAGE: 503,
    Fault.ERROR_500: 500,
    Fault.ERROR_502: 502,
    Fault.ERROR_504: 504,
}
_FLAKY_REQUESTS = 3
_BRIEFLY_BUSY_REQUESTS = 2
_HUGE = 64 * 1024 * 1024
_TRICKLE_PIECES = 20

# Set in the WSGI environment by the server: drops the connection without a word.
RESET = "sandbox.reset"


def before(call: Call) -> Response | None:
    """An answer that comes before anyone looks at the token, or None."""
    fault = call.organization.fault
    if fault is Fault.STOPPED:
        return _stopped(call)
    if fault is Fault.RESET:
        call.request.environ[RESET] = True
        return Response()
    if _is_throttled(call):
        return _throttled(call)
    status = _outage_status(call)
    return _outage(status) if status else None


def at_route(call: Call) -> None:
    """Faults of the repositories' routes alone, once the caller is known."""
    if "_apis/git/repositories" not in call.path.lower():
        return
    if call.organization.fault is Fault.PLAIN_404:
        raise no_controller(call)
    if call.organization.fault is Fault.ONE_PROJECT_FAILS:
        failing = call.organization.projects[0]
        if call.path.partition("/")[0].lower() in (failing.name.lower(), failing.id):
            raise internal_error(call.activity_id)


def after(call: Call, answer: Response) -> Response:
    """The answer as it leaves an organization with a fault."""
    spoil = _SPOILERS.get(call.organization.fault) if call.organization.fault else None
    return spoil(call, answer) if spoil else answer


def no_controller(call: Call) -> Page:
    """What the router says to a path it doesn't know: plain text, recorded."""
    message = (
        f"The controller for path '/{call.path}' was not found or does not implement IController."
    )
    return Page(404, message, "text/plain; charset=utf-8", [service_error(message)])


def _stopped(call: Call) -> Response:
    """Recorded: a byte order mark, and none of the usual headers save the process id."""
    message = _STOPPED.format(name=call.organization.name)
    refusal = Refusal(503, message, "Microsoft.VisualStudio.Services.Common.VssServiceException")
    body = b"\xef\xbb\xbf" + json.dumps(refusal.envelope()).encode()
    answer = Response(body, 503, content_type="application/json")
    answer.headers.extend([("X-TFS-ProcessId", PROCESS_ID), service_error(message)])
    return answer


def _is_throttled(call: Call) -> bool:
    if call.organization.fault is not Fault.BRIEFLY_THROTTLED:
        return call.organization.fault is Fault.THROTTLED
    return call.world.times_asked_this_minute(call.organization) <= _BRIEFLY_BUSY_REQUESTS


def _outage_status(call: Call) -> int | None:
    fault, world = call.organization.fault, call.world
    if world.takes_failure(call.organization):
        return 503
    if fault is Fault.FLAKY and world.times_asked(call.organization) <= _FLAKY_REQUESTS:
        return 503
    return _OUTAGES.get(fault) if fault else None


def _outage(status: int) -> Response:
    answer = Response(_OUTAGE_PAGE, status, content_type="text/html")
    answer.headers.extend({"Server": "Microsoft-IIS/10.0", "Cache-Control": "no-store"})
    return answer


def _throttled(call: Call) -> Response:
    refusal = Refusal(
        429,
        "TF400733: The request has been canceled: Request was blocked due to exceeding usage of "
        f"resource Concurrency in namespace {call.organization.instance_id}.",
        "Microsoft.TeamFoundation.Framework.Server.RequestCanceledException",
        headers=_rate_limit_headers(retry_after=2, remaining=0),
    )
    return refusal.answer(call)


def _rate_limit_headers(retry_after: int, remaining: int) -> list[tuple[str, str]]:
    """Units: seconds, TSTU, and the epoch second when the window is over."""
    return [
        ("Retry-After", str(retry_after)),
        ("X-RateLimit-Resource", "AzureDevOps.Core/Concurrency"),
        ("X-RateLimit-Delay", "0.5"),
        ("X-RateLimit-Limit", "200"),
        ("X-RateLimit-Remaining", str(remaining)),
        ("X-RateLimit-Reset", str(int(time.time()) + 300)),
    ]


def _delay(_call: Call, answer: Response) -> Response:
    answer.headers.extend(_rate_limit_headers(retry_after=1, remaining=12))
    return answer


def _truncate(_call: Call, answer: Response) -> Response:
    if answer.is_json and answer.status_code == 200:
        body = answer.get_data()
        answer.set_data(body[: len(body) // 2])
    return answer


def _be_html(_call: Call, answer: Response) -> Response:
    if answer.is_json and answer.status_code == 200:
        return Response(_HTML_PAGE, content_type="text/html; charset=utf-8")
    return answer


def _mark(_call: Call, answer: Response) -> Response:
    if answer.is_json:
        answer.set_data(b"\xef\xbb\xbf" + answer.get_data())
    return answer


def _trickle(call: Call, answer: Response) -> Response:
    body, pause = answer.get_data(), call.world.trickle_seconds / _TRICKLE_PIECES
    size = max(1, len(body) // _TRICKLE_PIECES)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]
            sleep(pause)

    answer.response = pieces()
    return answer


def _fatten(_call: Call, answer: Response) -> Response:
    """Valid JSON still: the padding is white space before the last brace."""
    if not answer.is_json or answer.status_code != 200:
        return answer
    body, block = answer.get_data(), b" " * 65536

    def pieces() -> Iterator[bytes]:
        yield body[:-1]
        for _ in range(_HUGE // len(block)):
            yield block
        yield body[-1:]

    del answer.headers["Content-Length"]
    answer.response = pieces()
    return answer


_SPOILERS: dict[Fault, Callable[[Call, Response], Response]] = {
    Fault.DELAYED: _delay,
    Fault.TRUNCATED_JSON: _truncate,
    Fault.HTML_FOR_JSON: _be_html,
    Fault.BYTE_ORDER_MARK: _mark,
    Fault.SLOW_BODY: _trickle,
    Fault.HUGE_ANSWER: _fatten,
}
