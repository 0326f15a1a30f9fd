"""Mails leave without credentials, whoever wrote them."""

import copy
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailAlternative

from core.redaction import redact_credentials


class RedactingBackend(BaseEmailBackend):
    """Redacts, and hands on to the backend that EMAIL_URL names. Links stay: they are the point."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self._delivery = get_connection(
            settings.EMAIL_DELIVERY_BACKEND, fail_silently=fail_silently, **options
        )

    def open(self) -> bool | None:
        return self._delivery.open()

    def close(self) -> None:
        self._delivery.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return self._delivery.send_messages([redacted(message) for message in email_messages])


def redacted(message: EmailMessage) -> EmailMessage:
    """A copy of the message, with subject, text and HTML redacted, that is answered to support."""
    message = copy.copy(message)
    message.reply_to = message.reply_to or [settings.SUPPORT_CONTACT]
    message.subject = redact_credentials(str(message.subject))
    message.body = redact_credentials(str(message.body))
    if isinstance(message, EmailMultiAlternatives):
        message.alternatives = [
            EmailAlternative(redact_credentials(str(content)), mimetype)
            for content, mimetype in message.alternatives
        ]
    return message
