"""What people are told when somebody becomes an owner or is none any more, in whole sentences.

Each owner hears of it but whoever did it, so that nobody takes an organization over in silence.
"""

import uuid
from collections.abc import Iterable

from django.urls import reverse

from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, notify, notify_each
from organizations.models import Group, GroupMembership, Organization
from organizations.owners import active_owners_of

IF_WRONG = "If this is not right, act at once: owners may do everything, also remove you."


def of_new_owner(organization: Organization, user: User, *, by: User | None) -> None:
    name, who = organization.name, _by(by)
    _tell_person(
        organization,
        user,
        by,
        is_inside=True,
        title=f"You are an owner of {name} now",
        text=f"Nobody has to act. {who} made you an owner of {name}: you invite and remove people, "
        "replace its token and pay.",
    )
    how = "accepted an invitation as an owner" if by == user else f"was made an owner by {who}"
    _tell_owners(
        organization,
        user,
        by,
        title=f"{user.email} is an owner of {name} now",
        text=f"Look at the members of {name}. {user.email} {how}. {IF_WRONG}",
    )


def of_demotion(organization: Organization, user: User, *, by: User) -> None:
    name = organization.name
    _tell_person(
        organization,
        user,
        by,
        is_inside=True,
        title=f"You are no owner of {name} any more",
        text=f"Ask an owner if this is not right. {by.email} made you a member. Invitations that "
        "you sent and nobody had accepted are taken back.",
    )
    _of_one_less(organization, user, by=by, what="made a member by")


def of_going(organization: Organization, user: User, *, by: User, was_owner: bool) -> None:
    """Of who was removed, or left."""
    name = organization.name
    _tell_person(
        organization,
        user,
        by,
        is_inside=False,
        title=f"You were removed from {name}",
        text=f"Ask its owners if this is not right. {by.email} removed you, and you see nothing of "
        f"{name} any more, nor do your API tokens.",
    )
    if was_owner:
        _of_one_less(organization, user, by=by, what="removed by")


def of_deleted_account(user: User, owned: Iterable[Organization]) -> None:
    """At the cost of one organization, of however many they were an owner."""
    how = "deleted their account"
    notices = {each.pk: _to_owners(each, **_one_less(each, user, how)) for each in owned}
    owners = GroupMembership.objects.filter(
        group__kind=Group.Kind.OWNERS, group__organization__in=notices
    )
    others = owners.filter(membership__user__is_active=True).exclude(membership__user=user)
    places = others.values_list("group__organization", "membership__user")
    notify_each((person, notices[organization]) for organization, person in places)


def _of_one_less(organization: Organization, user: User, *, by: User, what: str) -> None:
    how = "left" if by == user else f"was {what} {by.email}"
    _tell_owners(organization, user, by, **_one_less(organization, user, how))


def _one_less(organization: Organization, user: User, how: str) -> dict[str, str]:
    name, who = organization.name, user.email
    return {
        "title": f"{who} is no owner of {name} any more",
        "text": f"Look at the members of {name}. {who} {how}. {IF_WRONG}",
    }


def _by(by: User | None) -> str:
    return by.email if by else "Mooring"


def _tell_person(
    organization: Organization, user: User, by: User | None, *, is_inside: bool, **words: str
) -> None:
    if user == by:
        return
    page = reverse("organizations:detail", args=[organization.key])
    action = {"action_label": "Open it", "action_path": page} if is_inside else {}
    notify([user], _notice(organization, Kind.ROLE_CHANGED, **action, **words))


def _tell_owners(organization: Organization, user: User, by: User | None, **words: str) -> None:
    did = [each.pk for each in (user, by) if each]
    others = active_owners_of(organization.pk).exclude(pk__in=did)
    notify(others, _to_owners(organization, **words))


def _to_owners(organization: Organization, **words: str) -> Notice:
    action = {
        "action_label": "See the members",
        "action_path": reverse("organizations:members", args=[organization.key]),
    }
    return _notice(organization, Kind.OWNERS_CHANGED, **action, **words)


def _notice(organization: Organization, kind: Kind, **words: str) -> Notice:
    return Notice(
        kind=kind,
        subject=str(organization.pk),
        # Each change is told, also one that was made before.
        threshold=uuid.uuid4().hex,
        severity=Severity.WARNING,
        **words,  # type: ignore[arg-type]
    )
