"""Tables of the organizations."""

from organizations.models.events import HOW, AuditEvent
from organizations.models.joining import FormerKey, Invitation, JoinRequest, Role
from organizations.models.recovery import RecoveryLetter
from organizations.models.tenants import (
    MAY,
    Avatar,
    Group,
    GroupMembership,
    Membership,
    Organization,
    OrganizationQuerySet,
    OwnersGroup,
    initials,
    tint_of,
)

__all__ = [
    "HOW",
    "MAY",
    "AuditEvent",
    "Avatar",
    "FormerKey",
    "Group",
    "GroupMembership",
    "Invitation",
    "JoinRequest",
    "Membership",
    "Organization",
    "OrganizationQuerySet",
    "OwnersGroup",
    "RecoveryLetter",
    "Role",
    "initials",
    "tint_of",
]
