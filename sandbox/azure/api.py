"""From a request to its answer: `answer` is what the web server calls."""

import json
import uuid

from flask import Request, Response
from werkzeug.exceptions import InternalServerError

from . import endpoints, faults, refusals
from .call import Call, Host
from .endpoints.identity import profile_of
from .gate import authenticate, not_recognised, require_scope, secret_in
from .refusals import Page, Refusal, Silence
from .routing import find_route
from .versions import negotiate
from .world import World

_HOSTS = {"vssps": Host.IDENTITY, "vsaex": Host.ENTITLEMENTS}
_NO_ORGANIZATION = "<!DOCTYPE html><html><head><title>The resource cannot be found.</title></head><body><h1>404</h1><p>The resource cannot be found.</p></body></html>"  # noqa: E501  # one line on the wire

# Importing the endpoints fills the routing table; naming them keeps the import honest.
AREAS = endpoints.__all__


def answer(world: World, request: Request, path: str) -> Response:
    """Answer a request to `path`, which is everything after the base address.

    `vssps/…` and `vsaex/…` are the two services that have hosts of their own.
    """
    first, _, rest = path.partition("/")
    host = _HOSTS.get(first.lower(), Host.CORE)
    name, _, rest = rest.partition("/") if host is not Host.CORE else (first, "", rest)
    organization = world.organization(name)
    if organization is None:
        return _without_organization(world, request, host, path)
    call = Call(world, host, organization, rest, request)
    return faults.before(call) or faults.after(call, _answer(call))


def _answer(call: Call) -> Response:
    try:
        return _dispatch(call)
    except (Refusal, Silence, Page) as refused:
        return _as_the_caller_sees_it(call, refused).answer(call)


def _dispatch(call: Call) -> Response:
    found = find_route(call)
    authenticate(call, anonymous_allowed=bool(found and found[0].anonymous))
    if not found:
        raise faults.no_controller(call)
    route, named = found
    # Git has no api-version; everything else negotiates one.
    if not call.is_git:
        call.api_version = negotiate(call, route)
    require_scope(call, route.scopes)
    faults.at_route(call)
    return route.handler(call, **named)


def _as_the_caller_sees_it(
    call: Call, refused: Refusal | Silence | Page
) -> Refusal | Silence | Page:
    """What is hidden from a stranger asks them to sign in, rather than to look elsewhere."""
    hidden = isinstance(refused, Refusal | Page) and refused.status == 404
    return not_recognised(call) if hidden and call.token is None else refused


def internal_error(_error: InternalServerError) -> Response:
    """The answer to a mistake of the sandbox itself, in the service's words."""
    activity_id = str(uuid.uuid4())
    envelope = refusals.internal_error(activity_id).envelope()
    headers = {"ActivityId": activity_id, "X-VSS-E2EID": activity_id}
    return Response(json.dumps(envelope), 500, headers, content_type="application/json")


def _without_organization(world: World, request: Request, host: Host, path: str) -> Response:
    """404, save on the host that also answers without an organization.

    Measured: there, a token made for one organization gets an empty 401.
    """
    if host is not Host.IDENTITY or not path.lower().startswith("vssps/_apis/"):
        return Response(_NO_ORGANIZATION, 404, content_type="text/html; charset=utf-8")
    token = world.tokens.recognise(secret_in(request.headers.get("Authorization", "")))
    is_global = token is not None and token.instance_id is None and token.flaw is None
    if token and is_global and path.lower() == "vssps/_apis/profile/profiles/me":
        return Response(json.dumps(profile_of(token.person)), content_type="application/json")
    challenge = {"WWW-Authenticate": f'Basic realm="{host}"', "Content-Length": "0"}
    silent = Response(status=401, headers=challenge)
    del silent.headers["Content-Type"]
    return silent
