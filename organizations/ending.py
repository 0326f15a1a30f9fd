"""The end of an organization: asked for, undone within seven days, or final.

Each of the three claims the organization by a conditional update or under its lock, so that of
an undo and the sweep at the same moment one does it.
"""

import uuid
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from organizations import audit, farewells
from organizations.belonging import lock_for_owner, owners
from organizations.errors import DeletionFinal, OwnersOnly
from organizations.models import Organization
from organizations.operations import delete_organization
from organizations.steps import take_steps

logger = structlog.get_logger(__name__)

KEPT = timedelta(days=7)
LAST_CALL = timedelta(days=1)
MOST_AT_ONCE = 100


@transaction.atomic
def ask_deletion(organization: Organization, *, by: User) -> datetime:
    """From now on nobody uses it, and its tokens are gone; in seven days it is deleted. Returns
    when that is. Raises OrganizationGone where it was asked for already, and what a room above has
    against it.
    """
    locked = lock_for_owner(organization, by)
    due_at = timezone.now() + KEPT
    Organization.objects.alive().filter(pk=locked.pk).update(deletion_due_at=due_at)
    locked.deletion_due_at = due_at
    audit.record(locked, "organization.deletion_asked", by=by, due_at=f"{due_at:%Y-%m-%d %H:%M}")
    take_steps("deletion_asked", locked, by=by)
    farewells.of_deletion(locked, by=by)
    return due_at


@transaction.atomic
def undo_deletion(organization: Organization, *, by: User) -> None:
    """Have it back, all but the tokens. Twice changes nothing.

    Raises DeletionFinal once its time is over, and OwnersOnly.
    """
    locked = Organization.objects.select_for_update().filter(pk=organization.pk).first()
    if locked is None:
        raise DeletionFinal
    if not owners(locked).filter(membership__user=by).exists():
        raise OwnersOnly
    if locked.deletion_due_at is None:
        return
    waiting = Organization.objects.waiting_to_go().filter(pk=locked.pk)
    if not waiting.update(deletion_due_at=None):
        raise DeletionFinal
    locked.deletion_due_at = None
    audit.record(locked, "organization.deletion_undone", by=by)
    take_steps("deletion_undone", locked, by=by)
    farewells.over(locked)


def delete_due() -> int:
    """Delete those whose time is over. How many. One that can't be deleted stops no others."""
    over = Organization.objects.filter(closed_at=None, deletion_due_at__lte=timezone.now())
    due = over.order_by("deletion_due_at").values_list("pk", flat=True)
    return sum(map(_delete, list(due[:MOST_AT_ONCE])))


def _delete(pk: uuid.UUID) -> bool:
    try:
        return _delete_if_due(pk)
    except Exception:
        logger.exception("organization_not_deleted", organization=str(pk))
        return False


@transaction.atomic
def _delete_if_due(pk: uuid.UUID) -> bool:
    """Asked again under the lock: an undo, or another worker, may have come first."""
    over = Organization.objects.filter(deletion_due_at__lte=timezone.now(), pk=pk)
    locked = over.select_for_update().first()
    if locked is None:
        return False
    farewells.over(locked)
    delete_organization(locked, by=None)
    return True


def tell_of_last_day() -> int:
    """Tell the owners of those that go within a day. Each is told once. How many organizations."""
    soon = Organization.objects.waiting_to_go()
    found = list(soon.filter(deletion_due_at__lte=timezone.now() + LAST_CALL))
    for organization in found:
        farewells.of_last_day(organization)
    return len(found)
