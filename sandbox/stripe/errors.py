"""How Stripe says no."""

from typing import Any


class StripeError(Exception):
    """`kind` is `invalid_request_error`, `card_error`, `idempotency_error` or `api_error`."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", **more: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        told = {name: value for name, value in more.items() if value is not None}
        self.error = {"type": kind, "message": message, **told}


class Missing(StripeError):
    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(
            f"No such {kind}: '{identifier}'",
            status=404,
            code="resource_missing",
            param="id",
        )
