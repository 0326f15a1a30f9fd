"""Who am I, and where is everything: connectionData, `OPTIONS _apis`, ResourceAreas.

None of them needs a scope, so they tell a missing scope from a dead token.
"""

from flask import Response

from sandbox.azure.call import Call, json_answer, listing
from sandbox.azure.ids import (
    ANONYMOUS_ID,
    DEPLOYMENT_ID,
    TENANT_ID,
    guid,
    person_id,
    subject_descriptor,
)
from sandbox.azure.people import ANONYMOUS
from sandbox.azure.routing import PREVIEW_ONLY, route

_INCLUDE_LAST_ACCESS = 2
_ROUTES = (
    ("Contribution", "HierarchyQuery", "_apis/{area}/{resource}/{scopeName}/{scopeValue}", "0.0"),
    ("core", "projects", "_apis/{resource}/{*projectId}", "7.1"),
    ("git", "repositories", "{project}/_apis/{area}/{resource}/{repositoryId}", "7.1"),
    ("git", "refs", "{project}/_apis/{area}/repositories/{repositoryId}/{resource}", "7.1"),
    ("git", "items", "{project}/_apis/{area}/repositories/{repositoryId}/{resource}", "7.1"),
    (
        "git",
        "branchStats",
        "{project}/_apis/{area}/repositories/{repositoryId}/stats/branches",
        "7.1",
    ),
    ("hooks", "Subscriptions", "_apis/{area}/{resource}/{subscriptionId}", "7.1"),
    ("Location", "ConnectionData", "_apis/{resource}", "0.0"),
    ("Location", "ResourceAreas", "_apis/{resource}/{areaId}", "0.0"),
    ("Security", "Permissions", "_apis/{resource}/{securityNamespaceId}/{permissions}", "7.1"),
    ("Security", "PermissionEvaluationBatch", "_apis/{area}/{resource}", "7.1"),
    ("Security", "SecurityNamespaces", "_apis/{resource}/{securityNamespaceId}", "7.1"),
)


@route("GET", "_apis/connectionData", released=PREVIEW_ONLY, anonymous=True)
def connection_data(call: Call) -> Response:
    """200 even to a stranger where there is a public project; the id then says so."""
    change = 424_000_000 + len(call.organization.projects)
    body: dict[str, object] = {
        "authenticatedUser": _identity(call),
        "authorizedUser": _identity(call),
        "instanceId": call.organization.instance_id,
        "deploymentId": DEPLOYMENT_ID,
        "deploymentType": "hosted",
        "locationServiceData": {
            "serviceOwner": guid("service owner"),
            "defaultAccessMappingMoniker": "PublicAccessMapping",
            "lastChangeId": change,
            "lastChangeId64": change,
        },
    }
    options = call.request.args.get("connectOptions", "0")
    if options in ("includeLastUserAccess", str(_INCLUDE_LAST_ACCESS), "3"):
        body["lastUserAccess"] = "2026-01-05T08:00:00Z"
    return json_answer(call, body)


@route("OPTIONS", "_apis")
def resource_locations(call: Call) -> Response:
    rows = [
        {
            "id": guid("route", area, resource),
            "area": area,
            "resourceName": resource,
            "routeTemplate": template,
            "resourceVersion": 1,
            "minVersion": "1.0",
            "maxVersion": "7.2",
            "releasedVersion": released,
        }
        for area, resource, template, released in _ROUTES
    ]
    return json_answer(call, {"value": rows, "count": len(rows)})


@route("GET", "_apis/ResourceAreas", released=PREVIEW_ONLY)
def resource_areas(call: Call) -> Response:
    homes = {"core": call.home, "git": call.home, "Graph": call.identity_home}
    return listing(
        call,
        [
            {"id": guid("area", name), "name": name, "locationUrl": f"{home}/"}
            for name, home in homes.items()
        ],
    )


def _identity(call: Call) -> dict[str, object]:
    person = call.person
    if person is ANONYMOUS:
        return {
            "id": ANONYMOUS_ID,
            "descriptor": f"System:PublicAccess;{ANONYMOUS_ID}",
            "subjectDescriptor": "",
            "providerDisplayName": "Anonymous",
            "isActive": True,
            "properties": {},
            "resourceVersion": 2,
            "metaTypeId": 0,
        }
    owner = TENANT_ID if call.organization.backing == "aad" else "Windows Live ID"
    return {
        "id": person_id(person),
        "descriptor": f"Microsoft.IdentityModel.Claims.ClaimsIdentity;{owner}\\{person.account}",
        "subjectDescriptor": subject_descriptor(person, call.organization.backing),
        "providerDisplayName": person.name,
        "customDisplayName": person.name,
        "isActive": True,
        "properties": {"Account": {"$type": "System.String", "$value": person.account}},
        "resourceVersion": 2,
        "metaTypeId": 0,
    }
