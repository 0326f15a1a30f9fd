"""How a delivery proves where it comes from."""

import hashlib
import hmac
import json
import time

from .world import Object


def body_of(event: Object) -> bytes:
    return json.dumps(event, indent=2).encode()


def signature(body: bytes, secrets: list[str], at: int | None = None) -> str:
    """The header: one `v1` for each secret that holds. Its time is everybody's, not Stripe's."""
    moment = int(time.time()) if at is None else at
    signed = f"{moment}.".encode() + body
    marks = [hmac.new(each.encode(), signed, hashlib.sha256).hexdigest() for each in secrets]
    return ",".join([f"t={moment}", *(f"v1={mark}" for mark in marks)])
