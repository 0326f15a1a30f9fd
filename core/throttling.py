"""How often one token may call, told in headers before it hurts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:
    # Its module reads the setting that names this one.
    from rest_framework.views import APIView


logger = structlog.get_logger(__name__)


class TokenThrottle(SimpleRateThrottle):
    """A sliding minute a token, or an address for callers without one."""

    scope = "api"
    num_requests: int
    duration: int
    now: float
    history: list[float]

    def get_rate(self) -> str:
        return f"{settings.API_REQUESTS_PER_MINUTE}/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        ident = getattr(request.auth, "pk", None) or self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            allowed = super().allow_request(request, view)
        except RedisError:
            # Better a minute without counting than an API that stands still with its counter.
            logger.exception("calls_not_counted")
            return True
        remaining = max(0, self.num_requests - len(self.history))
        # The newest call comes first; when the oldest is a minute old, one more may come.
        oldest = self.history[-1] if self.history else self.now
        request.rate_limit = {  # type: ignore[attr-defined]
            "RateLimit-Limit": str(self.num_requests),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(math.ceil(oldest + self.duration - self.now)),
        }
        return allowed


class RateLimitHeaders:
    """Mixed into API views: says in every answer how much of the minute is left."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        for name, value in getattr(request, "rate_limit", {}).items():
            response[name] = value
        return response
