"""Imports that ended without an organization lose everything that was entrusted to them."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from onboarding.models import LIFETIME, Import, ImportQuerySet
from organizations import audit
from organizations.models import Avatar
from projects.models import Estimate

# What no import keeps after its end. `lease` goes too, so that a worker stops writing.
WIPED: dict[str, Any] = {
    "secret": None,
    "repositories": [],
    "avatar": None,
    "lease": None,
    "leased_until": None,
}


def wipe_abandoned_imports() -> int:
    """Expire what nobody has touched for a day. Returns how many."""
    ids = list(Import.objects.abandoned().values_list("pk", flat=True)[:500])
    return sum(expire(Import.objects.abandoned().filter(pk=pk), by=None) for pk in ids)


@transaction.atomic
def expire(one: ImportQuerySet, *, by: User | None) -> int:
    """End an import if it is still unfinished and nobody pays. Of two at once, one returns 1."""
    import_ = one.first()
    if import_ is None:
        return 0
    ended = one.wipeable().update(state=Import.State.EXPIRED, **WIPED)
    if ended:
        forget_estimate(import_)
        audit.record(None, "import.expired", by=by, import_id=str(import_.pk))
    return ended


def forget_estimate(import_: Import) -> None:
    """What was counted, and whoever still counts finds nothing to write to."""
    Estimate.objects.filter(of_import=import_.pk).delete()


def forget_unused_avatars() -> int:
    """Uploads that came to nothing, and those of what was deleted. Returns how many."""
    old = Avatar.objects.filter(created_at__lt=timezone.now() - LIFETIME)
    deleted, _ = old.filter(organization=None, imports=None).delete()
    return deleted
