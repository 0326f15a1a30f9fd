"""Making projects of repositories, a thousand as well as one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from bindings.models import DevOpsBinding, Repository, RepositoryQuerySet
from core.queue import queue_on_commit
from organizations import audit
from organizations.errors import OrganizationGone
from organizations.models import Organization
from projects import tasks
from projects.errors import NamesRefused, ProjectKeyTaken
from projects.keys import free_key, problem_with_key
from projects.models import Project

# Of the keys that an audit event lists.
LISTED = 20
# More ids than these are not handed to the database one by one.
FEW = 500


@dataclass(frozen=True)
class Naming:
    """What a project is called."""

    name: str
    key: str


@dataclass(frozen=True)
class Added:
    """What came of it: how many were made, and how many of those asked for were there before."""

    count: int
    already: int


def addable(binding: DevOpsBinding) -> RepositoryQuerySet:
    """Those that can be seen and are no project yet; empty and disabled ones too."""
    return binding.repositories.filter(vanished_at=None, as_project=None)


def among(repositories: QuerySet[Repository], ids: Collection[UUID]) -> list[Repository]:
    """Those with these ids, by project and name. One query, however many they are."""
    if len(ids) <= FEW:
        repositories = repositories.filter(pk__in=ids)
    ordered = repositories.order_by("project_name", "name", "id")
    return [repository for repository in ordered if repository.pk in ids]


def suggest_namings(
    organization: Organization, repositories: Iterable[Repository]
) -> dict[UUID, Naming]:
    """A name and a free key for each, in their order. One query."""
    return _name_the_rest(repositories, {}, taken_keys(organization))


@transaction.atomic
def add_projects(
    organization: Organization,
    chosen: Collection[UUID],
    *,
    namings: Mapping[UUID, Naming] | None = None,
    by: User,
) -> Added:
    """Make a project of each chosen repository; what has no naming gets one.

    What is a project already stays as it is, so doing it twice, or two people at once, makes
    each once. Raises NamesRefused, and then nothing was made.
    """
    lock(organization)
    ids = set(chosen)
    repositories = among(addable(organization.binding), ids)
    taken = taken_keys(organization)
    wished = {r.pk: namings[r.pk] for r in repositories if namings and r.pk in namings}
    _check(wished, taken)
    named = _name_the_rest(repositories, wished, taken | {each.key for each in wished.values()})
    projects = [_project(organization, r, named[r.pk], by=by) for r in repositories]
    Project.objects.bulk_create(projects)
    record_added(projects, by=by)
    if projects:
        queue_on_commit(tasks.begin_projects, organization_id=str(organization.pk))
    already = Project.objects.filter(organization=organization, repository__isnull=False)
    before = ids - set(named)
    return Added(len(projects), sum(pk in before for pk in _repository_ids(already)))


def _repository_ids(projects: QuerySet[Project]) -> QuerySet[Project, UUID]:
    return projects.values_list("repository_id", flat=True)


def _check(wished: Mapping[UUID, Naming], taken: Collection[str]) -> None:
    """Raises NamesRefused where a key can't be had."""
    problems: dict[UUID, str] = {}
    seen = set(taken)
    for pk, naming in wished.items():
        if problem := problem_with_key(naming.key):
            problems[pk] = problem
        elif naming.key in seen:
            problems[pk] = ProjectKeyTaken.message
        seen.add(naming.key)
    if problems:
        raise NamesRefused(problems=problems)


def _name_the_rest(
    repositories: Iterable[Repository], wished: Mapping[UUID, Naming], taken: set[str]
) -> dict[UUID, Naming]:
    named = dict(wished)
    for repository in repositories:
        if repository.pk not in named:
            key = free_key(repository.name, repository.project_name, taken=taken)
            named[repository.pk] = Naming(repository.name, key)
            taken.add(key)
    return named


def _project(
    organization: Organization, repository: Repository, naming: Naming, *, by: User
) -> Project:
    return Project(
        organization=organization,
        repository=repository,
        name=naming.name,
        key=naming.key,
        created_by=by,
    )


def taken_keys(organization: Organization) -> set[str]:
    """The keys of its projects. One query."""
    return set(organization.projects.values_list("key", flat=True))


def record_added(projects: list[Project], *, by: User) -> None:
    """One event for all that were made in one act; none where nothing was."""
    if projects:
        keys = [project.key for project in projects]
        audit.record(
            projects[0].organization, "projects.added", by=by, count=len(keys), keys=keys[:LISTED]
        )


def lock(organization: Organization) -> None:
    """Whoever makes projects holds this, so that no key is given out twice."""
    if not Organization.objects.alive().select_for_update().filter(pk=organization.pk).first():
        raise OrganizationGone
