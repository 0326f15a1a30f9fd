"""What the service says when it says no: status, envelope and headers.

A refusal is raised wherever it is noticed, and turned into an answer in one place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Response

from .call import Call, json_answer, with_common_headers
from .ids import ANONYMOUS_ID, TENANT_ID

_NO_TENANT = "00000000-0000-0000-0000-000000000000"
_FRAMEWORK = "Microsoft.TeamFoundation.Framework.Server"
_GIT = "Microsoft.TeamFoundation.Git.Server"
_COMMON = "Microsoft.VisualStudio.Services.Common"


@dataclass
class Refusal(Exception):
    """`type_name` is the .NET type; its last word is the `typeKey` a client classifies by.

    `assembly` is where the type lives, if not in the assembly its name begins with.
    """

    status: int
    message: str
    type_name: str
    event_id: int = 3000
    headers: Sequence[tuple[str, str]] = ()
    extra: tuple[tuple[str, object], ...] = ()
    byte_order_mark: bool = False
    assembly: str = ""

    def answer(self, call: Call) -> Response:
        answer = json_answer(call, self.envelope(), self.status)
        for name, value in self.headers:
            answer.headers.add(name, value)
        if self.byte_order_mark:
            answer.set_data(b"\xef\xbb\xbf" + answer.get_data())
        return answer

    def envelope(self) -> dict[str, object]:
        namespace, _, type_key = self.type_name.rpartition(".")
        return {
            "$id": "1",
            **dict(self.extra),
            "innerException": None,
            "message": self.message,
            "typeName": f"{self.type_name}, {self.assembly or namespace}",
            "typeKey": type_key,
            "errorCode": 0,
            "eventId": self.event_id,
        }


class Silence(Exception):
    """401 without a word: a missing scope, a revoked token, an expired one sometimes.

    Recorded: no content type, no user data, one `WWW-Authenticate` with the realm of
    the service.
    """

    def answer(self, call: Call) -> Response:
        # Whoever asked, the service does not say that it knows them.
        answer = with_common_headers(call, Response(status=401))
        for name in ("Content-Type", "Cache-Control", "X-VSS-UserData"):
            answer.headers.pop(name, None)
        answer.headers["Content-Length"] = "0"
        answer.headers["WWW-Authenticate"] = f'Basic realm="{call.host}"'
        return answer


@dataclass
class Page(Exception):
    """An answer that is not JSON: text, or HTML."""

    status: int
    body: str
    content_type: str = "text/html; charset=utf-8"
    headers: Sequence[tuple[str, str]] = ()

    def answer(self, call: Call) -> Response:
        answer = Response(self.body, self.status, content_type=self.content_type)
        for name, value in self.headers:
            answer.headers.add(name, value)
        return with_common_headers(call, answer)


def service_error(message: str) -> tuple[str, str]:
    """The header that repeats a message, percent-encoded."""
    return "X-TFS-ServiceError", quote(message, safe="")


def unauthorized(call: Call, user: str = ANONYMOUS_ID) -> Refusal:
    """TF400813: nobody we know, or (when `user` is a name) nobody who is a member."""
    message = f"TF400813: The user '{user}' is not authorized to access this resource."
    anonymous = user == ANONYMOUS_ID
    challenges = [
        *([("WWW-Authenticate", f'Basic realm="{call.host}"')] if anonymous else []),
        *sign_in_challenges(call),
        # Git shows no body to its user, so for git the reason is in a header as well.
        *([service_error(message)] if call.is_git else []),
    ]
    type_name = f"{_FRAMEWORK}.UnauthorizedRequestException"
    return Refusal(401, message, type_name, headers=challenges)


def sign_in_challenges(call: Call) -> list[tuple[str, str]]:
    tenant = tenant_of(call)
    authority = f"https://login.microsoftonline.com/{tenant}"
    return [
        ("WWW-Authenticate", f"Bearer authorization_uri={authority}"),
        ("WWW-Authenticate", "TFS-Federated"),
        ("X-TFS-FedAuthRealm", str(call.host)),
        ("X-TFS-FedAuthIssuer", f"{call.home}/"),
        ("X-TFS-FedAuthRedirect", sign_in_url(call)),
        ("X-VSS-AuthenticateError", "Unauthorized"),
        ("X-VSS-AuthorizationEndpoint", f"{call.identity_home}/"),
        ("X-VSS-ResourceTenant", tenant),
    ]


def tenant_of(call: Call) -> str:
    """All zeros for an organization of personal accounts, as the real service answers."""
    return TENANT_ID if call.organization.backing == "aad" else _NO_TENANT


def sign_in_url(call: Call) -> str:
    reply_to = quote(call.request.url, safe="")
    instance = call.organization.instance_id
    return f"{call.base}/_signin?realm=dev.azure.com&reply_to={reply_to}&redirect=1&hid={instance}"


def bad_bearer(call: Call) -> Refusal:
    return Refusal(
        401,
        "TF400813: The user '' is not authorized to access this resource.",
        f"{_FRAMEWORK}.InvalidIdentityException",
        headers=sign_in_challenges(call),
        byte_order_mark=True,
    )


def may_not_contribute(identity: str) -> Refusal:
    return Refusal(403, contribute_message(identity), f"{_GIT}.GitNeedsPermissionException")


def contribute_message(identity: str) -> str:
    return (
        "TF401027: You need the Git 'GenericContribute' permission to perform this action. "
        f"Details: identity 'Build\\{identity}', scope 'repository'."
    )


def invalid_argument(message: str, name: str = "ArgumentException") -> Refusal:
    return Refusal(400, message, f"{_COMMON}.{name}", event_id=0)


def internal_error(activity_id: str) -> Refusal:
    return Refusal(
        500,
        f"TF400898: An Internal Error Occurred. Activity Id: {activity_id}.",
        f"{_COMMON}.VssServiceException",
    )
