"""What people are told in tests."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.notifications import Notice
from tests.factories import NotificationFactory


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


def later(**duration):
    return time_machine.travel(timezone.now() + timedelta(**duration), tick=False)


def due(user, count=1, **changes):
    """Things the person was told that are to be mailed now."""
    return NotificationFactory.create_batch(
        count, user=user, mail_due_at=timezone.now() - timedelta(seconds=1), **changes
    )


def message_id(mail):
    return dict(mail.headers)["Message-ID"]
