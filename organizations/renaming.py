"""Changing an organization's key. For thirty days the old one leads to it and is nobody else's.

Whoever gives out a key holds its name first (`hold_keys`), so that of two at once the second sees
what the first one did: a rename, an import that reserves, an organization that is made.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.notifications import repoint
from core.db import unique_or
from organizations import audit
from organizations.belonging import lock_for_owner
from organizations.errors import KeyChangedOften, KeyMalformed, KeyTaken
from organizations.keys import problem_with_key
from organizations.models import FormerKey, Organization
from organizations.operations import free_keys, hold_keys, is_kept_for, update_organization
from organizations.recovery import change_recovery_email, check_pace

LEADS_ON = timedelta(days=30)
# Or else one organization could keep any number of keys from everybody else.
MOST_FORMER = 5


def change_organization(
    organization: Organization,
    *,
    by: User,
    key: str = "",
    recovery_email: str | None = None,
    **changes: Any,
) -> None:
    """What `update_organization` changes, key and recovery contact where they are given: all of
    it, or nothing. Raises as each of them does.
    """
    if recovery_email is not None:
        check_pace(organization, recovery_email)
    with transaction.atomic():
        update_organization(organization, by=by, **changes)
        if recovery_email is not None:
            change_recovery_email(organization, recovery_email, by=by)
        if key:
            change_key(organization, key, by=by)


@transaction.atomic
def change_key(organization: Organization, key: str, *, by: User) -> None:
    """Give it another key, or one back that it had. The key it has already changes nothing.

    Raises KeyMalformed, KeyTaken, KeyChangedOften.
    """
    if problem := problem_with_key(key):
        raise KeyMalformed(problem)
    locked = lock_for_owner(organization, by)
    old, now = locked.key, timezone.now()
    if old == key:
        return
    hold_keys(old, key)
    _refuse_taken(locked, key)
    # Its own that it takes back, and what is left of keys whose time is over.
    FormerKey.objects.filter(key__in=[old, key]).delete()
    if locked.former_keys.filter(until__gt=now).count() >= MOST_FORMER:
        raise KeyChangedOften
    with unique_or(KeyTaken()):
        Organization.objects.filter(pk=locked.pk).update(key=key)
    FormerKey.objects.create(key=old, organization=locked, until=now + LEADS_ON)
    organization.key = locked.key = key
    audit.record(locked, "organization.key_changed", by=by, old_key=old, new_key=key)
    members = User.objects.filter(memberships__organization=locked)
    repoint(members, _pages_of(old), _pages_of(key))


def _refuse_taken(organization: Organization, key: str) -> None:
    is_held = import_string(settings.KEY_IS_HELD)
    others = Organization.objects.filter(key=key).exclude(pk=organization.pk)
    if others.exists() or is_kept_for(key, others_than=organization) or is_held(key):
        raise KeyTaken(suggestions=free_keys(key))


def _pages_of(key: str) -> str:
    return reverse("organizations:detail", args=[key])


def former_keys_of(organization: Organization) -> list[tuple[str, datetime]]:
    """Those that still lead to it, and until when."""
    kept = organization.former_keys.filter(until__gt=timezone.now())
    return list(kept.order_by("until").values_list("key", "until"))


def forget_former_keys() -> None:
    """From now on anybody may have those whose time is over."""
    FormerKey.objects.filter(until__lte=timezone.now()).delete()
