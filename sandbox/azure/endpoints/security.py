"""What the caller may do: their permissions, not those of their token.

The bits are those of a recording; blog posts often have others.
"""

import re
from typing import Any

from flask import Response

from sandbox.azure.call import Call, json_answer, listing
from sandbox.azure.model import Project
from sandbox.azure.refusals import Refusal, Silence, invalid_argument
from sandbox.azure.routing import route

_GIT = "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
_COLLECTION = "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
_PROJECT = "52d39943-cb85-4d7f-8fa8-c6baac873819"

_GIT_READ, _GIT_CONTRIBUTORS = 2, 4 | 16 | 32 | 64 | 16384
_GENERIC_READ = 1
_NAMESPACES: dict[str, tuple[str, str, dict[int, tuple[str, str]]]] = {
    _GIT: (
        "Git Repositories",
        "/",
        {
            1: ("Administer", "Administer"),
            2: ("GenericRead", "Read"),
            4: ("GenericContribute", "Contribute"),
            8: ("ForcePush", "Force push (rewrite history, delete branches and tags)"),
            16: ("CreateBranch", "Create branch"),
            32: ("CreateTag", "Create tag"),
            16384: ("PullRequestContribute", "Contribute to pull requests"),
        },
    ),
    _COLLECTION: (
        "Collection",
        ":",
        {
            1: ("GENERIC_READ", "View collection-level information"),
            2: ("GENERIC_WRITE", "Edit collection-level information"),
            4: ("CREATE_PROJECTS", "Create new projects"),
            16: ("TRIGGER_EVENT", "Trigger events"),
        },
    ),
    _PROJECT: (
        "Project",
        ":",
        {
            1: ("GENERIC_READ", "View project-level information"),
            2: ("GENERIC_WRITE", "Edit project-level information"),
            4: ("DELETE", "Delete team project"),
        },
    ),
}


@route("GET", "_apis/permissions/(?P<namespace>[^/]+)/(?P<bits>[0-9]{1,9})")
def has_permissions(call: Call, namespace: str, bits: str) -> Response:
    """One answer for each of `tokens`, in their order; one in all when none are given."""
    _refuse_if_not_allowed_to_ask(call)
    delimiter = call.request.args.get("delimiter") or ","
    tokens = call.request.args.get("tokens", "").split(delimiter)
    return listing(call, [_allowed(call, namespace, token, int(bits)) for token in tokens])


@route("POST", "_apis/security/permissionevaluationbatch")
def evaluate_permissions(call: Call) -> Response:
    """Every evaluation comes back with its `value`."""
    _refuse_if_not_allowed_to_ask(call)
    asked = _without_case(call.request.get_json(silent=True))
    evaluations = asked.get("evaluations")
    if not isinstance(evaluations, list):
        raise invalid_argument("Value cannot be null.\r\nParameter name: evaluations")
    rows = [_evaluated(call, each) for each in evaluations]
    always = bool(asked.get("alwaysallowadministrators", False))
    return json_answer(call, {"alwaysAllowAdministrators": always, "evaluations": rows})


@route("GET", "_apis/securitynamespaces(?:/(?P<namespace>[^/]+))?")
def security_namespaces(call: Call, namespace: str = "") -> Response:
    """The three of some sixty that an importer can use."""
    wanted = [namespace.lower()] if namespace else list(_NAMESPACES)
    return listing(call, [_namespace(each) for each in wanted if each in _NAMESPACES])


def _refuse_if_not_allowed_to_ask(call: Call) -> None:
    # No scope is documented for these, and some tokens are refused all the same.
    if call.token and not call.token.asks_permissions:
        raise Silence


def _without_case(body: object) -> dict[str, Any]:
    """Keys may be written in any case. Nothing is in what is no object."""
    if not isinstance(body, dict):
        return {}
    return {str(key).lower(): value for key, value in body.items()}


def _evaluated(call: Call, evaluation: object) -> dict[str, object]:
    asked = _without_case(evaluation)
    namespace, token = str(asked.get("securitynamespaceid", "")), str(asked.get("token", ""))
    bits = asked.get("permissions")
    if not re.fullmatch("[0-9]{1,9}", str(bits)):
        raise invalid_argument("An evaluation needs permissions, which are a number.")
    return {
        "securityNamespaceId": namespace,
        "token": token,
        "permissions": int(str(bits)),
        "value": _allowed(call, namespace, token, int(str(bits))),
    }


def _allowed(call: Call, namespace: str, token: str, bits: int) -> bool:
    """Whether the caller has every one of `bits`."""
    if namespace.lower() not in _NAMESPACES:
        raise Refusal(
            404,
            f"TF400868: The security namespace {namespace} could not be found.",
            "Microsoft.VisualStudio.Services.Security.InvalidSecurityNamespaceException",
        )
    if namespace.lower() == _GIT:
        return _allowed_in_git(call, token, bits)
    if namespace.lower() == _PROJECT and not _sees_project(call, token):
        return False
    return call.person.administrator or bits == _GENERIC_READ


def _sees_project(call: Call, token: str) -> bool:
    """`$PROJECT:vstfs:///Classification/TeamProject/{project id}`; without an id, all of them."""
    wanted = token.partition("TeamProject/")[2].partition(":")[0].lower()
    return not wanted or wanted in {each.id for each in call.projects()}


def _allowed_in_git(call: Call, token: str, bits: int) -> bool:
    """`repoV2[/{project id}[/{repository id}[/refs/…]]]`."""
    project = _project_in(call, token)
    if project is not None and not call.may_read(project):
        return False
    granted = _GIT_READ
    if call.person.contributes:
        granted |= _GIT_CONTRIBUTORS
    if call.person.administrator and call.person.contributes:
        return True
    return bits & ~granted == 0


def _project_in(call: Call, token: str) -> Project | None:
    wanted = token.partition("/")[2].partition("/")[0].lower()
    return next((each for each in call.organization.projects if each.id == wanted), None)


def _namespace(namespace: str) -> dict[str, object]:
    name, separator, bits = _NAMESPACES[namespace]
    return {
        "namespaceId": namespace,
        "name": name,
        "displayName": name,
        "separatorValue": separator,
        "elementLength": -1,
        "writePermission": 8192 if namespace == _GIT else 2,
        "readPermission": 2 if namespace == _GIT else 1,
        "dataspaceCategory": "Git" if namespace == _GIT else "Default",
        "actions": [
            {"bit": bit, "name": short, "displayName": long, "namespaceId": namespace}
            for bit, (short, long) in bits.items()
        ],
        "structureValue": 1,
        "isRemotable": True,
        "systemBitMask": 0,
    }
