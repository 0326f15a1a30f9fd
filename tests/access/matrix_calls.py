"""Every call of the API: the scope it needs, and what each of the seven gets with a token that has
it. A call without a row fails, and so does a row without a call.
"""

from dataclasses import dataclass, field

from accounts.models import Scope
from tests.access.people import IN
from tests.tokens import make_token

READ, WRITE, IMPORTS = Scope.ORGANIZATIONS_READ, Scope.ORGANIZATIONS_WRITE, Scope.IMPORTS
ANALYSES, CLAIMS = Scope.ANALYSES, Scope.CLAIMS

NO_TOKEN, HIDDEN = "401 not-authenticated", "404 not-found"
OWNERS, CREATORS = "403 owners-only", "403 may-not-create-projects"

# fmt: off
#             anonymous stranger member    owner neighbour support superuser
ANYBODY =    (NO_TOKEN, IN,      IN,       IN,   IN,       IN,     IN)
OF_MEMBERS = (NO_TOKEN, HIDDEN,  IN,       IN,   HIDDEN,   HIDDEN, HIDDEN)
OF_OWNERS =  (NO_TOKEN, HIDDEN,  OWNERS,   IN,   HIDDEN,   HIDDEN, HIDDEN)
OF_CREATORS = (NO_TOKEN, HIDDEN, CREATORS, IN,   HIDDEN,   HIDDEN, HIDDEN)
# One person's alone: here it is the owner's.
OF_ONE =     (NO_TOKEN, HIDDEN,  HIDDEN,   IN,   HIDDEN,   HIDDEN, HIDDEN)
# fmt: on

IMPORT = {"organization": "contoso", "token": make_token()}
CREATE = {"key": "taken-over", "name": "Taken over", "plan": "free"}
CLAIM = {"organization": "contoso", "statement": "Nobody is left."}
EMAIL = {"email": "new@example.com"}
PROJECT = {"name": "Taken over", "key": "taken-over"}
QUOTE = {"tier": 500_000, "interval": "month"}


@dataclass(frozen=True)
class Call:
    """`where` says which things it is about, if not the harbour's own."""

    scope: str
    who: tuple
    body: dict = field(default_factory=dict)
    where: dict = field(default_factory=dict)


ONE = "/organizations/{key}"
CALLS = {
    "POST /imports": Call(IMPORTS, ANYBODY, IMPORT),
    "GET /imports/{import_id}": Call(IMPORTS, OF_ONE),
    "POST /imports/{import_id}/create": Call(IMPORTS, OF_ONE, CREATE),
    "GET /key-availability": Call(IMPORTS, ANYBODY),
    "GET /claims": Call(CLAIMS, ANYBODY),
    "POST /claims": Call(CLAIMS, ANYBODY, CLAIM),
    "GET /claims/{claim_id}": Call(CLAIMS, OF_ONE),
    "POST /claims/{claim_id}/evidence": Call(CLAIMS, OF_ONE, {"kind": "nonce"}),
    "POST /claims/{claim_id}/withdraw": Call(CLAIMS, OF_ONE),
    "GET /plans": Call(READ, ANYBODY),
    "GET /organizations": Call(READ, ANYBODY),
    f"GET {ONE}": Call(READ, OF_MEMBERS),
    f"PATCH {ONE}": Call(WRITE, OF_OWNERS, {"name": "Taken over"}),
    f"DELETE {ONE}": Call(WRITE, OF_OWNERS),
    # To its members it is gone by then.
    f"POST {ONE}/restore": Call(WRITE, OF_ONE, where={"key": "leaving"}),
    f"GET {ONE}/members": Call(READ, OF_MEMBERS),
    f"POST {ONE}/members": Call(WRITE, OF_OWNERS, EMAIL),
    f"PATCH {ONE}/members/{{user_id}}": Call(WRITE, OF_OWNERS, {"may_create_projects": True}),
    f"DELETE {ONE}/members/{{user_id}}": Call(WRITE, OF_OWNERS),
    f"GET {ONE}/owners": Call(READ, OF_MEMBERS),
    f"POST {ONE}/owners": Call(WRITE, OF_OWNERS, {"user": "user_id"}),
    f"DELETE {ONE}/owners/{{user_id}}": Call(WRITE, OF_OWNERS, where={"user_id": "owner_id"}),
    f"GET {ONE}/invitations": Call(READ, OF_OWNERS),
    f"POST {ONE}/invitations": Call(WRITE, OF_OWNERS, EMAIL),
    f"DELETE {ONE}/invitations/{{invitation_id}}": Call(WRITE, OF_OWNERS),
    f"POST {ONE}/invitations/{{invitation_id}}/resend": Call(WRITE, OF_OWNERS),
    f"GET {ONE}/join-requests": Call(READ, OF_OWNERS),
    f"POST {ONE}/join-requests/{{request_id}}/approve": Call(WRITE, OF_OWNERS),
    f"POST {ONE}/join-requests/{{request_id}}/decline": Call(WRITE, OF_OWNERS),
    f"GET {ONE}/audit-events": Call(READ, OF_OWNERS),
    f"GET {ONE}/binding": Call(READ, OF_MEMBERS),
    f"PUT {ONE}/binding/token": Call(WRITE, OF_OWNERS, {"token": make_token()}),
    f"GET {ONE}/binding/verifications": Call(READ, OF_MEMBERS),
    f"POST {ONE}/binding/verifications": Call(WRITE, OF_OWNERS),
    f"GET {ONE}/binding/verifications/{{verification_id}}": Call(READ, OF_MEMBERS),
    f"GET {ONE}/repositories": Call(READ, OF_MEMBERS),
    f"GET {ONE}/projects": Call(READ, OF_MEMBERS),
    f"POST {ONE}/projects": Call(WRITE, OF_CREATORS, PROJECT),
    f"GET {ONE}/projects/{{project_key}}": Call(READ, OF_MEMBERS),
    f"DELETE {ONE}/projects/{{project_key}}": Call(WRITE, OF_OWNERS),
    f"GET {ONE}/projects/{{project_key}}/counts": Call(READ, OF_MEMBERS),
    f"POST {ONE}/projects/{{project_key}}/counts": Call(WRITE, OF_OWNERS),
    # Unless an owner took it away.
    f"POST {ONE}/projects/{{project_key}}/analyses": Call(
        ANALYSES, OF_MEMBERS, {"branch": "main", "loc": 10}
    ),
    f"GET {ONE}/usage": Call(READ, OF_MEMBERS),
    f"GET {ONE}/usage/projects": Call(READ, OF_MEMBERS),
    f"GET {ONE}/usage/readings": Call(READ, OF_MEMBERS),
    f"GET {ONE}/entitlements": Call(READ, OF_MEMBERS),
    f"GET {ONE}/subscription": Call(READ, OF_MEMBERS),
    f"POST {ONE}/subscription/quotes": Call(WRITE, OF_OWNERS, QUOTE),
    f"POST {ONE}/subscription/changes": Call(WRITE, OF_OWNERS, {"kind": "cancel"}),
    f"GET {ONE}/subscription/changes/{{change_id}}": Call(READ, OF_OWNERS),
    f"GET {ONE}/invoices": Call(READ, OF_OWNERS),
}
