"""Who owns an organization, and making somebody an owner. The organization is locked for both."""

import uuid

from django.db.models import QuerySet

from accounts.models import User
from claims.errors import ClaimGone, NoOtherOwner
from organizations.models import Group, GroupMembership, Membership, Organization, OwnersGroup


def owners_of(organization_id: uuid.UUID) -> QuerySet[User]:
    return User.objects.filter(
        memberships__organization=organization_id,
        memberships__groups__kind=Group.Kind.OWNERS,
    )


def is_owner(organization_id: uuid.UUID, user: User) -> bool:
    return owners_of(organization_id).filter(pk=user.pk).exists()


def lock_organization(organization_id: uuid.UUID) -> Organization:
    """Before any claim of it is locked, so that two callers wait for each other, and never both."""
    locked = Organization.objects.select_for_update().filter(pk=organization_id).first()
    if locked is None:
        raise ClaimGone
    return locked


def make_owner(organization: Organization, user: User) -> bool:
    """Returns whether that made a member, too."""
    membership, is_new = Membership.objects.get_or_create(organization=organization, user=user)
    group = OwnersGroup.objects.get(organization=organization, kind=Group.Kind.OWNERS)
    GroupMembership.objects.get_or_create(group=group, membership=membership)
    return is_new


def take_back(organization: Organization, user: User, *, membership_too: bool) -> None:
    """Raises NoOtherOwner where the organization would be left without one. Who left meanwhile
    has nothing to give back.
    """
    if not is_owner(organization.pk, user):
        return
    if not owners_of(organization.pk).exclude(pk=user.pk).exists():
        raise NoOtherOwner
    mine = Membership.objects.filter(organization=organization, user=user)
    GroupMembership.objects.filter(membership__in=mine, group__kind=Group.Kind.OWNERS).delete()
    if membership_too:
        mine.delete()
