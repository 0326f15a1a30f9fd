"""The last 200 messages, in memory."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

_KEPT = 200


@dataclass(frozen=True)
class Mail:
    """One delivered message. `text` and `html` are empty when it has no such part."""

    id: int
    received_at: datetime
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


class Mailbox:
    """Thread-safe. Ids go up by one and are never used again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mails: deque[Mail] = deque(maxlen=_KEPT)
        self._next_id = 1

    def deliver(self, sender: str, to: list[str], content: bytes) -> Mail:
        message = BytesParser(policy=policy.default).parsebytes(content)
        with self._lock:
            mail = Mail(
                id=self._next_id,
                received_at=datetime.now(UTC),
                sender=sender,
                to=tuple(to),
                subject=str(message.get("Subject", "")),
                text=_part(message, "plain"),
                html=_part(message, "html"),
                headers=tuple((name, str(value)) for name, value in message.items()),
            )
            self._next_id += 1
            self._mails.append(mail)
            return mail

    def newest_first(self) -> list[Mail]:
        with self._lock:
            return list(reversed(self._mails))

    def get(self, mail_id: int) -> Mail | None:
        return next((mail for mail in self.newest_first() if mail.id == mail_id), None)

    def clear(self) -> None:
        with self._lock:
            self._mails.clear()


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        # The wire ends its lines with CR LF; a reader of the text doesn't want to know.
        return str(part.get_content()).replace("\r\n", "\n")
    except LookupError:  # a charset nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
