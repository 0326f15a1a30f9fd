"""Who owns an organization."""

import uuid

from django.db.models import OuterRef, QuerySet

from accounts.models import User
from organizations.models import Group


def owners_of(organization_id: uuid.UUID | OuterRef) -> QuerySet[User]:
    return User.objects.filter(
        memberships__organization=organization_id,
        memberships__groups__kind=Group.Kind.OWNERS,
    )


def active_owners_of(organization_id: uuid.UUID) -> QuerySet[User]:
    """Those who can sign in: who is told, and whose word counts."""
    return owners_of(organization_id).filter(is_active=True)
