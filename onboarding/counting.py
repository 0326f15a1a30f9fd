"""Counting lines of code while the organization is not here yet, with the token of its import."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet

from bindings.platforms import open_azure
from bindings.providers.azure import AzureDevOps
from onboarding.models import Import
from projects import estimating, ordering
from projects.models import Estimate


def import_to_count(import_id: uuid.UUID) -> Import | None:
    """The import, if its repositories are still being counted."""
    counting = Import.objects.filter(estimate__state=Estimate.State.COUNTING)
    return counting.select_related("estimate").filter(pk=import_id).first()


def count_next(import_: Import) -> float | None:
    """Count one repository. In how many seconds there may be another one; None if never."""
    if not _may_ask(import_) or import_.estimate_id is None:
        return None
    estimating.count_next(import_.estimate_id, partial(_ask, import_))
    return estimating.next_in(import_.estimate_id)


def order_by_push(import_: Import) -> None:
    """Find out which repositories are new, so that those are counted early as well."""
    if _may_ask(import_) and import_.estimate_id:
        ordering.order_by_push(import_.estimate_id, partial(_ask, import_))


def _may_ask(import_: Import) -> bool:
    return import_.is_ready and import_.secret is not None


def _ask(import_: Import, question: Callable[[AzureDevOps], Any]) -> Any:
    return question(open_azure(import_.external_name, import_.secret.reveal(import_)))


def forgotten() -> QuerySet[Import, tuple[uuid.UUID, uuid.UUID | None]]:
    """Imports with repositories that nobody counts though somebody could, and their estimates."""
    ready = Import.objects.filter(state=Import.State.READY)
    stalled = estimating.stalled().filter(binding=None)
    return ready.filter(estimate__in=stalled).values_list("pk", "estimate_id")
