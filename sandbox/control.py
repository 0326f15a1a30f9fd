"""`/_sandbox/…`: what `sandbox.testing` offers in Python, for programs elsewhere.

Bodies are JSON both ways. An organization, token or repository that isn't there is a 404.
"""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from .azure.bulk import bulk
from .azure.model import ArchiveFault, Fault, Flaw
from .azure.world import World
from .mail.mailbox import Mailbox
from .stripe.desk import Desk
from .traffic import Traffic


def create_control(world: World, mailbox: Mailbox, desk: Desk) -> Blueprint:
    control = Blueprint("control", __name__, url_prefix="/_sandbox")
    control.register_error_handler(KeyError, _not_found)
    control.register_error_handler(ValueError, _bad_request)
    _add_start_over(control, world, mailbox, desk)
    _add_traffic(control, world)
    _add_new_tokens(control, world)
    _add_tokens(control, world)
    _add_organizations(control, world)
    _add_fleet(control, world)
    _add_names(control, world)
    _add_projects(control, world)
    _add_repositories(control, world)
    _add_mail(control, mailbox)
    return control


def _add_start_over(control: Blueprint, world: World, mailbox: Mailbox, desk: Desk) -> None:
    @control.get("/health")
    def health() -> Response:
        return jsonify(status="ok")

    @control.post("/reset")
    def reset() -> Response:
        world.reset()
        mailbox.clear()
        desk.reset()
        _traffic().reset()
        return _done()


def _add_traffic(control: Blueprint, world: World) -> None:
    @control.get("/requests")
    def requests() -> Response:
        return jsonify([asdict(each) for each in _traffic().requests])

    @control.delete("/requests")
    def clear_requests() -> Response:
        _traffic().requests.clear()
        return _done()

    @control.get("/concurrency/<organization>")
    def concurrency(organization: str) -> Response:
        return jsonify(
            highest=_traffic().max_concurrency(organization),
            busy_seconds=_traffic().busy_seconds(organization),
        )

    @control.put("/latency")
    def latency() -> Response:
        _traffic().latency = float(_body()["seconds"])
        return _done()

    @control.put("/trickle")
    def trickle() -> Response:
        world.trickle_seconds = float(_body()["seconds"])
        return _done()


def _add_tokens(control: Blueprint, world: World) -> None:
    @control.get("/tokens")
    def tokens() -> Response:
        return jsonify(
            [
                {
                    "label": sample.label,
                    "token": world.tokens.secret(sample.label),
                    "organization": sample.organization,
                    "shows": sample.shows,
                }
                for sample in world.tokens.samples.values()
            ]
        )

    @control.patch("/tokens/<label>")
    def alter_token(label: str) -> Response:
        changes: dict[str, Any] = dict(_body())
        if "flaw" in changes:
            changes["flaw"] = Flaw[changes["flaw"]] if changes["flaw"] else None
        if "scopes" in changes:
            changes["scopes"] = frozenset(changes["scopes"])
        world.tokens.alter(label, **changes)
        return _done()


def _add_new_tokens(control: Blueprint, world: World) -> None:
    @control.post("/spoil")
    def spoil() -> Response:
        body = _body()
        flaw = body.get("flaw", "REVOKED")
        world.tokens.spoil(body["token"], Flaw[flaw] if flaw else None)
        return _done()

    @control.post("/organizations/<name>/tokens")
    def issue_token(name: str) -> Response:
        body = _body()
        secret = world.tokens.issue(
            name=body.get("name", "Made by a program"),
            person=body.get("person", "technical"),
            instance_id=None if body.get("everywhere") else _instance_id(world, name),
            scopes=frozenset(body.get("scopes", ["vso.code_write"])),
            days=int(body.get("days", 90)),
        )
        return jsonify(token=secret)


