"""How often one token may call, told in headers before it hurts."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import cache

if TYPE_CHECKING:
    # Its module reads the setting that names this one.
    from rest_framework.views import APIView


logger = structlog.get_logger(__name__)

WINDOW = 60
# The times of the calls of the last minute, the newest first. One round trip, in which the call is
# counted unless there were too many: whether it may, how many there are, and the oldest.
COUNT = """
local now, window, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local oldest = redis.call('LINDEX', KEYS[1], -1)
while oldest and tonumber(oldest) <= now - window do
    redis.call('RPOP', KEYS[1])
    oldest = redis.call('LINDEX', KEYS[1], -1)
end
local count, may = redis.call('LLEN', KEYS[1]), 0
if count < most then
    redis.call('LPUSH', KEYS[1], ARGV[1])
    redis.call('EXPIRE', KEYS[1], window)
    count, may = count + 1, 1
end
return {may, count, oldest or ARGV[1]}
"""


class Counted:
    """A call of somebody's, counted: whether it may go on, and what to tell of it."""

    def __init__(self, whose: object) -> None:
        self.most, now = settings.API_REQUESTS_PER_MINUTE, time.time()
        names, arguments = [f"calls-{whose}"], (repr(now), WINDOW, self.most)
        may, self.count, oldest = cache.run(COUNT, names, *arguments)
        self.may = bool(may)
        # When the oldest is a minute old, one more may come.
        self.wait = float(oldest) + WINDOW - now

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(max(0, self.most - self.count)),
            "RateLimit-Reset": str(math.ceil(self.wait)),
        }


class TokenThrottle(BaseThrottle):
    """A sliding minute a token, or an address for callers without one."""

    counted: Counted

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            self.counted = Counted(getattr(request.auth, "pk", None) or self.get_ident(request))
        except RedisError:
            # Better a minute without counting than an API that stands still with its counter.
            logger.exception("calls_not_counted")
            return True
        request.rate_limit = self.counted.headers  # type: ignore[attr-defined]
        return self.counted.may

    def wait(self) -> float:
        return self.counted.wait


class RateLimitHeaders:
    """Mixed into API views: says in every answer how much of the minute is left."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        for name, value in getattr(request, "rate_limit", {}).items():
            response[name] = value
        return response
