"""Invitations: sent, sent again, taken back, accepted.

Whether the address has an account makes no difference to who invites: it gets a mail, and only
accepting makes it a member. Each of these locks the organization's row and claims the invitation by
a conditional update, so that an invitation ends once and in one way.
"""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.addresses import clean, has_confirmed, people_with
from accounts.models import User
from core.limits import is_within
from organizations import audit, roles, told
from organizations.belonging import let_in, lock, lock_for_owner, take_back
from organizations.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    InvitedByAnotherAddress,
    TooManyInvitations,
)
from organizations.limits import check_room, invited_to
from organizations.links import masked
from organizations.models import Invitation, Organization, Role
from organizations.models.joining import in_a_week
from organizations.owners import active_owners_of

AN_HOUR = 100
UNSENT = {
    "mailed_at": None, "given_up_at": None, "attempts": 0, "lease": None, "leased_until": None,
}  # fmt: skip


def invite(
    organization: Organization, email: str, *, by: User, role: str = Role.MEMBER
) -> Invitation:
    """Invite an address, as a member or as an owner. Its mail leaves a little later.

    Raises AddressUnfit, AlreadyMember, AlreadyInvited, MemberLimitReached, TooManyInvitations.
    """
    address = clean(email)
    _count(organization)
    return _invite(organization, address, by=by, role=role)


@transaction.atomic
def _invite(organization: Organization, email: str, *, by: User, role: str) -> Invitation:
    locked = lock_for_owner(organization, by)
    whose = Q(user__email=email) | Q(user__in=people_with(email))
    if locked.memberships.filter(whose).exists():
        raise AlreadyMember
    of_address = locked.invitations.filter(email=email)
    if of_address.usable().exists():
        raise AlreadyInvited
    take_back(of_address, by=by)  # it has run out
    check_room(locked.pk, invited=invited_to(locked.pk))
    invitation = Invitation.objects.create(
        organization=locked, email=email, role=role, invited_by=by
    )
    audit.record(locked, "invitation.sent", by=by, email=email, role=str(role))
    told.of_invitation(invitation)
    return invitation


def resend(invitation: Invitation, *, by: User) -> Invitation:
    """Send it again, with another week; the links before it end. One that ran out begins anew.

    Raises InvitationOver, MemberLimitReached, TooManyInvitations.
    """
    _count(invitation.organization)
    return _resend(invitation, by=by)


@transaction.atomic
def _resend(invitation: Invitation, *, by: User) -> Invitation:
    locked = lock_for_owner(invitation.organization, by)
    check_room(locked.pk, invited=invited_to(locked.pk, besides=[invitation.email]))
    fresh = {**UNSENT, "next_attempt_at": timezone.now(), "expires_at": in_a_week()}
    sending = Invitation.objects.get(pk=invitation.pk).sending + 1
    open_ = Invitation.objects.open().filter(pk=invitation.pk)
    if not open_.update(**fresh, sending=sending, invited_by=by):
        raise InvitationOver
    invitation.refresh_from_db()
    audit.record(locked, "invitation.sent_again", by=by, email=invitation.email)
    told.of_invitation(invitation)
    return invitation


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> None:
    """Take it back: no link opens it any more. Twice changes nothing.

    Raises InvitationOver where it was accepted meanwhile.
    """
    locked = lock_for_owner(invitation.organization, by)
    known = locked.invitations.filter(pk=invitation.pk)
    if not take_back(known, by=by) and known.filter(accepted_at__isnull=False).exists():
        raise InvitationOver("This invitation was accepted. Remove the member instead.")


@transaction.atomic
def accept(invitation: Invitation, *, sending: int, by: User) -> Organization:
    """Come in. For the same person twice is as once.

    Raises InvitedByAnotherAddress, InvitationOver, MemberLimitReached, OrganizationGone.
    """
    if not has_confirmed(by, invitation.email):
        raise InvitedByAnotherAddress(
            f"This invitation is for {masked(invitation.email)}, and you are signed in as "
            f"{by.email}. Sign in with the account of that address."
        )
    locked = lock(invitation.organization)
    is_inside = locked.memberships.filter(user=by).exists()
    usable = _sent_by_owners(locked).filter(pk=invitation.pk, sending=sending)
    if not usable.update(accepted_at=timezone.now(), accepted_by=by):
        if is_inside and Invitation.objects.filter(pk=invitation.pk, accepted_by=by).exists():
            return locked
        raise InvitationOver
    if not is_inside:
        check_room(locked.pk)
    let_in(locked, by, invitation.role, by=by)
    audit.record(locked, "invitation.accepted", by=by, email=by.email, role=invitation.role)
    told.of_invitation_over(invitation)
    if invitation.role == Role.OWNER:
        roles.of_new_owner(locked, by, by=by)
    return locked


def _sent_by_owners(organization: Organization) -> QuerySet[Invitation]:
    """Nobody comes in by the word of somebody who is an owner no more."""
    active = active_owners_of(organization.pk)
    return organization.invitations.usable().filter(invited_by__in=active)


def _count(organization: Organization) -> None:
    """So that nobody mails the world in our name. Raises TooManyInvitations."""
    if not is_within(AN_HOUR, what="invitations", who=str(organization.pk)):
        raise TooManyInvitations
