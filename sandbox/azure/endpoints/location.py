"""Who am I, and where is everything: connectionData, `OPTIONS _apis`, ResourceAreas.

None of them needs a scope, so they tell a missing scope from a dead token.
"""

import re

from flask import Response

from sandbox.azure.call import Call, Host, json_answer, listing
from sandbox.azure.ids import ANONYMOUS_ID, TENANT_ID, person_id, subject_descriptor
from sandbox.azure.locations import AREAS, LOCATIONS
from sandbox.azure.people import ANONYMOUS
from sandbox.azure.routing import PREVIEW_ONLY, route

# One deployment serves every organization, so a client must never tell them apart by
# it; neither by the owner of the service, which is the same everywhere.
_SERVICE_OWNER = "00025394-6065-48ca-87d9-7f5672854ef7"
_INCLUDE_LAST_ACCESS = 2
_CONNECT_OPTIONS = {
    "none": 0,
    "includeservices": 1,
    "includelastuseraccess": _INCLUDE_LAST_ACCESS,
    "includeinheriteddefinitionsonly": 4,
    "includenoninheriteddefinitionsonly": 8,
}


@route("GET", "_apis/connectionData", released=PREVIEW_ONLY, anonymous=True)
def connection_data(call: Call) -> Response:
    """200 even to a stranger where there is a public project; the id then says so."""
    change = 424_000_000 + len(call.organization.projects)
    body: dict[str, object] = {
        "authenticatedUser": _identity(call),
        "authorizedUser": _identity(call),
        "instanceId": call.organization.instance_id,
        "deploymentId": call.host.deployment_id,
        "deploymentType": "hosted",
        "locationServiceData": {
            "serviceOwner": _SERVICE_OWNER,
            "defaultAccessMappingMoniker": "PublicAccessMapping",
            "lastChangeId": change,
            "lastChangeId64": change,
        },
    }
    if _connect_options(call) & _INCLUDE_LAST_ACCESS:
        body["lastUserAccess"] = "2026-01-05T08:00:00Z"
    return json_answer(call, body)


@route("OPTIONS", "_apis")
def resource_locations(call: Call) -> Response:
    """The routes served here, as recorded; the real one lists some 770."""
    rows = [each._asdict() for each in LOCATIONS]
    return json_answer(call, {"value": rows, "count": len(rows)})


@route("GET", "_apis/ResourceAreas(?:/(?P<area>[^/]+))?", released=PREVIEW_ONLY)
def resource_areas(call: Call, area: str = "") -> Response:
    rows = {
        area_id: {"id": area_id, "name": name, "locationUrl": f"{_home(call, host)}/"}
        for area_id, (name, host) in AREAS.items()
    }
    if not area:
        return listing(call, list(rows.values()))
    # The service's SDKs take null for an area that isn't there.
    return json_answer(call, rows.get(area.lower()))


def _home(call: Call, host: Host) -> str:
    part = {Host.IDENTITY: "/vssps", Host.ENTITLEMENTS: "/vsaex"}.get(host, "")
    return f"{call.base}{part}/{call.organization.name}"


def _connect_options(call: Call) -> int:
    """A bit field: a number, or names with commas between them."""
    total = 0
    for each in call.request.args.get("connectOptions", "").lower().split(","):
        option = each.strip()
        is_number = re.fullmatch("[0-9]{1,9}", option)
        total |= int(option) if is_number else _CONNECT_OPTIONS.get(option, 0)
    return total


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
