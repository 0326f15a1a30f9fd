"""Projects: the list, which is the only one here that pages by header, and one."""

from urllib.parse import quote

from flask import Response

from sandbox.azure.call import Call, json_answer, listing
from sandbox.azure.ids import guid, is_guid
from sandbox.azure.missing import project_id_not_found, project_not_found
from sandbox.azure.model import Project
from sandbox.azure.paging import number_in_query, page_size
from sandbox.azure.routing import route

_DEFAULT_PAGE = 100
_SCOPES = ("vso.profile", "vso.project")


@route("GET", "_apis/projects", *_SCOPES, anonymous=True)
def list_projects(call: Call) -> Response:
    """`$top` and `$skip`, or the token of the last answer, which counts what was fetched.

    The header with the next token is absent on the last page.
    """
    state = call.request.args.get("stateFilter", "wellFormed").lower()
    wanted = [p for p in call.projects() if state in ("all", p.state.lower())]
    top = page_size(call, "$top", _DEFAULT_PAGE)
    start = number_in_query(call, "continuationToken", number_in_query(call, "$skip", 0))
    page = wanted[start : start + top]
    fetched = start + len(page)
    headers = {"x-ms-continuationtoken": str(fetched)} if fetched < len(wanted) else None
    return listing(call, [project_reference(call, each) for each in page], headers)


@route("GET", "_apis/projects/(?P<project>[^/]+)", *_SCOPES, anonymous=True)
def get_project(call: Call, project: str) -> Response:
    found = visible_project(call, project)
    url = f"{call.home}/_apis/projects/{found.id}"
    body = project_reference(call, found) | {
        "_links": {
            "self": {"href": url},
            "collection": {
                "href": f"{call.home}/_apis/projectCollections/{call.organization.instance_id}"
            },
            "web": {"href": f"{call.home}/{quote(found.name)}"},
        },
        "defaultTeam": _default_team(found, url),
    }
    if call.request.args.get("includeCapabilities", "").lower() == "true":
        body["capabilities"] = {
            "processTemplate": {"templateName": "Agile"},
            "versioncontrol": {"sourceControlType": "Git", "gitEnabled": "True"},
        }
    return json_answer(call, body)


def project_reference(call: Call, project: Project) -> dict[str, object]:
    reference: dict[str, object] = {
        "id": project.id,
        "name": project.name,
        "url": f"{call.home}/_apis/projects/{project.id}",
        "state": project.state,
        "revision": 20 + len(project.repositories),
        "visibility": project.visibility,
        "lastUpdateTime": "2026-01-05T08:00:00.28Z",
    }
    if project.description:
        reference["description"] = project.description
    return reference


def visible_project(call: Call, name: str) -> Project:
    """By name or id. Absent and forbidden can't be told apart: both raise a 404."""
    for project in call.projects():
        if name.lower() in (project.name.lower(), project.id):
            return project
    raise project_id_not_found(name) if is_guid(name) else project_not_found(name)


def _default_team(project: Project, url: str) -> dict[str, object]:
    team = guid("team", project.id)
    return {"id": team, "name": f"{project.name} Team", "url": f"{url}/teams/{team}"}
