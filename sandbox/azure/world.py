"""All organizations as they are now, and what a test or a visitor may do to them."""

import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from .bulk import Bulk
from .catalogue import RESERVED_NAMES, generated_organization, sample_organizations
from .fleet import Fleet
from .git_store import GitStore
from .ids import guid, with_ids
from .model import Organization, Project, Repository
from .registry import TokenRegistry
from .sources import Files

_MINUTE = 60.0


class World:
    """Organizations by name, whatever its case. Thread-safe.

    `trickle_seconds` is how long a dribbling body takes, from first byte to last.
    """

    def __init__(self, data: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._data = data
        self._generation = 0
        self.reset()

    def reset(self) -> None:
        """Everything as at the start. Tokens kept in a data directory stay."""
        with self._lock:
            self._organizations: dict[str, Organization] = {}
            # Of the fleet, only what is gone and, above, what was changed is kept.
            self.fleet = Fleet()
            self._gone: set[str] = set()
            self._asked: Counter[str] = Counter()
            self._minute_began: dict[str, float] = {}
            self._failures_left: Counter[str] = Counter()
            self.trickle_seconds = 10.0
            # For how many days a person has not signed in.
            self.days_away: dict[str, int] = {}
            self.git = GitStore()
            for sample in sample_organizations():
                self._put(sample, guid("organization", sample.name))
            self.tokens = TokenRegistry(self._instance_of, self._data, self.fleet)

    def organizations(self) -> list[Organization]:
        """All but those of the fleet that nobody changed."""
        with self._lock:
            return list(self._organizations.values())

    def organization(self, name: str) -> Organization | None:
        name = name.lower()
        with self._lock:
            found = self._organizations.get(name)
            return found or (None if name in self._gone else self.fleet.organization(name))

    # What a test may do. Each raises KeyError for an organization that isn't there.

    def add_organization(self, name: str, repositories: int = 1, projects: int = 1) -> Organization:
        """A healthy organization with small generated repositories.

        Every sample token labelled like an organization works in its own only, so use
        `issue_token` to get one for this.
        """
        self._refuse_reserved(name)
        return self._put(generated_organization(name, repositories, projects), self._new_id(name))

    def rename(self, name: str, new: str) -> Organization:
        """The old name answers 404 from now on; id, tokens and repositories stay."""
        self._refuse_reserved(new)
        with self._lock:
            organization = self._take(name)
            return self._keep(replace(organization, name=new))

    def reuse_name(self, name: str, tokens_follow: bool = True) -> Organization:
        """Give the name to another organization with the same projects and another id.

        With `tokens_follow` the tokens of the old one work in the new one, as a global
        token or a careless owner's would, so that only the id tells them apart.
        """
        with self._lock:
            old = self._named(name)
            new = self._put(old, self._new_id(name))
            if tokens_follow:
                self.tokens.move(old, new.instance_id)
            return new

    def remove(self, name: str) -> None:
        with self._lock:
            self._take(name)

    def add_repository(
        self, organization: str, project: str, name: str, files: Files | None = None
    ) -> Repository:
        """A repository with one commit of `files`, or an empty one."""
        with self._lock:
            owner = self._named(organization)
            into = self.project_of(owner, project)
            repository = Repository(
                name, None, id=guid(owner.instance_id, into.id, name, self._new_id(name))
            )
            self._replace_project(
                owner, replace(into, repositories=(*into.repositories, repository))
            )
        if files:
            self.git.commit(repository, repository.default_branch, files, "Start")
        return repository

    def add_bulk(self, organization: str, project: str, name: str, bulk: Bulk) -> Repository:
        """A repository whose zip is as large as wanted. Git has but its front."""
        added = self.add_repository(organization, project, name)
        self.change_repository(organization, added.id, source=bulk.source)
        return replace(added, source=bulk.source)

    def change_repository(self, organization: str, repository: str, /, **changes: Any) -> None:
        """Rename or disable it, put it in maintenance …: any field of `Repository`."""
        with self._lock:
            owner = self._named(organization)
            project, found = self.repository_named(owner, repository)
            changed = replace(found, **changes)
            kept = tuple(changed if r is found else r for r in project.repositories)
            # Its forks know it by its name.
            kept = tuple(
                replace(r, fork_of=changed.name) if r.fork_of == found.name else r for r in kept
            )
            self._replace_project(owner, replace(project, repositories=kept))

    def describe_project(self, organization: str, project: str, text: str) -> None:
        """What its settings page says under *Description*."""
        with self._lock:
            owner = self._named(organization)
            found = self.project_of(owner, project)
            self._replace_project(owner, replace(found, description=text))

    def remove_repository(self, organization: str, name: str) -> None:
        with self._lock:
            owner = self._named(organization)
            project, repository = self.repository_named(owner, name)
            kept = tuple(r for r in project.repositories if r is not repository)
            self._replace_project(owner, replace(project, repositories=kept))

    def commit(
        self, organization: str, repository: str, files: Files, branch: str | None = None
    ) -> str:
        """Commit `files` on a branch (the default one if None) and return the commit's id."""
        owner = self._named(organization)
        _, found = self.repository_named(owner, repository)
        return self.git.commit(found, branch or found.default_branch, files, "Change it")

    def change_organization(self, name: str, /, **changes: Any) -> None:
        """Give it a fault or take it away: any field of `Organization`."""
        with self._lock:
            self._keep(replace(self._named(name), **changes))

    def fail_next(self, name: str, times: int) -> None:
        """Answer the next `times` requests to an organization with a 503 page."""
        with self._lock:
            self._failures_left[self._named(name).instance_id] = times

    # What the faults need to know.

    def takes_failure(self, organization: Organization) -> bool:
        """Whether this request is one that `fail_next` wants to fail."""
        with self._lock:
            if self._failures_left[organization.instance_id] <= 0:
                return False
            self._failures_left[organization.instance_id] -= 1
            return True

    def times_asked(self, organization: Organization) -> int:
        """How often it has been asked, this time included."""
        with self._lock:
            self._asked[organization.instance_id] += 1
            return self._asked[organization.instance_id]

    def times_asked_this_minute(self, organization: Organization) -> int:
        """The same, from the first request of a minute on."""
        with self._lock:
            key = f"{organization.instance_id}/minute"
            if monotonic() - self._minute_began.get(key, -_MINUTE) >= _MINUTE:
                self._minute_began[key] = monotonic()
                self._asked[key] = 0
            self._asked[key] += 1
            return self._asked[key]

    @staticmethod
    def project_of(organization: Organization, name: str) -> Project:
        for project in organization.projects:
            if name.lower() in (project.name.lower(), project.id):
                return project
        raise KeyError(name)

    @staticmethod
    def repository_named(organization: Organization, name: str) -> tuple[Project, Repository]:
        for project in organization.projects:
            for repository in project.repositories:
                if name.lower() in (repository.name.lower(), repository.id):
                    return project, repository
        raise KeyError(name)

    def _instance_of(self, name: str) -> str | None:
        organization = self.organization(name)
        return organization.instance_id if organization else None

    def _new_id(self, name: str) -> str:
        with self._lock:
            self._generation += 1
            return guid("organization", name, str(self._generation))

    def _put(self, organization: Organization, instance_id: str) -> Organization:
        return self._keep(with_ids(organization, instance_id))

    def _named(self, name: str) -> Organization:
        found = self.organization(name)
        if found is None:
            raise KeyError(name)
        return found

    def _take(self, name: str) -> Organization:
        """Its name is free from now on."""
        found = self._named(name)
        self._organizations.pop(name.lower(), None)
        self._gone.add(name.lower())
        return found

    def _keep(self, organization: Organization) -> Organization:
        with self._lock:
            self._gone.discard(organization.name.lower())
            self._organizations[organization.name.lower()] = organization
            return organization

    def _replace_project(self, owner: Organization, project: Project) -> None:
        kept = tuple(project if p.id == project.id else p for p in owner.projects)
        self._keep(replace(owner, projects=kept))

    @staticmethod
    def _refuse_reserved(name: str) -> None:
        if name.lower() in RESERVED_NAMES:
            raise ValueError(f"{name} is a reserved name: the sandbox itself answers there.")
