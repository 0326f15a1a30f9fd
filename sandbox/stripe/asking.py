"""One request as it came, and its answer."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """`url` starts with `/v1/`; `params` are as sent: texts, in dictionaries."""

    id: str
    method: str
    url: str
    params: dict[str, Any]
    idempotency_key: str | None = None
    authorization: str = ""
    version: str = ""
    site: str = ""


@dataclass(frozen=True)
class Answer:
    """Status 0 is none: the connection is dropped."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def was_replayed(self) -> bool:
        return "Idempotent-Replayed" in self.headers


NO_ANSWER = Answer(0)
