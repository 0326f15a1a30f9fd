"""Files: one, a list of them, or a whole branch as a zip."""

import io
import zipfile
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

from sandbox.azure.call import Call, listing, with_common_headers
from sandbox.azure.missing import no_such_item, no_such_version
from sandbox.azure.model import Repository
from sandbox.azure.routing import route
from sandbox.azure.sources import Files

from .repositories import REPOSITORY, open_repository, repository_url

_BLOCK = 64 * 1024
_FIXED_TIME = (2026, 1, 1, 9, 0, 0)


@route("GET", rf"{REPOSITORY}/items(?:/(?P<path>.+))?", "vso.code", anonymous=True)
def get_items(call: Call, repository: str, project: str = "", path: str = "") -> Response:
    """A zip when asked for by `$format` or `Accept`; else a file, or a list of them."""
    owner, found = open_repository(call, repository, project)
    arguments = call.request.args
    commit = _commit(call, found)
    files = call.world.git.files(found, commit)
    wanted = (path or arguments.get("path") or arguments.get("scopePath") or "/").strip("/")
    inside = {name: body for name, body in files.items() if _is_inside(name, wanted)}
    if not inside:
        raise no_such_item(f"/{wanted}", found.name, commit)
    if _wants_zip(call):
        return _zip_answer(call, inside, found.name)
    if wanted in files and "recursionLevel" not in arguments:
        return _file_answer(call, wanted, files[wanted])
    url = repository_url(call, owner, found)
    rows = [
        {"path": f"/{name}", "gitObjectType": "blob", "commitId": commit,
         "url": f"{url}/items/{quote(name)}"}
        for name in sorted(inside)
    ]  # fmt: skip
    return listing(call, list(rows))


@route("GET", rf"{REPOSITORY}/trees/(?P<tree>[0-9a-f]{{40}})", "vso.code", anonymous=True)
def get_tree(call: Call, repository: str, tree: str, project: str = "") -> Response:
    """A tree (or the tree of a commit) as a zip; its listing is not served."""
    _, found = open_repository(call, repository, project)
    if tree.encode() not in call.world.git.open(found):
        raise no_such_item(tree, found.name, tree)
    return _zip_answer(call, call.world.git.files(found, tree), found.name)


def _commit(call: Call, repository: Repository) -> str:
    """The commit that `versionDescriptor` names: a branch, or a commit by its id."""
    arguments = call.request.args
    version = (
        arguments.get("versionDescriptor.version")
        or arguments.get("versionDescriptor[version]")
        or arguments.get("version")
        or repository.default_branch
    )
    if arguments.get("versionDescriptor.versionType", "branch").lower() == "commit":
        return _existing(call, repository, version)
    branches = call.world.git.branches(repository)
    name = version.removeprefix("refs/heads/")
    if f"refs/heads/{name}" not in branches:
        raise no_such_version(version, repository.name)
    return branches[f"refs/heads/{name}"]


def _existing(call: Call, repository: Repository, commit: str) -> str:
    if len(commit) != 40 or commit.encode() not in call.world.git.open(repository):
        raise no_such_version(commit, repository.name)
    return commit


def _is_inside(name: str, folder: str) -> bool:
    return not folder or name == folder or name.startswith(f"{folder}/")


def _wants_zip(call: Call) -> bool:
    accept = call.request.headers.get("Accept", "")
    return call.request.args.get("$format", "").lower() == "zip" or "application/zip" in accept


def _file_answer(call: Call, path: str, body: bytes) -> Response:
    answer = Response(body, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(path)}"
    return with_common_headers(call, answer)


def _zip_answer(call: Call, files: Files, name: str) -> Response:
    """In pieces and without a length, with the repository's root at the top level."""
    data = _zip(files)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(data), _BLOCK):
            yield data[start : start + _BLOCK]

    answer = Response(pieces(), content_type="application/zip")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.zip"
    return with_common_headers(call, answer)


def _zip(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _FIXED_TIME), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
