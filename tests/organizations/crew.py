"""People who belong, in whatever role."""

from allauth.account.models import EmailAddress

from organizations.models import Group, GroupMembership, Membership
from tests.factories import UserFactory


def join(organization, user, *, owner=False, **values):
    membership = Membership.objects.create(organization=organization, user=user, **values)
    if owner:
        group = organization.groups.get(kind=Group.Kind.OWNERS)
        GroupMembership.objects.create(group=group, membership=membership)
    return membership


def verified(email):
    """Somebody whose address is known to be theirs."""
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def owners_of(organization):
    owning = GroupMembership.objects.filter(
        group__organization=organization, group__kind=Group.Kind.OWNERS
    )
    return sorted(owning.values_list("membership__user__email", flat=True))


def members_of(organization):
    return sorted(organization.memberships.values_list("user__email", flat=True))
