"""What can be done with the people of an organization.

Each locks the organization's row, so that of two owners who leave at once the second is told to
stay; the database refuses it as well, whoever asks.
"""

from django.db import transaction

from accounts.addresses import addresses_of
from accounts.models import User
from organizations import audit, roles
from organizations.belonging import end_power, let_in, lock, lock_for_owner, owners, take_back
from organizations.errors import AlreadyMember, LastOwner, MemberGone
from organizations.limits import check_room
from organizations.models import Membership, Organization, Role


@transaction.atomic
def add_member(
    organization: Organization, user: User, *, by: User | None, role: str = Role.MEMBER
) -> Membership:
    """Let somebody in. Who may say so, the caller has asked.

    Raises AlreadyMember, and MemberLimitReached where the plan has no room.
    """
    locked = lock(organization)
    if _membership(locked, user):
        raise AlreadyMember
    check_room(locked.pk)
    membership = let_in(locked, user, role, by=by)
    audit.record(locked, "member.added", by=by, email=user.email, role=str(role))
    if role == Role.OWNER:
        roles.of_new_owner(locked, user, by=by)
    return membership


@transaction.atomic
def remove_member(organization: Organization, user: User, *, by: User) -> None:
    """Take somebody out, an owner too unless it is the last one. Twice changes nothing.

    Raises LastOwner.
    """
    locked = lock_for_owner(organization, by)
    if membership := _membership(locked, user):
        _take_out(locked, membership, "member.removed", by=by)


@transaction.atomic
def leave(organization: Organization, *, by: User) -> None:
    """Go. Twice changes nothing. Raises LastOwner."""
    locked = lock(organization)
    if membership := _membership(locked, by):
        _take_out(locked, membership, "member.left", by=by)


@transaction.atomic
def make_owner(organization: Organization, user: User, *, by: User) -> None:
    """Put a member into the owners group. Twice changes nothing. Raises MemberGone."""
    locked = lock_for_owner(organization, by)
    membership = _membership_or_gone(locked, user)
    if not owners(locked).filter(membership=membership).exists():
        let_in(locked, user, Role.OWNER, by=by)
        audit.record(locked, "owner.added", by=by, email=user.email)
        roles.of_new_owner(locked, user, by=by)


@transaction.atomic
def make_member(organization: Organization, user: User, *, by: User) -> None:
    """Take an owner out of the owners group; they stay a member. Twice changes nothing.

    Raises MemberGone, and LastOwner.
    """
    locked = lock_for_owner(organization, by)
    membership = _membership_or_gone(locked, user)
    place = owners(locked).filter(membership=membership).first()
    if place:
        _refuse_last(locked, membership)
        place.delete()
        audit.record(locked, "owner.removed", by=by, email=user.email)
        end_power(locked, user, by=by)
        roles.of_demotion(locked, user, by=by)


@transaction.atomic
def set_permissions(
    organization: Organization, user: User, *, by: User, **permissions: bool
) -> Membership:
    """What a member may do: `may_create_projects`, `may_run_analyses`, or one of them. Owners may
    do everything; for them it tells what they may once they are none. Raises MemberGone.
    """
    locked = lock_for_owner(organization, by)
    membership = _membership_or_gone(locked, user)
    changed = {name: on for name, on in permissions.items() if getattr(membership, name) != on}
    if changed:
        for name, on in changed.items():
            setattr(membership, name, on)
        membership.save(update_fields=list(changed))
        audit.record(locked, "member.permissions_changed", by=by, email=user.email, **changed)
    return membership


@transaction.atomic
def change_member(
    organization: Organization,
    user: User,
    *,
    by: User,
    role: str | None = None,
    **permissions: bool,
) -> None:
    """Permissions and role in one: all of it, or nothing. Raises as each of them does."""
    set_permissions(organization, user, by=by, **permissions)
    if role == Role.OWNER:
        make_owner(organization, user, by=by)
    elif role == Role.MEMBER:
        make_member(organization, user, by=by)


def _take_out(organization: Organization, membership: Membership, action: str, *, by: User) -> None:
    """With the invitations that they sent, and those that would bring them back."""
    _refuse_last(organization, membership)
    user, was_owner = membership.user, owners(organization).filter(membership=membership).exists()
    membership.delete()
    audit.record(organization, action, by=by, email=user.email)
    end_power(organization, user, by=by)
    take_back(organization.invitations.filter(email__in=addresses_of(user)), by=by)
    roles.of_going(organization, user, by=by, was_owner=was_owner)


def _refuse_last(organization: Organization, membership: Membership) -> None:
    """Raises LastOwner if it is the only one in the owners group."""
    places = list(owners(organization).values_list("membership_id", flat=True)[:2])
    if places == [membership.pk]:
        raise LastOwner


def _membership(organization: Organization, user: User) -> Membership | None:
    found = Membership.objects.select_related("user").filter(organization=organization, user=user)
    return found.first()


def _membership_or_gone(organization: Organization, user: User) -> Membership:
    membership = _membership(organization, user)
    if membership is None:
        raise MemberGone
    return membership
