"""How many members an organization may have, which a room above this one knows."""

import uuid
from collections.abc import Callable, Collection
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from organizations.errors import MemberLimitReached
from organizations.models import Invitation, Membership

Limit = Callable[[uuid.UUID], int | None]


def member_limit(organization_id: uuid.UUID) -> int | None:
    """How many members the plan has; None is without a limit. Asks what `MEMBER_LIMIT_OF` names."""
    return _named(settings.MEMBER_LIMIT_OF)(organization_id)


@cache
def _named(path: str) -> Limit:
    found: Limit = import_string(path)
    return found


def members_of(organization_id: uuid.UUID) -> int:
    return Membership.objects.filter(organization=organization_id).count()


def invited_to(organization_id: uuid.UUID, *, besides: Collection[str] = ()) -> int:
    """How many may still come in by an invitation; the addresses `besides` apart."""
    waiting = Invitation.objects.usable().filter(organization=organization_id)
    return waiting.exclude(email__in=besides).count()


def check_room(organization_id: uuid.UUID, *, invited: int = 0) -> None:
    """Whether one more fits beside the members and `invited`. Raises MemberLimitReached.

    To be asked under the organization's lock, so that two do not get the same last place.
    """
    limit = member_limit(organization_id)
    if limit is None:
        return
    used = members_of(organization_id) + invited
    if used >= limit:
        raise MemberLimitReached(limit=limit, used=used)