def _add_organizations(control: Blueprint, world: World) -> None:
    @control.post("/organizations")
    def add_organization() -> Response:
        body = _body()
        added = world.add_organization(
            body["name"], int(body.get("repositories", 1)), int(body.get("projects", 1))
        )
        return jsonify(name=added.name, instance_id=added.instance_id)

    @control.put("/organizations/<name>/fault")
    def set_fault(name: str) -> Response:
        fault = _body()["fault"]
        world.change_organization(name, fault=Fault[fault] if fault else None)
        return _done()

    @control.put("/organizations/<name>/archive-fault")
    def set_archive_fault(name: str) -> Response:
        world.change_organization(name, **_with_archive_fault(_body()))
        return _done()

    @control.put("/organizations/<name>/failures")
    def fail_next(name: str) -> Response:
        world.fail_next(name, int(_body()["times"]))
        return _done()

    @control.delete("/organizations/<name>")
    def remove(name: str) -> Response:
        world.remove(name)
        return _done()


def _add_fleet(control: Blueprint, world: World) -> None:
    @control.post("/fleet")
    def add_fleet() -> Response:
        added = world.fleet.grow(int(_body()["count"]))
        return jsonify(added=len(added), count=world.fleet.count)

    @control.get("/fleet")
    def fleet() -> Response:
        """A page: how many there are is told by the answer to the POST."""
        first = int(request.args.get("from", 1))
        numbers = range(first, first + int(request.args.get("count", 1000)))
        return jsonify([asdict(member) for member in world.fleet.members(numbers)])


def _add_names(control: Blueprint, world: World) -> None:
    @control.post("/organizations/<name>/rename")
    def rename(name: str) -> Response:
        return jsonify(instance_id=world.rename(name, _body()["to"]).instance_id)

    @control.post("/organizations/<name>/reuse-name")
    def reuse_name(name: str) -> Response:
        follow = bool(_body().get("tokens_follow", True))
        return jsonify(instance_id=world.reuse_name(name, follow).instance_id)


def _add_projects(control: Blueprint, world: World) -> None:
    @control.patch("/organizations/<name>/projects/<project>")
    def describe_project(name: str, project: str) -> Response:
        world.describe_project(name, project, str(_body()["description"]))
        return _done()


def _add_repositories(control: Blueprint, world: World) -> None:
    @control.post("/organizations/<name>/repositories")
    def add_repository(name: str) -> Response:
        body = _body()
        if wanted := body.get("generate"):
            made = bulk(int(wanted["files"]), int(wanted["lines"]))
            added = world.add_bulk(name, body["project"], body["name"], made)
            return jsonify(id=added.id, code=made.code)
        files = _encoded(body.get("files", {}))
        added = world.add_repository(name, body["project"], body["name"], files)
        return jsonify(id=added.id)

    @control.patch("/organizations/<name>/repositories/<repository>")
    def change_repository(name: str, repository: str) -> Response:
        world.change_repository(name, repository, **_with_archive_fault(_body()))
        return _done()

    @control.delete("/organizations/<name>/repositories/<repository>")
    def remove_repository(name: str, repository: str) -> Response:
        world.remove_repository(name, repository)
        return _done()

    @control.post("/organizations/<name>/repositories/<repository>/commits")
    def commit(name: str, repository: str) -> Response:
        body = _body()
        made = world.commit(name, repository, _encoded(body["files"]), body.get("branch"))
        return jsonify(commit=made)


def _add_mail(control: Blueprint, mailbox: Mailbox) -> None:
    @control.get("/mail")
    def mail() -> Response:
        """Newest first."""
        return jsonify(
            [
                {
                    "id": each.id,
                    "from": each.sender,
                    "to": list(each.to),
                    "subject": each.subject,
                    "text": each.text,
                    "html": each.html,
                }
                for each in mailbox.newest_first()
            ]
        )

    @control.delete("/mail")
    def clear_mail() -> Response:
        mailbox.clear()
        return _done()


def _traffic() -> Traffic:
    traffic: Traffic = current_app.extensions["traffic"]
    return traffic


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}


def _instance_id(world: World, name: str) -> str:
    organization = world.organization(name)
    if organization is None:
        raise KeyError(name)
    return organization.instance_id


def _with_archive_fault(changes: dict[str, Any]) -> dict[str, Any]:
    if "archive_fault" not in changes:
        return changes
    return changes | {"archive_fault": ArchiveFault[changes["archive_fault"] or "NONE"]}


def _encoded(files: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def _done() -> Response:
    return jsonify(done=True)


def _not_found(error: KeyError) -> tuple[Response, int]:
    return jsonify(error=f"There is no {error.args[0]!r}, or the body lacks it."), 404


def _bad_request(error: ValueError) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400
