"""Git's smart HTTP protocol: clone and fetch for readers, push for contributors."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dulwich.errors import GitProtocolError
from dulwich.objects import ObjectID
from dulwich.refs import Ref
from dulwich.repo import MemoryRepo
from dulwich.server import Backend, ReceivePackHandler, UploadPackHandler
from dulwich.web import make_wsgi_chain
from flask import Response
from werkzeug.test import run_wsgi_app

from sandbox.azure.call import Call, with_common_headers
from sandbox.azure.gate import require_scope
from sandbox.azure.git_rules import why_not
from sandbox.azure.git_store import ancestors
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


class _AnyCommit:
    """A repository that gives out every commit of its branches by its id, and not their tips
    alone. Seen in the log of a build: the service does.
    """

    def __init__(self, repo: MemoryRepo) -> None:
        self._repo = repo

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repo, name)

    def find_missing_objects(
        self, determine_wants: Callable[..., list[ObjectID]], *more: Any, **named: Any
    ) -> Any:
        def determine(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:
            commits = {
                Ref(b"any/" + commit): ObjectID(commit)
                for name, tip in refs.items()
                if name.startswith(b"refs/heads/")
                for commit in ancestors(self._repo, tip)
            }
            return determine_wants({**refs, **commits}, depth)

        return self._repo.find_missing_objects(determine, *more, **named)


class _UploadPack(UploadPackHandler):
    """Without partial clones: dulwich would fail the fetch of what was left out."""

    repo: Any

    def handle(self) -> None:
        if not self.advertise_refs:
            self.repo = _AnyCommit(self.repo)
        super().handle()

    def capabilities(self) -> list[bytes]:
        usual = [each for each in super().capabilities() if each != b"filter"]
        return [*usual, b"allow-tip-sha1-in-want", b"allow-reachable-sha1-in-want"]

    def set_client_capabilities(self, caps: Iterable[bytes]) -> None:
        # Git asks for it even where it has just warned that it can't be had.
        super().set_client_capabilities([each for each in caps if each != b"filter"])


class _ReceivePack(ReceivePackHandler):
    """With the rules of the API, and for shallow clones too."""

    repo: Any

    def handle(self) -> None:
        if not self.advertise_refs:
            self._skip_shallow_lines()
        super().handle()

    def _skip_shallow_lines(self) -> None:
        # A shallow clone first says where its history ends. Everything older is here
        # already, so there is nothing to remember; dulwich takes the lines for commands.
        line = self.proto.read_pkt_line()
        while line and line.startswith(b"shallow "):
            line = self.proto.read_pkt_line()
        self.proto.unread_pkt_line(line)

    def _on_update(self, ref_name: Ref, old_sha: ObjectID, new_sha: ObjectID) -> bytes | None:
        refused = why_not(self.repo, ref_name, old_sha, new_sha)
        return refused.encode() if refused else None


_HANDLERS: dict[bytes, Callable[..., Any]] = {
    b"git-upload-pack": _UploadPack,
    b"git-receive-pack": _ReceivePack,
}


@route("GET", rf"{_REPOSITORY}/info/refs", "vso.code", anonymous=True)
def advertise(call: Call, repository: str, project: str = "") -> Response:
    """The ACL is checked here already; a missing write scope shows at the push."""
    found = _open(call, repository, project)
    service = call.request.args.get("service", "git-upload-pack")
    if service.encode() not in _HANDLERS:
        raise Page(403, "Unsupported service\n", "text/plain; charset=utf-8")
    if service == "git-receive-pack" and not call.person.contributes:
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
    answer = _serve(call, found, "/git-receive-pack")
    call.world.git.settle_head(found)
    return answer


def _open(call: Call, repository: str, project: str) -> Repository:
    """The repository, or a refusal in text: git shows the body to its user."""
    try:
        # A path without a project means the project of the same name.
        return open_repository(call, repository, project or repository)[1]
    except Refusal as refused:
        raise Page(refused.status, refused.message, "text/plain; charset=utf-8") from None


def _serve(call: Call, repository: Repository, path: str) -> Response:
    repo = call.world.git.open(repository, to_write=path == "/git-receive-pack")
    environ = dict(call.request.environ, PATH_INFO=path, SCRIPT_NAME="")
    application = make_wsgi_chain(_OneRepository(repo), handlers=_HANDLERS)
    try:
        body, status, headers = run_wsgi_app(application, environ)
    except GitProtocolError as error:
        if missing := re.search("wants invalid object b'([0-9a-f]+)'", str(error)):
            return _no_such_object(call, missing[1])
        raise Page(400, f"{error}\n", "text/plain; charset=utf-8") from None
    return with_common_headers(call, Response(body, status, headers))


def _no_such_object(call: Call, object_id: str) -> Response:
    """In git's framing and as if all were well, as clients show it."""
    message = f"\x03TF401035: The object '{object_id}' does not exist.\n"
    body = f"{len(message) + 4:04x}{message}"
    answer = Response(body, content_type="application/x-git-upload-pack-result")
    return with_common_headers(call, answer)


def _may_not_push(call: Call) -> Response:
    """403 with the reason in git's framing, as text: git shows its user no other kind."""
    message = contribute_message(person_id(call.person)) + "\n"
    body = f"001f# service=git-receive-pack\n00000000{len(message) + 4:04x}{message}"
    answer = Response(body, 403, content_type="text/plain; charset=utf-8")
    return with_common_headers(call, answer)
