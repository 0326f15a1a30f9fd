"""The shortest way to an organization's entitlements: one question to the database, one to the
counter of calls.

It knows one answer, the usual one. Whatever else a call deserves (no token, no right to look, too
many calls) is left to the way that all calls go, which answers the same where both can.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import ApiToken, Scope, digest_of
from accounts.operations import note_use
from billing.entitlements import Entitlements
from billing.standing import asked_with_token, decide
from core.throttling import Counted

PATH = re.compile(r"/api/v1/organizations/([^/]+)/entitlements")
HEADERS = {"Allow": "GET, HEAD, OPTIONS", "X-Content-Type-Options": "nosniff", "Vary": "origin"}


class StraightToEntitlements:
    """Before all other middleware, which serve pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = PATH.fullmatch(request.path_info) if request.method == "GET" else None
        answer = _usual_answer(request, found[1]) if found else None
        return answer or self.get_response(request)


def _usual_answer(request: HttpRequest, key: str) -> HttpResponse | None:
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme != "Bearer" or "\0" in key or not _is_safe(request):
        return None
    try:
        row = asked_with_token(key, digest_of(secret))
        token = _token(row) if row else None
        if row is None or token is None:
            return None
        counted = Counted(token.pk)
        note_use(token)
    except (DatabaseError, RedisError, UnicodeError):
        return None
    if not counted.may:
        return None
    return JsonResponse(shown(decide(row)), headers=HEADERS | counted.headers)


def _is_safe(request: HttpRequest) -> bool:
    return request.is_secure() or not settings.SECURE_SSL_REDIRECT


def _token(row: dict[str, Any]) -> ApiToken | None:
    """The token of a call, if it may ask this."""
    names = ("id", "scopes", "expires_at", "last_used_at")
    token = ApiToken(**{name: row[f"token__{name}"] for name in names})
    allowed = Scope.ORGANIZATIONS_READ in token.scopes and not token.has_expired
    return token if allowed else None


def shown(entitled: Entitlements) -> dict[str, Any]:
    """As the serializer has it."""
    return {
        "plan": entitled.plan,
        "loc_limit": entitled.loc_limit,
        "members": entitled.members,
        "features": entitled.features,
        "access": entitled.access,
        "reason": entitled.reason,
        "until": _moment(entitled.until),
    }


def _moment(at: datetime | None) -> str | None:
    return (
        at.astimezone(timezone.get_current_timezone()).isoformat().replace("+00:00", "Z")
        if at
        else None
    )
