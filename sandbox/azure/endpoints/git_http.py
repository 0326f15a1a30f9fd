"""Git's smart HTTP protocol: clone and fetch for readers, push for contributors."""

from collections.abc import Callable, Iterable
from typing import Any

from dulwich.repo import MemoryRepo
from dulwich.server import Backend, ReceivePackHandler, UploadPackHandler
from dulwich.web import make_wsgi_chain
from flask import Response
from werkzeug.test import run_wsgi_app

from sandbox.azure.call import Call, with_common_headers
from sandbox.azure.gate import require_scope
from sandbox.azure.ids import person_id
from sandbox.azure.model import Repository
from sandbox.azure.refusals import Page, Refusal, contribute_message
from sandbox.azure.routing import IN_PROJECT, route

from .repositories import open_repository

_REPOSITORY = rf"{IN_PROJECT}_git/(?P<repository>[^/]+)"


class _OneRepository(Backend):
    """What dulwich asks for a repository: always the one of this request."""

    def __init__(self, repo: MemoryRepo) -> None:
        self._repo = repo

    def open_repository(self, path: str) -> Any:
        return self._repo


class _UploadPack(UploadPackHandler):
    """Without partial clones: dulwich would fail the fetch of what was left out."""

    def capabilities(self) -> list[bytes]:
        return [each for each in super().capabilities() if each != b"filter"]

    def set_client_capabilities(self, caps: Iterable[bytes]) -> None:
        # Git asks for it even where it has just warned that it can't be had.
        super().set_client_capabilities([each for each in caps if each != b"filter"])


_HANDLERS: dict[bytes, Callable[..., Any]] = {
    b"git-upload-pack": _UploadPack,
    b"git-receive-pack": ReceivePackHandler,
}


@route("GET", rf"{_REPOSITORY}/info/refs", "vso.code", anonymous=True)
def advertise(call: Call, repository: str, project: str = "") -> Response:
    """The ACL is checked here already; a missing write scope shows at the push."""
    found = _open(call, repository, project)
    if call.request.args.get("service") == "git-receive-pack" and not call.person.contributes:
        return _may_not_push(call)
    return _serve(call, found, "/info/refs")


@route("POST", rf"{_REPOSITORY}/git-upload-pack", "vso.code", anonymous=True)
def fetch(call: Call, repository: str, project: str = "") -> Response:
    return _serve(call, _open(call, repository, project), "/git-upload-pack")


@route("POST", rf"{_REPOSITORY}/git-receive-pack", "vso.code_write")
def push(call: Call, repository: str, project: str = "") -> Response:
    found = _open(call, repository, project)
    if not call.person.contributes:
        return _may_not_push(call)
    require_scope(call, ("vso.code_write",))
    return _serve(call, found, "/git-receive-pack")


def _open(call: Call, repository: str, project: str) -> Repository:
    """The repository, or a refusal in text: git shows the body to its user."""
    try:
        # A path without a project means the project of the same name.
        return open_repository(call, repository, project or repository)[1]
    except Refusal as refused:
        raise Page(refused.status, refused.message, "text/plain; charset=utf-8") from None


def _serve(call: Call, repository: Repository, path: str) -> Response:
    repo = call.world.git.open(repository)
    environ = dict(call.request.environ, PATH_INFO=path, SCRIPT_NAME="")
    application = make_wsgi_chain(_OneRepository(repo), handlers=_HANDLERS)
    body, status, headers = run_wsgi_app(application, environ)
    return with_common_headers(call, Response(body, status, headers))


def _may_not_push(call: Call) -> Response:
    """403 with the reason in git's own framing, where its user can read it."""
    message = contribute_message(person_id(call.person))
    body = f"001f# service=git-receive-pack\n00000000{len(message) + 4:04x}{message}"
    answer = Response(body, 403, content_type="application/x-git-receive-pack-advertisement")
    return with_common_headers(call, answer)
