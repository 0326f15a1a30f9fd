"""The identity service (profile, graph), and areas a Code token may not enter."""

from typing import Any

from flask import Response

from sandbox.azure.call import Call, Host, json_answer, listing
from sandbox.azure.faults import no_controller
from sandbox.azure.ids import person_id
from sandbox.azure.model import Person
from sandbox.azure.routing import IN_PROJECT, route

from .entitlements import graph_user, members_of


@route("GET", "_apis/profile/profiles/me", "vso.profile", host=Host.IDENTITY)
def my_profile(call: Call) -> Response:
    return json_answer(call, profile_of(call.person))


def profile_of(person: Person) -> dict[str, Any]:
    me = person_id(person)
    return {
        "displayName": person.name,
        "publicAlias": me,
        "emailAddress": person.account,
        "coreRevision": 1647,
        "timeStamp": "2026-01-05T08:00:00.727+00:00",
        "id": me,
        "revision": 1647,
    }


@route("GET", "_apis/graph/users", "vso.graph", host=Host.IDENTITY)
def graph_users(call: Call) -> Response:
    return listing(call, [graph_user(call, each) for each in members_of(call)])


@route("GET", "_apis/graph/.+", "vso.graph", host=Host.IDENTITY)
@route("GET", "_apis/identities", "vso.identity", host=Host.IDENTITY)
@route("GET", "_apis/tokens/pats", "vso.pats", host=Host.IDENTITY)
@route("GET", rf"{IN_PROJECT}_apis/distributedtask/(?:pools|queues)", "vso.agentpools")
@route("GET", "_apis/hooks/subscriptions", "vso.work", "vso.build", "vso.code")
def nothing(call: Call, **_named: str) -> Response:
    """There for the answer to a token without the scope; with it, the list is empty."""
    return listing(call, [])


@route(
    "PATCH",
    "_apis/userentitlements(?:/[^/]+)?",
    "vso.memberentitlementmanagement_write",
    host=Host.ENTITLEMENTS,
)
@route("PATCH", "_apis/Settings/Entries/.+", "vso.settings_write")
@route("DELETE", "_apis/Settings/Entries/.+", "vso.settings_write")
def not_served(call: Call) -> Response:
    """There for the same answer; with the scope, nobody is told that anything was changed."""
    raise no_controller(call)
