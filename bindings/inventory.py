"""The repositories a token sees, as rows of ours."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from bindings.models import DevOpsBinding, Repository
from bindings.providers.base import RemoteRepository
from organizations import audit

# In one event.
MOST_NAMED = 50
COLUMNS = (
    "name",
    "project_id",
    "project_name",
    "is_public",
    "is_disabled",
    "default_branch",
    "size",
    "web_url",
    "seen_at",
    "vanished_at",
)


def store_repositories(binding: DevOpsBinding, found: Iterable[dict[str, Any]]) -> None:
    """Make our list what the platform's is. What is not on it any more is marked, not deleted."""
    now = timezone.now()
    were_public = dict(binding.repositories.values_list("external_id", "is_public"))
    rows = [Repository(binding=binding, seen_at=now, vanished_at=None, **row) for row in found]
    Repository.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["binding", "external_id"],
        update_fields=COLUMNS,
    )
    gone = binding.repositories.filter(seen_at__lt=now, vanished_at=None)
    gone.update(vanished_at=now)
    _record_visibility(
        binding,
        [row for row in rows if were_public.get(row.external_id, row.is_public) != row.is_public],
    )


def _record_visibility(binding: DevOpsBinding, changed: Sequence[Repository]) -> None:
    """What is public is free, so this changes what is paid for."""
    names: dict[str, list[str]] = {"public": [], "private": []}
    for each in changed[:MOST_NAMED]:
        names["public" if each.is_public else "private"].append(str(each))
    if changed:
        said = {**names, "repositories": len(changed)}
        audit.record(binding.organization, "repositories.visibility_changed", by=None, **said)


def repository_row(repository: RemoteRepository) -> dict[str, Any]:
    """The columns of a Repository, cut to what they hold."""
    return {
        "external_id": repository.external_id,
        "name": repository.name[:255],
        "project_id": repository.project_id,
        "project_name": repository.project_name[:255],
        "is_public": repository.is_public,
        "is_disabled": repository.is_disabled,
        "default_branch": repository.default_branch[:1024],
        "size": repository.size,
        "web_url": repository.web_url[:2048],
    }


@transaction.atomic
def follow(repository: Repository, found: RemoteRepository, *, is_ours: bool) -> None:
    """Make one row of ours what the platform says of it now. One that the organization's own
    token does not see stays vanished.
    """
    now = repository_row(found)
    if is_ours:
        now |= {"seen_at": timezone.now(), "vanished_at": None}
    changed = [name for name, value in now.items() if getattr(repository, name) != value]
    for name in changed:
        setattr(repository, name, now[name])
    repository.save(update_fields=changed)
    if "is_public" in changed:
        _record_visibility(repository.binding, [repository])
