"""Who calls the API, and what their token allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, User, digest_of
from accounts.operations import note_use

if TYPE_CHECKING:
    # Its module reads the setting that names this one.
    from rest_framework.views import APIView


class TokenExpired(exceptions.AuthenticationFailed):
    """Told apart from a wrong token, so that a pipeline's log says what to do."""

    default_code = "token-expired"
    default_detail = "This API token has expired. Make a new one in your settings."


class ApiTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer moor_…`"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = ApiToken.objects.select_related("user").filter(digest=digest_of(secret)).first()
        if token is None or not token.user.is_active:
            raise exceptions.AuthenticationFailed(
                "This API token is not known. It may have been revoked.", "token-unknown"
            )
        if token.has_expired:
            raise TokenExpired
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Mooring"'


class HasScope(BasePermission):
    """A view names the scope of each method: `scopes = {"GET": Scope.ORGANIZATIONS_READ}`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            return False
        method = "GET" if request.method == "HEAD" else str(request.method)
        if not hasattr(view, method.lower()):
            return True  # and is answered that there is no such method
        needed = getattr(view, "scopes", {}).get(method)
        if needed in request.auth.scopes:
            return True
        self.message = f"This API token lacks the scope {needed}."
        self.code = "scope-missing"
        return False


class ApiTokenScheme(OpenApiAuthenticationExtension):
    target_class = ApiTokenAuthentication
    name = "apiToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "moor_…"}
