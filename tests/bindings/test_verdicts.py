"""Every state Azure DevOps can be in, over real HTTP, and the verdict on it."""

from datetime import date

import pytest

from bindings.platforms import open_azure
from bindings.providers.base import NoAnswer, Refused
from bindings.verdicts import NOT_VERDICTS, WORDS, Verdict
from bindings.verification import examine, identify, look_at

# label, organization → verdict, and the checks that are not passed
STATES = [
    ("healthy", "contoso", "healthy", {"access_level": "unknown"}),
    ("healthy-with-entitlements", "contoso", "healthy", {}),
    ("full-access", "contoso", "healthy", {}),
    ("global", "contoso", "healthy", {"access_level": "unknown"}),
    ("legacy", "contoso", "healthy", {"access_level": "unknown"}),
    ("healthy", "CONTOSO", "healthy", {"access_level": "unknown"}),
    ("unknown", "fabrikam", "token_not_recognized", {"authenticated": "fail"}),
    ("unknown-in-public", "publicworks", "token_not_recognized", {"authenticated": "fail"}),
    ("revoked", "contoso", "token_revoked_or_expired", {"authenticated": "fail"}),
    ("inactive", "contoso", "token_revoked_or_expired", {"authenticated": "fail"}),
    ("expired-header", "contoso", "token_expired", {"authenticated": "fail"}),
    ("expired-json", "contoso", "token_expired", {"authenticated": "fail"}),
    ("expired-empty", "contoso", "token_revoked_or_expired", {"authenticated": "fail"}),
    ("other-organization", "contoso", "token_revoked_or_expired", {"authenticated": "fail"}),
    ("no-useful-scope", "contoso", "missing_scope", {"code_read": "fail"}),
    ("no-code-scope", "contoso", "missing_scope", {"code_read": "fail"}),
    ("read-only", "contoso", "missing_scope", {"code_write": "fail"}),
    ("not-a-member", "contoso", "not_a_member", {"organization": "fail"}),
    ("terms-not-accepted", "contoso", "not_a_member", {"organization": "fail"}),
    ("blocked-global", "fortress", "token_blocked_by_policy", {"authenticated": "fail"}),
    ("guarded", "guarded", "conditional_access", {"authenticated": "fail"}),
    ("no-such-organization", "atlantis", "organization_not_found", {"organization": "fail"}),
    ("renamed", "old-anchor", "organization_not_found", {"organization": "fail"}),
    ("new-anchor", "new-anchor", "healthy", {}),
    ("sleeping", "sleeping", "organization_stopped", {"organization": "fail"}),
    ("not-admin", "contoso", "healthy", {"administrator": "fail"}),
    ("admin-cannot-ask", "contoso", "healthy", {"administrator": "unknown"}),
    ("stakeholder-with-entitlements", "contoso", "healthy", {"access_level": "fail"}),
    ("no-contribute", "contoso", "healthy", {"code_write": "warn"}),
    ("no-contribute-by-item", "contoso", "healthy", {"code_write": "warn"}),
    ("partial-read", "contoso", "healthy", {}),
    ("empty-harbor", "empty-harbor", "healthy", {"code_write": "unknown", "repositories": "warn"}),
    ("empty-shelf", "empty-shelf", "healthy", {"code_write": "unknown"}),
    ("windlass", "windlass", "healthy", {}),
    ("oddly-named", "oddly-named", "healthy", {}),
    ("marked", "marked", "healthy", {}),
    ("flaky", "flaky", "unavailable", {"reachable": "fail"}),
    ("patchy", "patchy", "healthy", {}),
    ("slowlane", "slowlane", "healthy", {}),
    ("plain-missing", "plain-missing", "healthy", {"repositories": "warn"}),
    ("htmlish", "htmlish", "token_not_recognized", {"authenticated": "fail"}),
    ("heavy-cargo", "heavy-cargo", "unreadable_answer", {}),
    ("thousand", "thousand", "healthy", {}),
    ("busy", "busy", "throttled", {"reachable": "fail"}),
    ("outage", "outage", "unavailable", {"reachable": "fail"}),
    ("outage-500", "outage-500", "unavailable", {"reachable": "fail"}),
    ("outage-502", "outage-502", "unavailable", {"reachable": "fail"}),
    ("outage-504", "outage-504", "unavailable", {"reachable": "fail"}),
    ("cut-cable", "cut-cable", "unavailable", {"reachable": "fail"}),
    ("garbled", "garbled", "unreadable_answer", {}),
]


def verify(token, organization):
    """The verdict, and every check by its code."""
    found = {}

    def note(check):
        found[check.code] = check

    look_at(token, expires_on=date(2027, 6, 1), today=date(2026, 11, 24), on_check=note)
    provider = open_azure(organization, token)
    try:
        connection = identify(provider, organization, on_check=note)
        return examine(provider, connection, on_check=note).verdict, found
    except (Refused, NoAnswer) as error:
        return error.verdict, found


@pytest.mark.parametrize(("label", "organization", "verdict", "not_passed"), STATES)
def test_state(sandbox, label, organization, verdict, not_passed):
    concluded, found = verify(sandbox.token(label), organization)

    assert concluded == verdict
    for code, outcome in not_passed.items():
        assert found[code].outcome == outcome, found[code]
        assert found[code].message


def test_every_verdict_on_a_token_has_something_to_do():
    for verdict in set(Verdict) - NOT_VERDICTS - {Verdict.HEALTHY}:
        assert WORDS[verdict].message and WORDS[verdict].remedy
