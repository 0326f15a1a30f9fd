"""`Idempotency-Key`: a POST that creates may be sent again, and is answered as before.

Kept for 24 hours. A refusal is not kept, so that what was wrong can be put right and
sent again under the same key.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Conflict, DomainError
from core.models import IdempotentCall

KEPT = timedelta(hours=24)
# A call that has not been answered by then was cut off with its process.
LONGEST_CALL = timedelta(seconds=60)

Method = Callable[..., Response]


class KeyReused(DomainError):
    code = "idempotency-key-reused"
    message = "This Idempotency-Key was sent before with another request. Use a new one."


class KeyMalformed(DomainError):
    code = "idempotency-key-malformed"
    message = "An Idempotency-Key has 1 to 255 characters."


class StillRunning(Conflict):
    code = "idempotency-key-in-use"
    message = "A request with this Idempotency-Key is still running. Ask again in a moment."


def idempotent(method: Method) -> Method:
    """Make an API method honour the Idempotency-Key header, when there is one."""

    @wraps(method)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return method(view, request, *args, **kwargs)
        call, is_ours = _begin(str(request.user.pk), key, _fingerprint(request))
        if not is_ours:
            return Response(call.body, status=call.status, headers={"Idempotency-Replayed": "true"})
        return _carry_out(call, lambda: method(view, request, *args, **kwargs))

    return wrapped


def _begin(caller: str, key: str, fingerprint: str) -> tuple[IdempotentCall, bool]:
    """The call, and whether it is ours to carry out."""
    if not 1 <= len(key) <= 255:
        raise KeyMalformed
    # get_or_create survives a race: who loses the insert gets the winner's row.
    call, is_new = IdempotentCall.objects.get_or_create(
        caller=caller, key=key, defaults={"fingerprint": fingerprint}
    )
    if call.fingerprint != fingerprint:
        raise KeyReused
    if not is_new and call.status is None:
        _take_over(call)
    return call, call.status is None


def _take_over(call: IdempotentCall) -> None:
    """Carry on a call that was cut off. Raises StillRunning unless it surely was."""
    now = timezone.now()
    cut_off = IdempotentCall.objects.filter(
        pk=call.pk, status=None, started_at__lt=now - LONGEST_CALL
    )
    if not cut_off.update(started_at=now):
        raise StillRunning


def _carry_out(call: IdempotentCall, do: Callable[[], Response]) -> Response:
    kept = IdempotentCall.objects.filter(pk=call.pk)
    try:
        response = do()
    except BaseException:
        kept.delete()
        raise
    kept.update(status=response.status_code, body=response.data)
    return response


def _fingerprint(request: Request) -> str:
    """Keyed, because a body may hold a secret."""
    said = f"{request.method} {request.path}\n{json.dumps(request.data, sort_keys=True)}"
    return hmac.new(settings.SECRET_KEY.encode(), said.encode(), hashlib.sha256).hexdigest()


def forget_old_calls() -> int:
    deleted, _ = IdempotentCall.objects.filter(started_at__lt=timezone.now() - KEPT).delete()
    return deleted
