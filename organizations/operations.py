"""What can be done with organizations."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.db import hold, unique_or
from organizations import audit
from organizations.belonging import lock_for_owner
from organizations.errors import KeyMalformed, KeyTaken
from organizations.keys import problem_with_key, suggest_key, variations
from organizations.models import (
    Avatar,
    FormerKey,
    Group,
    GroupMembership,
    Membership,
    Organization,
    OwnersGroup,
)


@transaction.atomic
def create_organization(
    *,
    key: str,
    name: str,
    by: User,
    description: str = "",
    url: str = "",
    avatar: Avatar | None = None,
) -> Organization:
    """Make an organization, owned by the person who makes it."""
    if problem := problem_with_key(key):
        raise KeyMalformed(problem)
    hold_keys(key)
    if is_kept_for(key):
        raise KeyTaken(suggestions=free_keys(key))
    with unique_or(KeyTaken(suggestions=free_keys(key))):
        organization = Organization.objects.create(
            key=key, name=name, description=description, url=url, avatar=avatar
        )
    membership = Membership.objects.create(organization=organization, user=by)
    owners = OwnersGroup.objects.create(organization=organization, kind=Group.Kind.OWNERS)
    GroupMembership.objects.create(group=owners, membership=membership)
    audit.record(organization, "organization.created", by=by, name=name)
    return organization


@transaction.atomic
def update_organization(organization: Organization, *, by: User, **changes: Any) -> None:
    """Change name, description, URL or avatar. Raises OwnersOnly and OrganizationGone."""
    locked = lock_for_owner(organization, by)
    changed = {field: value for field, value in changes.items() if getattr(locked, field) != value}
    if not changed:
        return
    for field, value in changed.items():
        setattr(organization, field, value)
    organization.save(update_fields=list(changed))
    audit.record(organization, "organization.changed", by=by, fields=sorted(changed))


@transaction.atomic
def delete_organization(organization: Organization, *, by: User | None) -> None:
    """Delete an organization with its binding and token, now and for good. Its history stays.

    Deleting it twice changes nothing.
    """
    if _lock(organization) is None:
        return
    audit.record(organization, "organization.deleted", by=by, name=organization.name)
    Organization.objects.filter(pk=organization.pk).update(closed_at=timezone.now())
    organization.delete()


def _lock(organization: Organization) -> Organization | None:
    return Organization.objects.select_for_update().filter(pk=organization.pk).first()


def hold_keys(*keys: str) -> None:
    """Before a key is given out: nobody else gives out the same one until the transaction ends."""
    for key in sorted(set(keys)):
        hold(f"organization key {key}")


def is_kept_for(key: str, *, others_than: Organization | None = None) -> bool:
    """Whether it still leads to an organization that had it; to another one than that."""
    kept = FormerKey.objects.filter(key=key, until__gt=timezone.now())
    return (kept.exclude(organization=others_than) if others_than else kept).exists()


def free_keys(wanted: str, *, count: int = 3) -> list[str]:
    """Keys like the wanted one that nobody has, or had lately. One query."""
    candidates = [suggest_key(wanted), *variations(wanted)]
    had = Organization.objects.filter(key__in=candidates).values_list("key", flat=True)
    kept = FormerKey.objects.filter(key__in=candidates, until__gt=timezone.now())
    taken = set(had.union(kept.values_list("key", flat=True)))
    return [key for key in candidates if key not in taken][:count]


def key_problem(key: str, *, of: Organization | None = None) -> str | None:
    """Why this key can't be had, or None: it is well formed and free. `of` has it back if it was
    its own.
    """
    if problem := problem_with_key(key):
        return problem
    if Organization.objects.filter(key=key).exists() or is_kept_for(key, others_than=of):
        return KeyTaken.message
    return None
