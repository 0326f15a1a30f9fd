"""What becomes of organizations when one of their people deletes the account."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.deleting import Obstacle, Step
from accounts.models import User
from organizations import audit, roles
from organizations.asking import withdraw_request
from organizations.belonging import take_back
from organizations.models import (
    Group,
    GroupMembership,
    Invitation,
    JoinRequest,
    Membership,
    Organization,
)


def hold(user: User) -> None:
    """Lock where they belong, and where somebody might let them in just now; in one order, so
    that two who go at once don't wait for each other.
    """
    mine = Membership.objects.filter(user=user).values("organization")
    asked = JoinRequest.objects.open().filter(user=user).values("organization")
    concerned = Organization.objects.filter(Q(pk__in=mine) | Q(pk__in=asked)).order_by("pk")
    list(concerned.select_for_update().values_list("pk", flat=True))


def obstacles(user: User) -> list[Obstacle]:
    """Each organization that would be left without an owner."""
    others = GroupMembership.objects.filter(group=OuterRef("group")).exclude(pk=OuterRef("pk"))
    alone = GroupMembership.objects.filter(
        ~Exists(others), group__kind=Group.Kind.OWNERS, membership__user=user
    )
    places = alone.select_related("group__organization").order_by("group__organization__key")
    return [_obstacle(place.group.organization) for place in places]


def _obstacle(organization: Organization) -> Obstacle:
    name, due = organization.name, organization.deletion_due_at
    if due:
        return Obstacle(
            f"You are the only owner of {name}, which can be brought back until "
            f"{due:%A %-d %B %Y, %H:%M} UTC. Delete your account after that."
        )
    return Obstacle(
        f"You are the only owner of {name}. Make somebody else an owner, or delete it.",
        (
            ("Members", reverse("organizations:members", args=[organization.key])),
            (f"Delete {name}…", reverse("organizations:delete", args=[organization.key])),
        ),
    )


def end(user: User) -> None:
    memberships = Membership.objects.filter(user=user)
    left = Organization.objects.filter(memberships__user=user).defer("description")
    audit.record_in(list(left), "member.account_deleted", by=user, email=user.email)
    owned = left.alive().filter(groups__kind=Group.Kind.OWNERS, groups__members__user=user)
    roles.of_deleted_account(user, owned)
    take_back(Invitation.objects.filter(invited_by=user), by=user)
    memberships.delete()
    for request in JoinRequest.objects.open().filter(user=user).select_related("organization"):
        withdraw_request(request, by=user)


STEP = Step(hold=hold, obstacles=obstacles, end=end)
