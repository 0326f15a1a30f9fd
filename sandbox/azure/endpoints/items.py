"""Files: one, a list of them, or a whole branch as a zip."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from flask import Response

from sandbox.azure import archive_faults
from sandbox.azure.bulk import bulk_of
from sandbox.azure.call import Call, listing, with_common_headers
from sandbox.azure.git_trees import Entry
from sandbox.azure.missing import no_such_item, no_such_version
from sandbox.azure.model import Repository
from sandbox.azure.routing import route

from .repositories import REPOSITORY, open_repository, repository_url

_BLOCK = 64 * 1024
_FIXED_TIME = (2026, 1, 1, 9, 0, 0)
# What the zip format calls the system a file is from, and Windows an ordinary file.
_UNIX, _WINDOWS = 3, 0
_ORDINARY = 0x20


@route("GET", rf"{REPOSITORY}/items(?:/(?P<path>.+))?", "vso.code", anonymous=True)
def get_items(call: Call, repository: str, project: str = "", path: str = "") -> Response:
    """A zip when asked for by `$format` or `Accept`; else a file, or a list of them.

    Clients in use ask for `items/items?path=/`: the query has the last word.
    """
    owner, found = open_repository(call, repository, project)
    arguments = call.request.args
    commit = _commit(call, found)
    wanted = (arguments.get("path") or arguments.get("scopePath") or path or "/").strip("/")
    if _wants_zip(call):
        archive_faults.refuse(call, found)
        if not wanted:
            return _zip_answer(call, found, _all_of(call, found, commit))
    entries = {each.path: each for each in call.world.git.entries(found, commit)}
    inside = [each for name, each in entries.items() if _is_inside(name, wanted)]
    if not inside:
        raise no_such_item(f"/{wanted}", found.name, commit)
    if _wants_zip(call):
        return _zip_answer(call, found, _in_blocks(_zip(inside, _is_for_unix(call))))
    if wanted in entries and "recursionLevel" not in arguments:
        return _file_answer(call, entries[wanted])
    url = repository_url(call, owner, found)
    rows = [
        {"path": f"/{each.path}", "gitObjectType": "blob", "commitId": commit,
         "url": f"{url}/items/{quote(each.path)}"}
        for each in sorted(inside)
    ]  # fmt: skip
    return listing(call, list(rows))


@route("GET", rf"{REPOSITORY}/trees/(?P<tree>[0-9a-f]{{40}})", "vso.code", anonymous=True)
def get_tree(call: Call, repository: str, tree: str, project: str = "") -> Response:
    """A tree (or the tree of a commit) as a zip; its listing is not served."""
    _, found = open_repository(call, repository, project)
    entries = call.world.git.entries(found, tree.lower())
    if not entries:
        raise no_such_item(tree, found.name, tree)
    archive_faults.refuse(call, found)
    return _zip_answer(call, found, _in_blocks(_zip(entries, _is_for_unix(call))))


def _commit(call: Call, repository: Repository) -> str:
    """The commit that the version descriptor names: a branch, a tag, or a commit's id."""
    git = call.world.git
    default = git.default_branch(repository) or repository.default_branch
    version = _descriptor(call, "version") or default
    kind = _descriptor(call, "versionType").capitalize() or "Branch"
    if kind == "Commit":
        target = version.lower() if re.fullmatch("(?i)[0-9a-f]{40}", version) else ""
    else:
        folder = "refs/tags/" if kind == "Tag" else "refs/heads/"
        target = git.refs(repository).get(folder + version.removeprefix(folder), "")
    commit = git.commit_at(repository, target) if target else None
    if commit is None:
        raise no_such_version(version, repository.name, kind)
    return commit.id.decode()


def _descriptor(call: Call, field: str) -> str:
    """A field of the version descriptor, in any of the ways that clients write it."""
    spellings = (f"versionDescriptor.{field}", f"versionDescriptor[{field}]", field)
    return next((call.request.args[each] for each in spellings if call.request.args.get(each)), "")


def _is_inside(name: str, folder: str) -> bool:
    return not folder or name == folder or name.startswith(f"{folder}/")


def _wants_zip(call: Call) -> bool:
    accept = call.request.headers.get("Accept", "")
    return call.request.args.get("$format", "").lower() == "zip" or "application/zip" in accept


def _file_answer(call: Call, entry: Entry) -> Response:
    answer = Response(entry.body, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(entry.path)}"
    return with_common_headers(call, answer)


def _zip_answer(call: Call, repository: Repository, pieces: Iterable[bytes]) -> Response:
    """In pieces and without a length, with the repository's root at the top level."""
    pieces = archive_faults.spoil(call, repository, pieces)
    answer = Response(pieces, content_type="application/zip")
    name = quote(repository.name)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}.zip"
    return with_common_headers(call, answer)


def _all_of(call: Call, repository: Repository, commit: str) -> Iterator[bytes]:
    if bulk := bulk_of(repository.source):
        return bulk.zip()
    git, for_unix = call.world.git, _is_for_unix(call)
    return _in_blocks(
        git.zip_of(commit, for_unix, lambda: _zip(git.entries(repository, commit), for_unix))
    )


def _is_for_unix(call: Call) -> bool:
    return call.request.args.get("zipForUnix", "").lower() == "true"


def _zip(entries: list[Entry], for_unix: bool) -> bytes:
    """Modes are kept for Unix alone; Windows knows none."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in sorted(entries):
            member = zipfile.ZipInfo(entry.path, _FIXED_TIME)
            member.create_system = _UNIX if for_unix else _WINDOWS
            member.external_attr = entry.mode << 16 if for_unix else _ORDINARY
            archive.writestr(member, entry.body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _in_blocks(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK))
