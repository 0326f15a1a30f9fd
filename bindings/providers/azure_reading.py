"""What an answer of Azure DevOps holds, once it is known to be one.

An answer of another shape than documented says nothing about the token: NoAnswer.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2

from bindings.providers.base import NoAnswer, RemoteRepository, Verdict

LARGEST_SIZE = 2**63 - 1
SHAPE_ERRORS = (
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    OverflowError,
)


@contextmanager
def readable() -> Iterator[None]:
    """Raises NoAnswer where reading runs into another shape."""
    try:
        yield
    except SHAPE_ERRORS as error:
        raise NoAnswer(Verdict.UNREADABLE_ANSWER) from error


def read_json(response: httpx2.Response) -> dict[str, Any]:
    with readable():
        # Some answers start with a byte order mark.
        data = json.loads(response.content.decode("utf-8-sig"))
        if not isinstance(data, dict):
            raise TypeError("not an object")
        return data


def read_time(text: str) -> datetime | None:
    """A time of theirs; year one stands for never."""
    if not text or text.startswith("0001-"):
        return None
    return datetime.fromisoformat(text)


def guid(value: Any) -> str:
    """An id of theirs. Raises ValueError for what is none, so that nothing is bound to it."""
    return str(UUID(str(value)))


def words(value: Any) -> str:
    """A name of theirs, without the one character that a database can't keep."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value.replace("\0", "")


def read_repository(item: dict[str, Any], public: set[str]) -> RemoteRepository:
    project = item["project"]
    project_id = guid(project["id"])
    return RemoteRepository(
        external_id=guid(item["id"]),
        name=words(item["name"]),
        project_id=project_id,
        project_name=words(project["name"]),
        is_public=project_id in public or project.get("visibility") == "public",
        default_branch=words(item.get("defaultBranch") or ""),
        size=min(max(0, int(item.get("size") or 0)), LARGEST_SIZE),
        is_disabled=bool(item.get("isDisabled")),
        web_url=words(item.get("webUrl") or ""),
        is_in_maintenance=bool(item.get("isInMaintenance")),
    )
