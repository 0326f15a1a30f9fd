"""Every sample token. `python -m sandbox tokens` prints them; the README explains them."""

from .model import Flaw, SampleToken

_READ_WRITE = frozenset({"vso.code_write"})
_READ = frozenset({"vso.code"})
_ENTITLEMENTS = frozenset({"vso.memberentitlementmanagement"})
_FULL = frozenset({"app_token"})

# Organizations whose state does not depend on the token: each has one token of its
# own, labelled like itself, that would be in perfect order elsewhere.
_HOUSE_TOKENS = (
    "fabrikam",
    "empty-harbor",
    "empty-shelf",
    "publicworks",
    "windlass",
    "oddly-named",
    "thousand",
    "oddments",
    "sleeping",
    "fortress",
    "guarded",
    "busy",
    "briefly-busy",
    "slowlane",
    "outage",
    "outage-500",
    "outage-502",
    "outage-504",
    "flaky",
    "patchy",
    "garbled",
    "htmlish",
    "marked",
    "plain-missing",
    "cut-cable",
    "trickle",
    "heavy-cargo",
    "new-anchor",
)


_GOOD = (
    SampleToken(
        "healthy", "contoso", "Everything passes; the access level can't be told (Code only)."
    ),
    SampleToken(
        "healthy-with-entitlements",
        "contoso",
        "Everything passes, access level included.",
        scopes=_READ_WRITE | _ENTITLEMENTS,
    ),
    SampleToken(
        "full-access",
        "contoso",
        "Everything passes, with more scopes than needed.",
        scopes=_FULL,
    ),
    SampleToken(
        "global", "contoso", "Works, but a global token: fortress blocks it.", everywhere=True
    ),
    SampleToken(
        "legacy",
        "contoso",
        "Everything passes, in the old format of 52 characters.",
        legacy=True,
    ),
    SampleToken(
        "other-owner",
        "contoso",
        "Everything passes, but it belongs to another person.",
        person="administrator",
    ),
    SampleToken(
        "thousand-with-entitlements",
        "thousand",
        "Everything passes, and its 258 members come in pages.",
        scopes=_READ_WRITE | _ENTITLEMENTS,
    ),
)


_LIMITED = (
    SampleToken("read-only", "contoso", "Code (Read): a write answers an empty 401.", scopes=_READ),
    SampleToken(
        "no-code-scope",
        "contoso",
        "Authenticates and lists projects; repositories answer an empty 401.",
        scopes=frozenset({"vso.project"}),
    ),
    SampleToken(
        "no-useful-scope",
        "contoso",
        "Authenticates; projects and repositories answer an empty 401.",
        scopes=frozenset({"vso.graph"}),
    ),
    SampleToken(
        "not-admin",
        "contoso",
        "A contributor: the administrator check says false.",
        person="contributor",
    ),
    SampleToken(
        "admin-cannot-ask",
        "contoso",
        "The permissions endpoints answer an empty 401, so nobody can tell.",
        asks_permissions=False,
    ),
    SampleToken(
        "stakeholder",
        "contoso",
        "A stakeholder: projects are listed, private repositories are missing.",
        person="stakeholder",
    ),
    SampleToken(
        "stakeholder-with-entitlements",
        "contoso",
        "The same, and the entitlements say so.",
        person="stakeholder",
        scopes=_READ_WRITE | _ENTITLEMENTS,
    ),
    SampleToken(
        "no-contribute",
        "contoso",
        "May read only: a write answers 403 TF401027.",
        person="reader",
    ),
    SampleToken(
        "no-contribute-by-item",
        "contoso",
        "May read only: a ref update answers 200 with writePermissionRequired.",
        person="reader-by-item",
    ),
    SampleToken(
        "partial-read",
        "contoso",
        "Sees the project Quayside only; the rest is 404.",
        person="partial",
    ),
    SampleToken(
        "sees-nothing", "contoso", "A member of no project: empty lists.", person="newcomer"
    ),
)


_REJECTED = (
    SampleToken(
        "unknown",
        "fabrikam",
        "Never issued: 401 JSON, or 302 without Suppress.",
        flaw=Flaw.NEVER_ISSUED,
    ),
    SampleToken(
        "unknown-in-public",
        "publicworks",
        "Never issued, yet 200 as the anonymous user: there is a public project.",
        flaw=Flaw.NEVER_ISSUED,
    ),
    SampleToken("revoked", "contoso", "Revoked: an empty 401.", flaw=Flaw.REVOKED),
    SampleToken(
        "inactive",
        "contoso",
        "Its owner stayed away for 90 days: an empty 401.",
        flaw=Flaw.INACTIVE,
    ),
    SampleToken(
        "expired-header",
        "contoso",
        "Expired: 401 HTML with X-TFS-ServiceError.",
        flaw=Flaw.EXPIRED_HEADER,
    ),
    SampleToken(
        "expired-json",
        "contoso",
        "Expired: 401 JSON, AccessCheckException.",
        flaw=Flaw.EXPIRED_JSON,
    ),
    SampleToken(
        "expired-empty",
        "contoso",
        "Expired: an empty 401, as if revoked.",
        flaw=Flaw.EXPIRED_EMPTY,
    ),
    SampleToken(
        "terms-not-accepted",
        "contoso",
        "Its owner never signed in: 401 TF401444.",
        flaw=Flaw.TERMS_NOT_ACCEPTED,
    ),
    SampleToken(
        "not-a-member",
        "contoso",
        "A global token of someone who isn't a member: 401 TF400813 that names them.",
        person="outsider",
        everywhere=True,
    ),
    SampleToken(
        "other-organization",
        "contoso",
        "Made for fabrikam: an empty 401 here.",
        valid_in="fabrikam",
    ),
    SampleToken(
        "blocked-global",
        "fortress",
        "A global token: 401, blocked by policy.",
        everywhere=True,
    ),
    SampleToken("no-such-organization", "atlantis", "404 and HTML.", valid_in="contoso"),
    SampleToken(
        "renamed",
        "old-anchor",
        "404: the organization is called new-anchor now.",
        valid_in="new-anchor",
    ),
)


def sample_tokens() -> tuple[SampleToken, ...]:
    shows = "In order; what happens is the organization's doing."
    house_tokens = tuple(SampleToken(name, name, shows) for name in _HOUSE_TOKENS)
    return (*_GOOD, *_LIMITED, *_REJECTED, *house_tokens)
