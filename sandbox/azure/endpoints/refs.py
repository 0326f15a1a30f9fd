"""Branches: read with a prefix, updated by compare and swap, and their statistics."""

from datetime import UTC, datetime
from urllib.parse import quote

from dulwich.objects import Commit
from flask import Response

from sandbox.azure.call import Call, json_answer, listing
from sandbox.azure.ids import person_id, subject_descriptor
from sandbox.azure.missing import no_such_version
from sandbox.azure.model import Person, Project, Repository
from sandbox.azure.people import PEOPLE
from sandbox.azure.refusals import invalid_argument, may_not_contribute
from sandbox.azure.routing import route

from .repositories import REPOSITORY, open_repository, repository_url


@route("GET", rf"{REPOSITORY}/refs", "vso.code", anonymous=True)
def list_refs(call: Call, repository: str, project: str = "") -> Response:
    """`filter` is a prefix after `refs/`: `heads/main` also finds `heads/maintenance`.

    Pages only when `$top` is given; the header then carries the next ref's name.
    """
    owner, found = open_repository(call, repository, project)
    wanted = "refs/" + call.request.args.get("filter", "")
    after = call.request.args.get("continuationToken", "")
    names = [name for name in call.world.git.branches(found) if name.startswith(wanted)]
    names = [name for name in names if name >= after]
    top = call.request.args.get("$top", type=int) or len(names)
    headers = {"x-ms-continuationtoken": names[top]} if len(names) > top else None
    rows = [_ref(call, owner, found, name) for name in names[:top]]
    return listing(call, list(rows), headers)


@route("POST", rf"{REPOSITORY}/refs", "vso.code_write")
def update_refs(call: Call, repository: str, project: str = "") -> Response:
    """200 with a status for each update: a stale one changes nothing and is no error."""
    _, found = open_repository(call, repository, project)
    if not call.person.contributes and not call.person.refused_by_item:
        raise may_not_contribute(person_id(call.person))
    updates = call.request.get_json(silent=True)
    if not isinstance(updates, list) or not updates:
        raise invalid_argument("Value cannot be null.\r\nParameter name: refUpdates")
    rows = [_updated(call, found, update) for update in updates]
    return listing(call, list(rows))


@route("GET", rf"{REPOSITORY}/stats/branches(?:/(?P<name>.+))?", "vso.code", anonymous=True)
def branch_statistics(call: Call, repository: str, project: str = "", name: str = "") -> Response:
    """How far each branch is ahead of the default one. 404 where there is no branch."""
    owner, found = open_repository(call, repository, project)
    branches = call.world.git.branches(found)
    base = branches.get(f"refs/heads/{found.default_branch}")
    wanted = name or call.request.args.get("name", "")
    if base is None or (wanted and f"refs/heads/{wanted}" not in branches):
        raise no_such_version(wanted or found.default_branch, found.name)
    rows = {
        ref.removeprefix("refs/heads/"): _statistics(call, owner, found, ref, base)
        for ref in branches
        if ref.startswith("refs/heads/")
    }
    return json_answer(call, rows[wanted]) if wanted else listing(call, list(rows.values()))


def _ref(call: Call, project: Project, repository: Repository, name: str) -> dict[str, object]:
    short = quote(name.removeprefix("refs/"), safe="")
    return {
        "name": name,
        "objectId": call.world.git.branches(repository)[name],
        "creator": _creator(call, PEOPLE["technical"]),
        "url": f"{repository_url(call, project, repository)}/refs?filter={short}",
    }


def _creator(call: Call, person: Person) -> dict[str, object]:
    descriptor = subject_descriptor(person, call.organization.backing)
    avatar = f"{call.home}/_apis/GraphProfile/MemberAvatars/{descriptor}"
    return {
        "displayName": person.name,
        "url": f"{call.identity_home}/_apis/Identities/{person_id(person)}",
        "_links": {"avatar": {"href": avatar}},
        "id": person_id(person),
        "uniqueName": person.account,
        "imageUrl": f"{call.home}/_api/_common/identityImage?id={person_id(person)}",
        "descriptor": descriptor,
    }


def _updated(call: Call, repository: Repository, update: dict[str, str]) -> dict[str, object]:
    try:
        name, old, new = update["name"], update["oldObjectId"], update["newObjectId"]
    except (KeyError, TypeError):
        raise invalid_argument("A ref update needs name, oldObjectId and newObjectId.") from None
    status = "writePermissionRequired"
    if call.person.contributes:
        status = call.world.git.update_ref(repository, name, old, new)
    return {
        "repositoryId": repository.id,
        "name": name,
        "oldObjectId": old,
        "newObjectId": new,
        "isLocked": False,
        "updateStatus": status,
        "success": status == "succeeded",
    }


def _statistics(
    call: Call, project: Project, repository: Repository, ref: str, base: str
) -> dict[str, object]:
    tip = call.world.git.branches(repository)[ref]
    ahead, behind = call.world.git.distance(repository, base, tip)
    commit = call.world.git.open(repository)[tip.encode()]
    assert isinstance(commit, Commit)
    return {
        "commit": {
            "commitId": tip,
            "author": _signature(commit),
            "committer": _signature(commit),
            "comment": commit.message.decode().strip(),
            "url": f"{repository_url(call, project, repository)}/commits/{tip}",
        },
        "name": ref.removeprefix("refs/heads/"),
        "aheadCount": ahead,
        "behindCount": behind,
        "isBaseVersion": tip == base,
    }


def _signature(commit: Commit) -> dict[str, str]:
    name, _, email = commit.author.decode().rstrip(">").partition(" <")
    when = datetime.fromtimestamp(commit.author_time, UTC)
    return {"name": name, "email": email, "date": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
