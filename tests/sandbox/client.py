"""A plain HTTP client that asks as the product does, and follows nothing."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

SUPPRESS = {"X-TFS-FedAuthRedirect": "Suppress", "Accept": "application/json;api-version=7.1"}
ANY_VERSION = {"X-TFS-FedAuthRedirect": "Suppress"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body.decode("utf-8-sig"))

    @property
    def value(self) -> Any:
        return self.json["value"]

    @property
    def names(self) -> list[str]:
        return [each["name"] for each in self.value]

    @property
    def text(self) -> str:
        return self.body.decode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


class Client:
    def __init__(self, sandbox: Any) -> None:
        self.sandbox = sandbox

    def __call__(
        self,
        label: str | None,
        path: str,
        *,
        token: str | None = None,
        method: str = "GET",
        body: object = None,
        headers: Mapping[str, str] = SUPPRESS,
    ) -> Answer:
        """`path` is absolute; a body is sent as JSON, bytes as they are."""
        request = urllib.request.Request(self.sandbox.url + path, method=method)
        for name, value in headers.items():
            request.add_header(name, value)
        secret = token or (self.sandbox.token(label) if label else None)
        if secret:
            basic = base64.b64encode(f":{secret}".encode()).decode()
            request.add_header("Authorization", f"Basic {basic}")
        if body is not None:
            request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
            if not isinstance(body, bytes):
                request.add_header("Content-Type", "application/json")
        return _send(request)


def _send(request: urllib.request.Request) -> Answer:
    try:
        with _OPENER.open(request, timeout=20) as answer:
            return _read(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return _read(refused)


def _read(answer: Any) -> Answer:
    return Answer(answer.status, answer.headers, answer.read())
