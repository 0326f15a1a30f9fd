"""A token of a project's own: tried before it is kept, sealed, and never shown again."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bindings import expiry
from bindings.errors import ChecksTooOften
from bindings.inventory import repository_row
from bindings.models import DevOpsBinding, Repository
from bindings.providers.azure_tokens import check_token
from bindings.providers.base import RemoteRepository
from bindings.slots import settle_expiry
from core.limits import is_within
from core.secrets import fingerprint
from organizations import audit
from organizations.belonging import lock_for_owner
from organizations.models import Organization
from projects.errors import ProjectGone, SourceMissing
from projects.models import Project
from projects.sources import read_with

# By one person within an hour, together with the tokens of imports.
MOST_VERIFICATIONS = 60
NO_TOKEN: dict[str, Any] = {
    "secret": None,
    "last_four": "",
    "fingerprint": "",
    "token_expires_on": None,
}


@dataclass(frozen=True)
class OwnToken:
    """A pasted token, and the date that its owner saw."""

    secret: str = field(repr=False)
    expires_on: date | None = None

    def columns(self) -> dict[str, Any]:
        """Of a Project. The date is the latest on which it can end."""
        expires_on, _ = settle_expiry(self.secret, self.expires_on)
        return {
            "secret": self.secret,
            "last_four": self.secret[-4:],
            "fingerprint": fingerprint(self.secret),
            "token_expires_on": expires_on,
        }


def try_token(
    binding: DevOpsBinding, token: OwnToken, *, project: str, repository: str, by: User
) -> RemoteRepository:
    """The repository that the token reads, by names or ids. Asks, and writes nothing.

    Raises TokenMalformed, ExpiryImpossible, ChecksTooOften, TokenRefused, TokenUnanswered.
    """
    check_token(token.secret)
    expiry.check(token.expires_on)
    # Who has stolen tokens shall not sort them here.
    if not is_within(MOST_VERIFICATIONS, what="verifications", who=str(by.pk)):
        raise ChecksTooOften
    return read_with(binding, token.secret, project=project, repository=repository)


def keep_repository(binding: DevOpsBinding, found: RemoteRepository) -> Repository:
    """The row of a repository that a project's own token found, followed by its id.

    One that the organization's token does not see is not on its list, so it starts as vanished.
    """
    row = repository_row(found)
    external_id = row.pop("external_id")
    kept, _ = Repository.objects.update_or_create(
        binding=binding,
        external_id=external_id,
        defaults=row,
        create_defaults={**row, "vanished_at": timezone.now()},
    )
    return kept


def set_token(project: Project, token: OwnToken, *, by: User) -> None:
    """Use a token of the project's own from now on, in place of an earlier one.

    Raises SourceMissing, and what `try_token` raises.
    """
    repository = project.repository
    if repository is None:
        raise SourceMissing
    found = try_token(
        repository.binding,
        token,
        project=repository.project_id,
        repository=repository.external_id,
        by=by,
    )
    _keep(project, token, found, by=by)


@transaction.atomic(durable=True)
def _keep(project: Project, token: OwnToken, found: RemoteRepository, *, by: User) -> None:
    # What is being deleted keeps no token, and whoever is an owner no more sets none.
    lock_for_owner(project.organization, by)
    locked = lock_project(project)
    if locked is None or locked.repository is None:
        raise ProjectGone
    keep_repository(locked.repository.binding, found)
    _change(locked, token.columns())
    _record(locked, "project.token_set", by=by, token_fingerprint=locked.fingerprint)


@transaction.atomic
def remove_token(project: Project, *, by: User) -> None:
    """Wipe the project's own token; the organization's is used. Doing it twice changes nothing."""
    locked = lock_project(project)
    if locked is None or not locked.has_own_token:
        return
    mark = locked.fingerprint
    _change(locked, NO_TOKEN)
    _record(locked, "project.token_removed", by=by, token_fingerprint=mark)


def wipe_all(organization: Organization, *, by: User) -> None:
    """Wipe the tokens of its projects, because the organization is to be deleted."""
    for project in organization.projects.exclude(fingerprint=""):
        remove_token(project, by=by)


def lock_project(project: Project) -> Project | None:
    """None when it was deleted in the meantime."""
    return Project.objects.select_for_update().filter(pk=project.pk).first()


def _change(project: Project, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(project, name, value)
    project.save(update_fields=list(values))


def _record(project: Project, action: str, *, by: User, **data: Any) -> None:
    audit.record(project.organization, action, by=by, key=project.key, **data)
