"""Branches: read with a prefix, updated by compare and swap, and their statistics."""

import re
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from dulwich.objects import Commit
from flask import Response

from sandbox.azure.call import Call, json_answer, listing
from sandbox.azure.git_store import HEADS
from sandbox.azure.ids import person_id, subject_descriptor
from sandbox.azure.missing import no_such_version
from sandbox.azure.model import Person, Project, Repository
from sandbox.azure.paging import page_size
from sandbox.azure.people import PEOPLE
from sandbox.azure.refusals import invalid_argument, may_not_contribute
from sandbox.azure.routing import route

from .repositories import REPOSITORY, open_repository, repository_url


class _Update(NamedTuple):
    """One asked for: 0…0 as `old` makes the ref, and as `new` deletes it."""

    name: str
    old: str
    new: str


@route("GET", rf"{REPOSITORY}/refs", "vso.code", anonymous=True)
def list_refs(call: Call, repository: str, project: str = "") -> Response:
    """`filter` is a prefix after `refs/`: `heads/main` also finds `heads/maintenance`.

    Pages only when `$top` is given; the header then carries the next ref's name.
    """
    owner, found = open_repository(call, repository, project)
    wanted = "refs/" + call.request.args.get("filter", "")
    after = call.request.args.get("continuationToken", "")
    refs = call.world.git.refs(found)
    names = [name for name in refs if name.startswith(wanted) and name >= after]
    top = page_size(call, "$top", len(names))
    headers = {"x-ms-continuationtoken": names[top]} if len(names) > top else None
    rows = [_ref(call, owner, found, name, refs[name]) for name in names[:top]]
    return listing(call, list(rows), headers)


@route("POST", rf"{REPOSITORY}/refs", "vso.code_write")
def update_refs(call: Call, repository: str, project: str = "") -> Response:
    """200 with a status for each update: a stale one changes nothing and is no error."""
    _, found = open_repository(call, repository, project)
    if not call.person.contributes and not call.person.refused_by_item:
        raise may_not_contribute(person_id(call.person))
    asked = call.request.get_json(silent=True)
    if not isinstance(asked, list) or not asked:
        raise invalid_argument("Value cannot be null.\r\nParameter name: refUpdates")
    # All are looked at before the first is made: a malformed request changes nothing.
    updates = [_read_update(each) for each in asked]
    return listing(call, [_updated(call, found, each) for each in updates])


@route("GET", rf"{REPOSITORY}/stats/branches(?:/(?P<name>.+))?", "vso.code", anonymous=True)
def branch_statistics(call: Call, repository: str, project: str = "", name: str = "") -> Response:
    """How far each branch is ahead of the default one. 404 where there is no branch."""
    owner, found = open_repository(call, repository, project)
    branches = call.world.git.branches(found)
    base = call.world.git.default_branch(found)
    wanted = name or call.request.args.get("name", "")
    if base is None or (wanted and HEADS + wanted not in branches):
        raise no_such_version(wanted or found.default_branch, found.name)
    shown = [HEADS + wanted] if wanted else list(branches)
    rows = [_statistics(call, owner, found, ref, HEADS + base) for ref in shown]
    return json_answer(call, rows[0]) if wanted else listing(call, list(rows))


def _ref(
    call: Call, project: Project, repository: Repository, name: str, target: str
) -> dict[str, object]:
    short = quote(name.removeprefix("refs/"), safe="")
    row: dict[str, object] = {
        "name": name,
        "objectId": target,
        "creator": creator(call, PEOPLE["technical"]),
        "url": f"{repository_url(call, project, repository)}/refs?filter={short}",
    }
    wants_peeled = call.request.args.get("peelTags", "").lower() == "true"
    tagged = call.world.git.tagged(repository, target) if wants_peeled else None
    return row | ({"peeledObjectId": tagged} if tagged else {})


def creator(call: Call, person: Person) -> dict[str, object]:
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


def _read_update(asked: object) -> _Update:
    """Name, old and new id. Raises 400 for anything but a name and two ids."""
    body = asked if isinstance(asked, dict) else {}
    name, old, new = (body.get(each) for each in ("name", "oldObjectId", "newObjectId"))
    if not isinstance(name, str):
        raise invalid_argument("A ref update needs a name.")
    for each in (old, new):
        if not isinstance(each, str) or not re.fullmatch("(?i)[0-9a-f]{40}", each):
            raise invalid_argument(f"A ref update needs two ids of 40 hexadecimals, not {each!r}.")
    return _Update(name, str(old).lower(), str(new).lower())


def _updated(call: Call, repository: Repository, update: _Update) -> dict[str, object]:
    status = "writePermissionRequired"
    if call.person.contributes:
        status = call.world.git.update_ref(repository, update.name, update.old, update.new)
    return {
        "repositoryId": repository.id,
        "name": update.name,
        "oldObjectId": update.old,
        "newObjectId": update.new,
        "isLocked": False,
        "updateStatus": status,
        "success": status == "succeeded",
    }


def _statistics(
    call: Call, project: Project, repository: Repository, ref: str, base: str
) -> dict[str, object]:
    """`ref` and `base` are full names of branches."""
    branches = call.world.git.branches(repository)
    tip = branches[ref]
    ahead, behind = call.world.git.distance(repository, branches[base], tip)
    commit = call.world.git.open(repository)[tip.encode()]
    assert isinstance(commit, Commit)
    return {
        "commit": {
            "commitId": tip,
            "author": _signature(commit.author, commit.author_time),
            "committer": _signature(commit.committer, commit.commit_time),
            "comment": commit.message.decode(errors="replace").strip(),
            "url": f"{repository_url(call, project, repository)}/commits/{tip}",
        },
        "name": ref.removeprefix(HEADS),
        "aheadCount": ahead,
        "behindCount": behind,
        "isBaseVersion": ref == base,
    }


def _signature(who: bytes, seconds: float) -> dict[str, str]:
    name, _, email = who.decode(errors="replace").rstrip(">").partition(" <")
    when = datetime.fromtimestamp(seconds, UTC)
    return {"name": name, "email": email, "date": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
