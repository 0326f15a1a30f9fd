"""Repositories: one unpaged list, of the organization or of a project, and one of them."""

from urllib.parse import quote, urlsplit

from flask import Response

from sandbox.azure.call import Call, json_answer, listing
from sandbox.azure.missing import repository_in_maintenance, repository_not_found
from sandbox.azure.model import Project, Repository
from sandbox.azure.routing import IN_PROJECT, route

from .projects import project_reference, visible_project

REPOSITORY = rf"{IN_PROJECT}_apis/git/repositories/(?P<repository>[^/]+)"


@route("GET", rf"{IN_PROJECT}_apis/git/repositories", "vso.code", anonymous=True)
def list_repositories(call: Call, project: str = "") -> Response:
    only = visible_project(call, project) if project else None
    rows = [_row(call, owner, each) for owner, each in call.readable() if only in (None, owner)]
    return listing(call, list(rows))


@route("GET", REPOSITORY, "vso.code", anonymous=True)
def get_repository(call: Call, repository: str, project: str = "") -> Response:
    owner, found = readable_repository(call, repository, project)
    row = _row(call, owner, found)
    api = row["url"]
    row["_links"] = {
        "self": {"href": api},
        "project": {"href": f"vstfs:///Classification/TeamProject/{owner.id}"},
        "web": {"href": row["webUrl"]},
        "ssh": {"href": row["sshUrl"]},
        **{part: {"href": f"{api}/{part}"} for part in ("commits", "refs", "items", "pushes")},
    }
    return json_answer(call, row)


def readable_repository(
    call: Call, repository: str, project: str = ""
) -> tuple[Project, Repository]:
    """By name or id. Raises TF401019 for what is absent and for what is forbidden."""
    wanted = repository.lower()
    owners = [visible_project(call, project)] if project else call.organization.projects
    for owner in owners:
        for each in owner.repositories if call.may_read(owner) else ():
            if wanted in (each.id, each.name.lower()):
                return owner, each
    raise repository_not_found(repository)


def open_repository(call: Call, repository: str, project: str = "") -> tuple[Project, Repository]:
    """The same, for its content: a disabled one has none, and a locked one says wait."""
    owner, found = readable_repository(call, repository, project)
    if found.disabled:
        raise repository_not_found(repository)
    if found.in_maintenance:
        raise repository_in_maintenance(found.name)
    return owner, found


def repository_url(call: Call, project: Project, repository: Repository) -> str:
    return f"{call.home}/{project.id}/_apis/git/repositories/{repository.id}"


def repository_reference(call: Call, project: Project, repository: Repository) -> dict[str, object]:
    """A repository as other things name theirs."""
    return {
        "id": repository.id,
        "name": repository.name,
        "url": repository_url(call, project, repository),
        "project": project_reference(call, project),
    }


def _row(call: Call, project: Project, repository: Repository) -> dict[str, object]:
    """A repository without commits has size 0 and no `defaultBranch` at all."""
    organization = call.organization.name
    address = urlsplit(call.base)
    path = f"{organization}/{quote(project.name)}/_git/{quote(repository.name)}"
    default_branch = call.world.git.default_branch(repository)
    row = repository_reference(call, project, repository)
    if default_branch:
        row["defaultBranch"] = f"refs/heads/{default_branch}"
    row |= {
        "size": call.world.git.size(repository),
        "remoteUrl": f"{address.scheme}://{organization}@{address.netloc}/{path}",
        "sshUrl": f"git@ssh.dev.azure.com:v3/{path.replace('/_git/', '/')}",
        "webUrl": f"{call.base}/{path}",
        "isDisabled": repository.disabled,
        "isInMaintenance": repository.in_maintenance,
    }
    return row | (_fork(call, project, repository) if repository.fork_of else {})


def _fork(call: Call, project: Project, repository: Repository) -> dict[str, object]:
    """A fork stays one when its parent is gone; then it names none."""
    parents = (each for each in project.repositories if each.name == repository.fork_of)
    parent = next(parents, None)
    if parent is None:
        return {"isFork": True}
    return {
        "isFork": True,
        "parentRepository": repository_reference(call, project, parent),
    }
