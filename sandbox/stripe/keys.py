"""Whose key it is, and what it may."""

import base64

from .errors import StripeError

_NONE = (
    "You did not provide an API key. You need to provide your API key in the Authorization "
    "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
)


def check_key(header: str, method: str) -> None:
    """Any test key will do, save one that ends in `revoked`; a restricted one that ends in
    `readonly` only reads.
    """
    key = _key_in(header)
    if not key:
        raise StripeError(_NONE, status=401)
    if not key.startswith(("sk_test_", "rk_test_")) or key.endswith("revoked"):
        raise StripeError(f"Invalid API Key provided: {_masked(key)}", status=401)
    if key.endswith("readonly") and method != "GET":
        raise StripeError(
            f"The provided key '{_masked(key)}' does not have the required permissions for this "
            "endpoint.",
            status=403,
        )


def _key_in(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            return ""
    return value.strip() if scheme.lower() == "bearer" else ""


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * max(4, len(key) - 12)}{key[-4:]}"
