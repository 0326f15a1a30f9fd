"""Where Stripe tells us that something happened. Kept in one statement, and answered at once."""

from collections.abc import Callable

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import stripe_api, tasks
from billing.errors import WebhookRefused
from billing.events import keep_event, read_event
from billing.health import count_refusal, note_delivery, problems
from billing.modes import mixed_modes

logger = structlog.get_logger(__name__)

PATH = "/billing/webhooks/stripe/"
LONGEST_BODY = 1024 * 1024


class StraightToWebhooks:
    """The first of all middleware: what Stripe sends has no session, no form and no page, and
    passes none of the others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == PATH:
            return receive(request)
        return self.get_response(request)


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    if _length(request) > LONGEST_BODY:
        return _answer(413)
    try:
        event = read_event(stripe_api.event_in(request.body, _signature(request)))
    except UnreadablePostError:
        return _answer(400)
    except WebhookRefused as refusal:
        count_refusal(refusal.reason)
        return _answer(400)
    note_delivery()
    try:
        if keep_event(event):
            tasks.handle_soon(event)
    except (OperationalError, InterfaceError):
        logger.exception("stripe_event_not_kept")
        return _answer(503)
    return _answer(200)


def _length(request: HttpRequest) -> int:
    """As it was said, and no more than that is read."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isdecimal() else 0


def _signature(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_STRIPE_SIGNATURE", ""))


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """For whoever watches over us, and not for load balancers: pages are fine without Stripe. What
    is wrong is for staff alone.
    """
    found = [*problems(), *mixed_modes()]
    text = "not ok" if found else "ok"
    if found and request.user.is_authenticated and request.user.is_staff:
        text = "\n".join(found)
    return HttpResponse(text, status=503 if found else 200, content_type="text/plain")


def _answer(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain")
