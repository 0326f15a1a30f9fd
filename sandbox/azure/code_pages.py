"""The pages of an organization, a project and a repository, as far as the visitor may see."""

from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as AnyResponse

from .access import may_read, may_see
from .catalogue import RESERVED_NAMES
from .model import Organization, Project, Repository
from .visitor import signed_in
from .world import World

Branch = tuple[str, str, list[str]]


class _ProjectName(BaseConverter):
    """No project begins with an underscore; what the service itself serves does."""

    regex = "[^_/][^/]*"
    part_isolating = True


def add_code_pages(pages: Blueprint, world: World) -> None:
    pages.record_once(lambda on: on.app.url_map.converters.update(project=_ProjectName))
    _add_places(pages, world)
    _add_repository(pages, world)


def _add_places(pages: Blueprint, world: World) -> None:
    @pages.get("/<name>")
    def organization(name: str) -> str:
        found = organization_or_404(world, name)
        return render_template(
            "azure/organization.html",
            organization=found,
            projects=[each for each in found.projects if may_see(signed_in(), each)],
            readable=_readable,
            git=world.git,
            home=found.name,
        )

    @pages.get("/<name>/<project:project>")
    def project(name: str, project: str) -> str:
        found = organization_or_404(world, name)
        return render_template(
            "azure/project.html",
            project=_project_or_404(world, found, project),
            readable=_readable,
            git=world.git,
            home=found.name,
        )

    @pages.post("/<name>/<project:project>/_settings")
    def describe_project(name: str, project: str) -> AnyResponse:
        found = organization_or_404(world, name)
        owner = _project_or_404(world, found, project)
        if not signed_in().administrator:
            abort(403)
        world.describe_project(found.name, owner.id, request.form.get("description", "")[:15_000])
        return redirect(f"/{found.name}/{quote(owner.name)}", 303)

    @pages.get("/<name>/<project:project>/_git")
    def project_code(name: str, project: str) -> AnyResponse:
        found = organization_or_404(world, name)
        return redirect(f"/{found.name}/{quote(_project_or_404(world, found, project).name)}")


def _add_repository(pages: Blueprint, world: World) -> None:
    @pages.get("/<name>/_git/<repository>")
    def repository_of_a_project_named_alike(name: str, repository: str) -> AnyResponse:
        found = organization_or_404(world, name)
        owner = _project_or_404(world, found, repository)
        return redirect(_path(found, owner, _repository_or_404(owner, repository)))

    @pages.get("/<name>/<project:project>/_git/<repository>")
    def repository(name: str, project: str, repository: str) -> str:
        found = organization_or_404(world, name)
        owner = _project_or_404(world, found, project)
        code = _repository_or_404(owner, repository)
        return render_template(
            "azure/repository.html",
            home=found.name,
            project=owner,
            repository=code,
            branches=_branches(world, code),
            default_branch=world.git.default_branch(code),
            clone_url=request.host_url.rstrip("/") + _path(found, owner, code),
        )


def organization_or_404(world: World, name: str) -> Organization:
    found = None if name.lower() in RESERVED_NAMES else world.organization(name)
    if found is None:
        abort(404)
    return found


def _project_or_404(world: World, organization: Organization, name: str) -> Project:
    """What the visitor may not see is not there, as for their tokens."""
    try:
        found = world.project_of(organization, name)
    except KeyError:
        abort(404)
    if not may_see(signed_in(), found):
        abort(404)
    return found


def _repository_or_404(project: Project, name: str) -> Repository:
    code = _readable(project)
    found = next((each for each in code if name.lower() in (each.name.lower(), each.id)), None)
    if found is None:
        abort(404)
    return found


def _readable(project: Project) -> tuple[Repository, ...]:
    return project.repositories if may_read(signed_in(), project) else ()


def _branches(world: World, repository: Repository) -> list[Branch]:
    """Short name, commit and paths of each, the default one first. None once disabled."""
    if repository.disabled:
        return []
    default = world.git.default_branch(repository)
    branches = [
        (ref.removeprefix("refs/heads/"), tip, sorted(world.git.files(repository, tip)))
        for ref, tip in world.git.branches(repository).items()
    ]
    return sorted(branches, key=lambda branch: branch[0] != default)


def _path(organization: Organization, project: Project, repository: Repository) -> str:
    return f"/{organization.name}/{quote(project.name)}/_git/{quote(repository.name)}"
