"""What can be done with projects, one at a time. Many at once: `adding.py`."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from bindings.models import DevOpsBinding, Repository
from bindings.providers.base import RemoteRepository
from core.queue import queue_on_commit
from organizations import audit
from organizations.models import Organization
from projects import adding, recounting, tasks
from projects.errors import (
    ProjectGone,
    ProjectKeyMalformed,
    ProjectKeyTaken,
    RepositoryIsProject,
    RepositoryUnknown,
    RulesUnreadable,
    SourceMissing,
)
from projects.keys import free_key, problem_with_key
from projects.models import Project
from projects.own_tokens import OwnToken, keep_repository, lock_project, try_token
from projects.rules import problem_with_rules
from projects.sources import known_repository


@dataclass(frozen=True)
class NewProject:
    """What somebody wants made. An empty key is made from the name.

    `platform_project` and `repository` name what it reads, both or none.
    """

    name: str
    key: str = ""
    platform_project: str = ""
    repository: str = ""
    token: str = field(default="", repr=False)
    token_expires_on: date | None = None


@dataclass(frozen=True)
class Source:
    """A repository that is known, or one that a token of the project's own has just found."""

    known: Repository | None = None
    found: RemoteRepository | None = None
    token: OwnToken | None = None

    def keep(self, organization: Organization) -> Repository | None:
        """The row, made where there is none."""
        return keep_repository(organization.binding, self.found) if self.found else self.known


def create_project(organization: Organization, wanted: NewProject, *, by: User) -> Project:
    """Make a project by hand. A token of its own is tried first, outside any transaction.

    Raises ProjectKeyMalformed, ProjectKeyTaken, RepositoryIsProject, RepositoryUnknown,
    SourceMissing, and what `try_token` raises.
    """
    if wanted.key and (problem := problem_with_key(wanted.key)):
        raise ProjectKeyMalformed(problem)
    # What can't be had anyway needs no network.
    _refuse_taken(organization, wanted.key)
    return _store(organization, wanted, _source_of(organization, wanted, by=by), by=by)


def create_from_repository(
    organization: Organization, repository_id: UUID, *, name: str = "", key: str = "", by: User
) -> Project:
    """Make a project of one repository. Raises RepositoryUnknown, RepositoryIsProject,
    ProjectKeyMalformed, ProjectKeyTaken.
    """
    visible = Repository.objects.filter(binding__organization=organization, vanished_at=None)
    repository = visible.filter(pk=repository_id).first()
    if repository is None:
        raise RepositoryUnknown
    if key and (problem := problem_with_key(key)):
        raise ProjectKeyMalformed(problem)
    wanted = NewProject(name or repository.name, key)
    return _store(organization, wanted, Source(repository), by=by)


def _source_of(organization: Organization, wanted: NewProject, *, by: User) -> Source:
    names = wanted.platform_project, wanted.repository
    if not any(names) and not wanted.token:
        return Source()
    if not all(names):
        raise SourceMissing
    binding = DevOpsBinding.objects.filter(organization=organization).first()
    if binding is None:
        raise RepositoryUnknown
    if not wanted.token:
        return Source(known_repository(binding, *names))
    token = OwnToken(wanted.token, wanted.token_expires_on)
    found = try_token(binding, token, project=names[0], repository=names[1], by=by)
    return Source(found=found, token=token)


@transaction.atomic(durable=True)
def _store(organization: Organization, wanted: NewProject, source: Source, *, by: User) -> Project:
    adding.lock(organization)
    repository = source.keep(organization)
    if repository and (twin := Project.objects.filter(repository=repository).first()):
        raise RepositoryIsProject(
            f"This repository is a project already: {twin.name}, with the key {twin.key}.",
            project=twin.key,
        )
    _refuse_taken(organization, wanted.key)
    place = repository.project_name if repository else ""
    key = wanted.key or free_key(wanted.name, place, taken=adding.taken_keys(organization))
    project = Project(
        organization=organization,
        repository=repository,
        name=wanted.name,
        key=key,
        created_by=by,
        **(source.token.columns() if source.token else {}),
    )
    project.save(force_insert=True)
    adding.record_added([project], by=by)
    return project


def _refuse_taken(organization: Organization, key: str) -> None:
    if key and organization.projects.filter(key=key).exists():
        raise ProjectKeyTaken(
            suggestions=[free_key(key, "", taken=adding.taken_keys(organization))]
        )


@transaction.atomic
def update_project(project: Project, *, by: User, **changes: Any) -> None:
    """Change name or rules; the key stays. Raises RulesUnreadable, ProjectGone."""
    if problem := problem_with_rules(changes.get("rules", "")):
        raise RulesUnreadable(problem)
    locked = lock_project(project)
    if locked is None:
        raise ProjectGone
    changed = {field: value for field, value in changes.items() if getattr(locked, field) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(changed))
    if "rules" in changed:
        # What counts is another thing from now on, and not from tonight.
        recounting.request_count([locked.pk])
        queue_on_commit(tasks.begin_projects, organization_id=str(locked.organization_id))
    fields = sorted(changed)
    audit.record(locked.organization, "project.changed", by=by, key=locked.key, fields=fields)


@transaction.atomic
def delete_project(project: Project, *, by: User) -> None:
    """Delete a project, and nothing on the platform. Deleting it twice changes nothing."""
    locked = lock_project(project)
    if locked is None:
        return
    audit.record(locked.organization, "project.deleted", by=by, key=locked.key, name=locked.name)
    locked.delete()
