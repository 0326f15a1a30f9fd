"""What every API view shares."""

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from core.throttling import RateLimitHeaders

if TYPE_CHECKING:

    class ApiRequest(Request):
        """A request whose token was recognized."""

        user: Any
else:
    ApiRequest = Request


class ApiView(RateLimitHeaders, APIView):
    """An API view whose answers tell the rate limit."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            super().initial(request, *args, **kwargs)
        except (AuthenticationFailed, NotAuthenticated, PermissionDenied):
            # Guessing counts too.
            self.check_throttles(request)
            raise


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Send the same key to repeat a request safely; kept for 24 hours.",
)

PROBLEM = inline_serializer(
    "Problem",
    {
        "type": serializers.CharField(),
        "title": serializers.CharField(help_text="What happened, why, and what to do."),
        "status": serializers.IntegerField(),
        "code": serializers.CharField(help_text="Stable; for programs."),
        "errors": serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()), required=False
        ),
        "suggestions": serializers.ListField(
            child=serializers.CharField(), required=False, help_text="Keys that are free."
        ),
        "project": serializers.CharField(
            required=False, help_text="The key of the project that there is already."
        ),
        "used": serializers.IntegerField(required=False, help_text="Of what is limited."),
        "limit": serializers.IntegerField(required=False),
        "needed": serializers.IntegerField(required=False, help_text="With what was asked for."),
        "plan": serializers.CharField(required=False, help_text="One that has room for it."),
        "tier": serializers.IntegerField(required=False, allow_null=True),
        "url": serializers.CharField(required=False, help_text="Where a person gets on."),
        "location": serializers.CharField(
            required=False, help_text="Of a 308: the address it has by now."
        ),
        "request_id": serializers.CharField(required=False),
    },
)


def problems(*statuses: int) -> dict[Any, Any]:
    """Response documentation for refusals, all of one shape; some of them any call may get."""
    every = sorted({401, 403, 429, *statuses})
    return {(status, "application/problem+json"): PROBLEM for status in every}


# What a call with a body may get besides.
BODY = (400, 413, 415, 422)
