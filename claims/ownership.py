"""Who owns an organization, and making somebody an owner. The organization is locked for both."""

import uuid

from django.db.models import QuerySet

from accounts.models import User
from claims.errors import ClaimGone, NoOtherOwner
from organizations.belonging import end_power, let_in, owners
from organizations.models import Group, Membership, Organization, Role


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
    is_new = not organization.memberships.filter(user=user).exists()
    let_in(organization, user, Role.OWNER)
    return is_new


def take_back(organization: Organization, user: User, *, membership_too: bool) -> None:
    """Raises NoOtherOwner where the organization would be left without one. Who left meanwhile
    has nothing to give back.
    """
    if not is_owner(organization.pk, user):
        return
    if not owners_of(organization.pk).exclude(pk=user.pk).exists():
        raise NoOtherOwner
    owners(organization).filter(membership__user=user).delete()
    end_power(organization, user, by=None)
    if membership_too:
        Membership.objects.filter(organization=organization, user=user).delete()
