"""Who has which access level. The only list here that pages by a token in its body."""

import re
from datetime import UTC, datetime, timedelta

from flask import Response

from sandbox.azure.call import Call, Host, json_answer
from sandbox.azure.ids import TENANT_ID, guid, person_id, subject_descriptor
from sandbox.azure.model import Person
from sandbox.azure.paging import number_in_query, page_size
from sandbox.azure.people import PEOPLE
from sandbox.azure.refusals import Refusal, invalid_argument
from sandbox.azure.routing import route

_SCOPE = "vso.memberentitlementmanagement"
_PAGE = 100
_NEVER = "0001-01-01T00:00:00Z"
_LICENSES = {"express": "Basic", "stakeholder": "Stakeholder", "advanced": "Basic + Test Plans"}


@route("GET", "_apis/userentitlements", _SCOPE, host=Host.ENTITLEMENTS)
def list_entitlements(call: Call) -> Response:
    """`$filter` knows `name eq '…'` and `licenseId eq 'Account-…'`, joined by `and`."""
    members = [each for each in members_of(call) if _matches(call, each)]
    start = number_in_query(call, "continuationToken", 0)
    size = page_size(call, "top", page_size(call, "$top", _PAGE))
    page = members[start : start + size]
    more = start + len(page) < len(members)
    rows = [_entitlement(call, each) for each in page]
    return json_answer(
        call,
        {
            "members": rows,
            "continuationToken": str(start + len(page)) if more else "",
            "totalCount": len(members),
            "items": rows,
        },
    )


@route("GET", "_apis/userentitlements/(?P<user>[^/]+)", _SCOPE, host=Host.ENTITLEMENTS)
def get_entitlement(call: Call, user: str) -> Response:
    for member in members_of(call):
        if person_id(member) == user.lower():
            return json_answer(call, _entitlement(call, member))
    raise Refusal(
        404,
        f"User with id {user} was not found.",
        "Microsoft.VisualStudio.Services.MemberEntitlementManagement.MemberNotFoundException",
    )


def members_of(call: Call) -> list[Person]:
    named = [person for person in PEOPLE.values() if person.member]
    generated = [
        Person(f"hand-{n}", f"Deckhand {n:03}", f"deckhand.{n:03}@example.com")
        for n in range(1, call.organization.extra_members + 1)
    ]
    return named + generated


def _matches(call: Call, person: Person) -> bool:
    expression = call.request.args.get("$filter") or call.request.args.get("filter") or ""
    for clause in re.split(r"\s+and\s+", expression) if expression else []:
        match = re.fullmatch(r"(\w+)\s+eq\s+'(.*)'", clause.strip())
        if not match:
            raise invalid_argument(f"The filter '{expression}' is not valid.")
        if not _matches_clause(person, match[1].lower(), match[2].lower()):
            return False
    return True


def _matches_clause(person: Person, field: str, value: str) -> bool:
    if field == "name":
        return value in person.name.lower() or value in person.account
    if field == "licenseid":
        return value.removeprefix("account-") == person.access_level
    return True


def _entitlement(call: Call, person: Person) -> dict[str, object]:
    # The newcomer was invited and has not come yet.
    pending = person.key == "newcomer"
    return {
        "id": person_id(person),
        "user": graph_user(call, person),
        "accessLevel": {
            "licensingSource": "account",
            "accountLicenseType": person.access_level,
            "msdnLicenseType": "none",
            "gitHubLicenseType": "none",
            "licenseDisplayName": _LICENSES[person.access_level],
            "status": "pending" if pending else "active",
            "statusMessage": "",
            "assignmentSource": "unknown",
        },
        "lastAccessedDate": _NEVER if pending else _last_access(call, person),
        "dateCreated": "2025-06-02T08:54:16.4174545Z",
        "projectEntitlements": [],
        "extensions": [],
        "groupAssignments": [],
    }


def _last_access(call: Call, person: Person) -> str:
    """Yesterday, unless somebody said otherwise."""
    days = call.world.days_away.get(person.key, 1)
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%S}.8166247Z"


def graph_user(call: Call, person: Person) -> dict[str, object]:
    backing = call.organization.backing
    descriptor = subject_descriptor(person, backing)
    graph = f"{call.identity_home}/_apis/Graph"
    parts = {"self": "Users", "memberships": "Memberships", "storageKey": "StorageKeys"}
    return {
        "subjectKind": "user",
        "metaType": "member",
        "domain": TENANT_ID if backing == "aad" else "Windows Live ID",
        "principalName": person.account,
        "mailAddress": person.account,
        "origin": backing,
        "originId": guid("origin", person.account),
        "displayName": person.name,
        "_links": {name: {"href": f"{graph}/{part}/{descriptor}"} for name, part in parts.items()},
        "url": f"{graph}/Users/{descriptor}",
        "descriptor": descriptor,
    }
