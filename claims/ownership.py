"""Who owns an organization, and making somebody an owner. The organization is locked for both."""

import uuid

from django.db.models import Q

from accounts.models import User
from claims.errors import ClaimGone, NoOtherOwner
from claims.models import AccessClaim, Decision, OwnerBefore
from organizations import audit
from organizations.belonging import end_power, let_in, owners
from organizations.models import AuditEvent, Membership, Organization, Role
from organizations.owners import owners_of

TAKEN_OUT = ["member.removed", "member.left", "owner.removed"]


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


def formerly(organization: Organization, user: User) -> str:
    """How and when somebody who belonged to it stopped to, or to own it; empty for all others."""
    gone = AuditEvent.objects.filter(
        organization=organization, action__in=TAKEN_OUT, data__email=user.email
    )
    last = gone.order_by("-at").first()
    return f"{last.title} on {last.at:%Y-%m-%d}" if last else ""


def keep_owners(claim: AccessClaim) -> None:
    """For the day on which it may be reversed."""
    OwnerBefore.objects.bulk_create(
        OwnerBefore(claim=claim, user=owner) for owner in owners_of(claim.organization_id)
    )


def owned_before(claim: AccessClaim, user: User) -> bool:
    return claim.owners_before.filter(user=user.pk).exists()


def take_back(organization: Organization, claim: AccessClaim, *, by: User) -> None:
    """Take from the claimant what the approval gave, and let those own it who owned it before.

    Where one of these is there, whoever became an owner since is a member: they decide who else
    owns it. Raises NoOtherOwner where the organization would be left without one.
    """
    before = _still_theirs(organization, claim)
    now = list(owners_of(organization.pk).exclude(pk=claim.user_id))
    if not before and not now:
        raise NoOtherOwner
    if before:
        _replace(organization, now, before, by=by)
    _end_owning(organization, claim.user, by=by)
    if claim.made_member:
        Membership.objects.filter(organization=organization, user=claim.user).delete()


def _replace(organization: Organization, now: list[User], then: list[User], *, by: User) -> None:
    """The new ones first, since there is always an owner."""
    for user in set(then) - set(now):
        make_owner(organization, user)
        audit.record(organization, "owner.added", by=by, email=user.email)
    for user in set(now) - set(then):
        _end_owning(organization, user, by=by)


def _end_owning(organization: Organization, user: User, *, by: User) -> None:
    ended, _ = owners(organization).filter(membership__user=user).delete()
    end_power(organization, user, by=by)
    if ended:
        audit.record(organization, "owner.removed", by=by, email=user.email)


def _still_theirs(organization: Organization, claim: AccessClaim) -> list[User]:
    """Who owned it before, has an account, and neither left by themselves nor was taken out by
    another of them, or by support. The claimant, and whoever they let in, takes nobody out for
    good.
    """
    known = claim.owners_before.values("user")
    reversals = Decision.objects.filter(
        claim__organization=organization, kind=Decision.Kind.REVERSE
    )
    gone = AuditEvent.objects.filter(
        Q(actor__in=known) | Q(actor__in=reversals.values("by")),
        organization=organization,
        action__in=TAKEN_OUT,
        at__gte=claim.approved_at,
    )
    emails = {event.data.get("email") for event in gone}
    return [
        user
        for user in User.objects.filter(pk__in=known, is_active=True)
        if user.email not in emails or is_owner(organization.pk, user)
    ]
