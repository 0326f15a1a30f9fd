"""What every change to the people of an organization begins and ends with."""

from django.db.models import QuerySet
from django.utils import timezone

from accounts.addresses import addresses_of
from accounts.models import User
from organizations import audit, told
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
from organizations.models.joining import InvitationQuerySet


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


def let_in(
    organization: Organization, user: User, role: str, *, by: User | None = None
) -> Membership:
    """Make somebody a member, or find that they are; and an owner, where that is the role."""
    membership, _ = Membership.objects.get_or_create(organization=organization, user=user)
    if role == Role.OWNER:
        group = Group.objects.get(organization=organization, kind=Group.Kind.OWNERS)
        GroupMembership.objects.get_or_create(group=group, membership=membership)
    _settle(organization, user, by=by)
    return membership


def _settle(organization: Organization, user: User, *, by: User | None) -> None:
    """Whatever else was to bring them in needs nobody any more."""
    take_back(organization.invitations.filter(email__in=addresses_of(user)), by=by)
    # Who came in by themselves has answered their own request.
    state, action = JoinRequest.State.APPROVED, "join_request.approved"
    if by == user:
        state, action = JoinRequest.State.WITHDRAWN, "join_request.withdrawn"
    for request in organization.join_requests.open().filter(user=user):
        ended = {"state": state, "decided_at": timezone.now(), "decided_by": by}
        if JoinRequest.objects.open().filter(pk=request.pk).update(**ended):
            audit.record(organization, action, by=by, email=user.email)
            told.of_request_over(request)


def take_back(invitations: InvitationQuerySet, *, by: User | None) -> int:
    """Those of them that are open, so that no link opens them any more. Returns how many."""
    return sum(_take_back(each, by) for each in invitations.open().select_related("organization"))


def _take_back(invitation: Invitation, by: User | None) -> bool:
    """Of all who end it at once, one does."""
    still_open = Invitation.objects.open().filter(pk=invitation.pk)
    ended = still_open.update(revoked_at=timezone.now())
    if ended:
        audit.record(invitation.organization, "invitation.revoked", by=by, email=invitation.email)
        told.of_invitation_over(invitation)
    return bool(ended)


def end_power(organization: Organization, user: User, *, by: User | None) -> None:
    """Whoever is no owner any more brings nobody in: what they sent is taken back."""
    take_back(organization.invitations.filter(invited_by=user), by=by)
