"""Who is asking, and whether they may: the checks in the order the service makes them."""

import base64
import re
from datetime import UTC, datetime

from .call import Call
from .ids import TENANT_ID
from .model import Fault, Flaw, Token
from .refusals import (
    Page,
    Refusal,
    Silence,
    bad_bearer,
    service_error,
    sign_in_url,
    unauthorized,
)

_EXPIRED = "Access Denied: The Personal Access Token used has expired."
_GLOBAL_BLOCKED = (
    "The organization's security policy prohibits access by global Personal Access Token (PAT) "
    "unless you are on an allowlist. Contact your organization administrator to be included on "
    "the allowlist."
)
# What a scope brings with it (documented), besides itself.
_IMPLIED = {
    "vso.code_manage": "vso.code_write",
    "vso.code_write": "vso.code",
    "vso.code": "vso.hooks_write",
    "vso.hooks_write": "vso.hooks",
    "vso.hooks": "vso.profile",
    "vso.project_write": "vso.project",
    "vso.project_manage": "vso.project_write",
    "vso.memberentitlementmanagement_write": "vso.memberentitlementmanagement",
    "vso.graph_manage": "vso.graph",
}
# Token administration is for Microsoft Entra sign-ins only: no token reaches it.
_NEVER = "vso.pats"


def authenticate(call: Call, anonymous_allowed: bool) -> None:
    """Put the caller on the call, or raise what the service would answer.

    A stranger may pass where `anonymous_allowed` and the organization has a public
    project; the call then stays anonymous.
    """
    header = call.request.headers.get("Authorization", "")
    if header.lower().startswith("bearer "):
        raise bad_bearer(call)
    token = call.world.tokens.recognise(secret_in(header))
    if token is None or token.flaw is Flaw.NEVER_ISSUED:
        if anonymous_allowed and call.organization.has_public_project:
            return
        raise not_recognised(call)
    _check_token(call, token)
    _check_policies(call, token)
    call.token, call.person = token, token.person
    if not token.person.member:
        raise unauthorized(call, user=f"{TENANT_ID}\\{token.person.account}")


def require_scope(call: Call, any_of: tuple[str, ...]) -> None:
    """Raise the empty 401 unless the token has one of the scopes. None are needed if empty."""
    if any_of and call.token and not any(covers(call.token.scopes, each) for each in any_of):
        raise Silence


def covers(scopes: frozenset[str], needed: str) -> bool:
    if needed == _NEVER:
        return False
    if "app_token" in scopes or needed in scopes:
        return True
    return any(covers(frozenset({_IMPLIED[each]}), needed) for each in scopes if each in _IMPLIED)


def secret_in(header: str) -> str:
    """The password of a Basic header; the user name is ignored, and may be empty."""
    match = re.fullmatch(r"(?i)basic\s+(\S+)", header)
    if not match:
        return ""
    try:
        decoded = base64.b64decode(match[1], validate=True).decode()
    except ValueError:  # no base64, or no text in it
        return ""
    return decoded.partition(":")[2]


def not_recognised(call: Call) -> Refusal | Page:
    """401 for those who asked not to be redirected, a sign-in page for the others."""
    suppressed = call.request.headers.get("X-TFS-FedAuthRedirect", "").lower() == "suppress"
    browses = call.request.method in ("GET", "HEAD", "POST") and not call.is_git
    if suppressed or not browses:
        return unauthorized(call)
    location = sign_in_url(call)
    moved = (
        "<html><head><title>Object moved</title></head><body><h2>Object moved</h2></body></html>"
    )
    return Page(302, moved, "text/html; charset=utf-8", [("Location", location)])


def _check_token(call: Call, token: Token) -> None:
    if token.flaw in (Flaw.REVOKED, Flaw.INACTIVE, Flaw.EXPIRED_EMPTY):
        raise Silence
    if token.flaw is Flaw.EXPIRED_JSON:
        raise _expired_json(call)
    if token.flaw is Flaw.EXPIRED_HEADER or token.expires_at <= datetime.now(UTC):
        raise _explained(call, _EXPIRED, "Access denied")
    # Nobody has published the answer to a token of another organization. It is not
    # valid on this host, and so most likely gets what a revoked one gets.
    if token.instance_id not in (None, call.organization.instance_id):
        raise Silence
    if token.flaw is Flaw.TERMS_NOT_ACCEPTED:
        raise _terms_not_accepted(call, token)


def _check_policies(call: Call, token: Token) -> None:
    fault = call.organization.fault
    if fault is Fault.BLOCKS_GLOBAL_TOKENS and token.instance_id is None:
        raise _explained(
            call, _GLOBAL_BLOCKED, "The organization&#39;s security policy prohibits access"
        )
    if fault is Fault.CONDITIONAL_ACCESS:
        raise Refusal(
            403,
            "VS403463: The conditional access policy defined by your Azure Active Directory "
            "administrator has failed.",
            "Microsoft.VisualStudio.Services.Identity.ConditionalAccessPolicyException",
        )


def _explained(call: Call, message: str, title: str) -> Page:
    """401 HTML whose reason stands in a header as well."""
    body = (
        f"<!DOCTYPE html ><html><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>{message}</p></body></html>"
    )
    challenge = ("WWW-Authenticate", f'Basic realm="{call.host}"')
    return Page(401, body, "text/html", [challenge, service_error(message)])


def _expired_json(call: Call) -> Refusal:
    nothing = {
        "Descriptor": None,
        "IdentityDisplayName": None,
        "Token": None,
        "RequestedPermissions": 0,
        "NamespaceId": "00000000-0000-0000-0000-000000000000",
    }
    return Refusal(
        401,
        _EXPIRED,
        "Microsoft.VisualStudio.Services.Security.AccessCheckException",
        headers=[("WWW-Authenticate", f'Basic realm="{call.host}"')],
        extra=(("customProperties", nothing),),
        assembly="Microsoft.VisualStudio.Services.WebApi",
    )


def _terms_not_accepted(call: Call, token: Token) -> Refusal:
    message = (
        f"TF401444: Please sign-in at least once as {TENANT_ID}\\{token.person.account} in a web "
        "browser to enable access to the service."
    )
    return Refusal(
        401,
        message,
        "Microsoft.TeamFoundation.Framework.Server.UnauthorizedRequestException",
        headers=[("WWW-Authenticate", f'Basic realm="{call.host}"'), service_error(message)],
    )
