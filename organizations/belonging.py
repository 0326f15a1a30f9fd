"""What every change to the people of an organization begins and ends with."""

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from organizations import told
from organizations.errors import OrganizationGone, OwnersOnly
from organizations.models import (
    Group,
    GroupMembership,
    Invitation,
    JoinRequest,
    Membership,
    Organization,
    Role,
)


def lock(organization: Organization) -> Organization:
    """Lock its row: whoever else changes its people waits. Raises OrganizationGone."""
    locked = Organization.objects.alive().select_for_update().filter(pk=organization.pk).first()
    if locked is None:
        raise OrganizationGone
    return locked


def lock_for_owner(organization: Organization, by: User) -> Organization:
    """The same for an owner. Who was one when the page was opened may have been removed since:
    raises OwnersOnly.
    """
    locked = lock(organization)
    if not owners(locked).filter(membership__user=by).exists():
        raise OwnersOnly
    return locked


def owners(organization: Organization) -> QuerySet[GroupMembership]:
    """Who is in the owners group."""
    return GroupMembership.objects.filter(
        group__organization=organization, group__kind=Group.Kind.OWNERS
    )


def let_in(organization: Organization, user: User, role: str) -> Membership:
    """Make somebody a member, or find that they are; and an owner, where that is the role."""
    membership, _ = Membership.objects.get_or_create(organization=organization, user=user)
    if role == Role.OWNER:
        group = Group.objects.get(organization=organization, kind=Group.Kind.OWNERS)
        GroupMembership.objects.get_or_create(group=group, membership=membership)
    _settle(organization, user)
    return membership


def _settle(organization: Organization, user: User) -> None:
    """Whatever else was to bring them in needs nobody any more."""
    now = timezone.now()
    for invitation in organization.invitations.open().filter(email=user.email):
        Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=now)
        told.of_invitation_over(invitation)
    for request in organization.join_requests.open().filter(user=user):
        ended = {"state": JoinRequest.State.APPROVED, "decided_at": now}
        JoinRequest.objects.open().filter(pk=request.pk).update(**ended)
        told.of_request_over(request)
