"""The one place where what went wrong becomes an answer: form error, page or problem+json."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django_htmx.middleware import HtmxDetails
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.context import channel, request_id
from core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Moved,
    NeedsPlan,
    TooOften,
    Unavailable,
)

if TYPE_CHECKING:

    class Request(HttpRequest):
        """A request from someone who is signed in."""

        user: Any
        htmx: HtmxDetails
else:
    Request = HttpRequest

# Most specific first: a subclass is answered like the first of its ancestors here.
STATUSES: list[tuple[type[DomainError], int]] = [
    (NeedsPlan, 402),
    (Forbidden, 403),
    (Conflict, 409),
    (TooOften, 429),
    (Unavailable, 503),
    (DomainError, 422),
]

PROBLEM_TYPE = "application/problem+json"
API_TITLES = {
    "moved": "This has another address by now: see Location. The old one ends within 30 days.",
    "not-authenticated": "Send an API token with the call: Authorization: Bearer moor_…",
    "not-found": "There is nothing here, or your token's person may not see it.",
    "internal-server-error": "Something broke on our side. The same call may work in a moment.",
}

TRANSLATIONS: list[tuple[type[Exception], Callable[[], Exception]]] = [
    (Http404, exceptions.NotFound),
    (PermissionDenied, exceptions.PermissionDenied),
    (RequestDataTooBig, lambda: BodyTooLarge()),
]


class BodyTooLarge(exceptions.APIException):
    status_code = 413
    default_code = "body-too-large"
    default_detail = "This request is too large. Nothing we take is longer than a few kilobytes."


def status_of(error: DomainError) -> int:
    return next(status for kind, status in STATUSES if isinstance(error, kind))


@contextmanager
def errors_on(form: BaseForm) -> Iterator[None]:
    """Show a refused operation as an error on the form it came from."""
    try:
        yield
    except DomainError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, error.message)


def render_form(
    request: HttpRequest, template: str, form: BaseForm, **context: Any
) -> HttpResponse:
    """Render a form page: 200 when fresh, 422 when it was refused."""
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


class NullCharacterMiddleware:
    """Refuse addresses with a null character: no text of ours has one, and PostgreSQL no place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("The address has a null character.")
        return self.get_response(request)


class DomainErrorMiddleware:
    """A refusal that no form caught is a page of its own, or a note for htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, Moved) and request.method in ("GET", "HEAD"):
            # Not for ever: somebody else may have the old address one day.
            return redirect(new_address(request, error))
        template = "errors/refused.html#note" if request.htmx else "errors/refused.html"  # type: ignore[attr-defined]
        context = {"error": error, "request_id": request_id()}
        response = render(request, template, context, status=status_of(error))
        if request.htmx:  # type: ignore[attr-defined]
            response["HX-Retarget"], response["HX-Reswap"] = "#notes", "innerHTML"
        return response


def problem_from_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: everything that goes wrong is an RFC 9457 problem."""
    error = next((make() for kind, make in TRANSLATIONS if isinstance(error, kind)), error)
    if isinstance(error, Moved):
        set_rollback()
        return _moved(new_address(context["request"], error), error)
    if isinstance(error, DomainError):
        set_rollback()
        errors = {error.field: [error.message]} if error.field else {}
        return problem(status_of(error), error.code, error.message, errors=errors, **error.details)
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    response = _problem_from_api_exception(error)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def new_address(request: Any, error: Moved) -> str:
    """The same page or call, with its query, at what it is named by now."""
    match = request.resolver_match
    address = reverse(match.view_name, kwargs=match.kwargs | error.names)
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


def _moved(address: str, error: Moved) -> Response:
    """308 keeps method and body; a cache must not keep it, as the old name may be another's."""
    response = problem(308, error.code, API_TITLES["moved"], location=address)
    response["Location"], response["Cache-Control"] = address, "no-store"
    return response


def _problem_from_api_exception(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        return problem(422, "invalid", "Some of what was sent can't be used.", errors=error.detail)
    codes = error.get_codes()
    code = str(codes).replace("_", "-") if isinstance(codes, str) else "refused"
    return problem(error.status_code, code, API_TITLES.get(code, str(error.detail)))


def problem(status: int, code: str, title: str, **members: Any) -> Response:
    """An `application/problem+json` answer; empty members are left out."""
    body = problem_body(status, code, title, **members)
    return Response(body, status=status, content_type=PROBLEM_TYPE)


def problem_body(status: int, code: str, title: str, **members: Any) -> dict[str, Any]:
    body = {"type": f"/problems/{code}", "title": title, "status": status, "code": code}
    body |= {name: value for name, value in members.items() if value}
    if identifier := request_id():
        body["request_id"] = identifier
    return body


def _error_page(status: HTTPStatus) -> Callable[..., HttpResponse]:
    def page(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        if channel() == "api":
            return _error_document(status)
        context = {"request_id": request_id()}
        return render(request, f"errors/{status.value}.html", context, status=status)

    return page


def _error_document(status: HTTPStatus) -> HttpResponse:
    """What went wrong outside every API view, for the program that called."""
    code = status.phrase.lower().replace(" ", "-")
    title = API_TITLES.get(code, status.description)
    body = problem_body(status.value, code, title)
    return JsonResponse(body, status=status.value, content_type=PROBLEM_TYPE)


not_found = _error_page(HTTPStatus.NOT_FOUND)
forbidden = _error_page(HTTPStatus.FORBIDDEN)
bad_request = _error_page(HTTPStatus.BAD_REQUEST)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page was opened before signing in or out, or without cookies."""
    context = {"request_id": request_id()}
    return render(request, "errors/csrf.html", context, status=HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the frame, which may be what broke."""
    if channel() == "api":
        return _error_document(HTTPStatus.INTERNAL_SERVER_ERROR)
    known = {"request_id": request_id(), "support": settings.SUPPORT_CONTACT}
    page = render_to_string("errors/500.html", known)
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)
