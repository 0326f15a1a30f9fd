"""Where allauth keeps what `accounts.mfa` encrypts for it."""

from collections.abc import Callable
from typing import Any


def renewed_factor(data: dict[str, Any], renew: Callable[[str], str]) -> dict[str, Any]:
    """An authenticator's document with every ciphertext in it passed through a function.

    An app has a secret; recovery codes have a seed, or are listed when they came from elsewhere.
    """
    renewed: dict[str, Any] = {
        name: renew(data[name]) for name in ("secret", "seed") if name in data
    }
    if "migrated_codes" in data:
        renewed["migrated_codes"] = [renew(code) for code in data["migrated_codes"]]
    return data | renewed
