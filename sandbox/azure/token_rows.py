"""Tokens as their owner sees them in the list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .model import Flaw, Token
from .scopes import described

_EXPIRED = (Flaw.EXPIRED_HEADER, Flaw.EXPIRED_JSON, Flaw.EXPIRED_EMPTY)


@dataclass(frozen=True)
class Row:
    """`status` is Active, Expired or Revoked, as in the real list."""

    token: Token
    status: str
    scopes: str
    expires_at: datetime

    @property
    def can_be_revoked(self) -> bool:
        return self.status == "Active"


def rows_of(tokens: Iterable[Token], now: datetime) -> list[Row]:
    """Without those nobody issued: they are in no list."""
    return [_row(each, now) for each in tokens if each.flaw is not Flaw.NEVER_ISSUED]


def _row(token: Token, now: datetime) -> Row:
    scopes = described(token.scopes)
    if token.flaw is Flaw.REVOKED:
        return Row(token, "Revoked", scopes, token.expires_at)
    if token.flaw in _EXPIRED or token.expires_at <= now:
        # A sample is said to have expired, whatever its date.
        yesterday = now - timedelta(days=1)
        return Row(token, "Expired", scopes, min(token.expires_at, yesterday))
    return Row(token, "Active", scopes, token.expires_at)
