"""What people do with their accounts."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.errors import UnfitName, UnknownScope
from accounts.models import ApiToken, Scope, User, digest_of

# Writing "last used" on every call would be a write on every read.
LAST_USED_PRECISION = timedelta(minutes=5)
LONGEST_NAME = 100


def issue_api_token(
    user: User, *, name: str, scopes: Sequence[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token. The second value is the secret, which nobody can see again."""
    if not scopes or not set(scopes) <= set(Scope.values):
        raise UnknownScope(f"Choose among: {', '.join(Scope.values)}.")
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UnfitName
    prefix = f"moor_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=digest_of(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    return token, secret


def revoke_api_token(token: ApiToken) -> None:
    """End a token at once. Revoking it twice changes nothing."""
    token.delete()


def note_use(token: ApiToken) -> None:
    """Record that a token was used, at most once in five minutes."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_PRECISION)
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_PRECISION:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
