"""What people are told in tests."""

from accounts.kinds import Kind, Severity
from accounts.notifications import Notice


def notice(**changes):
    return Notice(
        **{
            "kind": Kind.TOKEN_EXPIRING,
            "subject": "token-1",
            "threshold": "30",
            "severity": Severity.WARNING,
            "title": "Contoso's token expires in 30 days",
            "text": "Replace the token of Contoso by Thursday 24 December 2026.\n\n"
            "It takes a new token and a minute.",
            "action_label": "Replace token",
            "action_path": "/settings/",
        }
        | changes
    )
