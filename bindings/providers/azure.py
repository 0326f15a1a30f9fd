"""Azure DevOps Services, as much of it as a token with Code → Read & write can see.

Source: learn.microsoft.com/rest/api/azure/devops and recorded traffic. Every request is
built from a name against fixed hosts; no address from a person or an answer is followed.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

import httpx2
import stamina

from bindings.providers.azure_answers import ANONYMOUS, raise_for, retry_after
from bindings.providers.base import (
    Access,
    AccessLevel,
    Connection,
    Inventory,
    NoAnswer,
    Refused,
    RemoteRepository,
    Verdict,
)
from bindings.providers.pacing import CONCURRENT_REQUESTS, LONGEST_PAUSE, pace_for

TIMEOUT = httpx2.Timeout(10, read=60)
# A list of ten thousand repositories is some 9 MB; more than this is no answer of theirs.
MAX_BYTES = 32 * 1024 * 1024
DEADLINE = 90.0
ATTEMPTS = 3
PAGE = 100

# Security namespace "Collection", bit 2: "Edit collection-level information", which
# Project Collection Administrators have.
COLLECTION_NAMESPACE = "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
EDIT_COLLECTION = 2
NO_COMMIT = "0" * 40
# What a refs update says when the account lacks a permission, in lower case.
PERMISSION_REFUSALS = ("writepermissionrequired", "createbranchpermissionrequired")


def worth_retrying(error: Exception) -> bool | float:
    """For stamina: whether to try again, or after how many seconds."""
    if not isinstance(error, NoAnswer) or error.verdict == Verdict.UNREADABLE_ANSWER:
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= LONGEST_PAUSE else False


class AzureDevOps:
    """One organization, seen with one token. Use as a context manager."""

    def __init__(self, organization: str, token: str, *, url: str, entitlements_url: str) -> None:
        self._organization = quote(organization, safe="")
        self._url = f"{url.rstrip('/')}/{self._organization}"
        self._entitlements_url = f"{entitlements_url.rstrip('/')}/{self._organization}"
        self._pace = pace_for(organization)
        self._http = httpx2.Client(
            auth=httpx2.BasicAuth("", token),
            headers={
                # Without it a token that is not known is sent to a sign-in page.
                "X-TFS-FedAuthRedirect": "Suppress",
                "User-Agent": "Mooring/1 (Azure DevOps import)",
            },
            follow_redirects=False,
            timeout=TIMEOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    # What the token is, and where

    def connect(self) -> Connection:
        """Whom the token speaks for. Needs no scope, so a refusal here is about the token."""
        data = self._get(
            f"{self._url}/_apis/connectionData", version="7.1-preview.1", scope_free=True
        )
        with readable():
            user = data["authenticatedUser"]
            # An organization with public projects answers anybody.
            if user["id"] == ANONYMOUS or "PublicAccess" in user["descriptor"]:
                raise Refused(Verdict.TOKEN_NOT_RECOGNIZED)
            account = user.get("properties", {}).get("Account", {}).get("$value", "")
            return Connection(
                external_id=str(data["instanceId"]).lower(),
                user_id=str(user["id"]).lower(),
                user_name=user.get("customDisplayName") or user.get("providerDisplayName") or "",
                user_account=account,
            )

    def inventory(self) -> Inventory:
        """Every project and repository the token can see. Raises MISSING_SCOPE without Code."""
        with self._paired():
            projects = self._projects()
            public = {project["id"] for project in projects if project["visibility"] == "public"}
            listed = self._repositories([project["id"] for project in projects])
        with readable():
            repositories = tuple(_repository(item, public) for item in listed)
        return Inventory(project_count=len(projects), repositories=repositories)

    def _projects(self) -> list[dict[str, Any]]:
        projects: list[dict[str, Any]] = []
        cursor = "0"
        while cursor:
            response = self._send(
                "GET",
                f"{self._url}/_apis/projects",
                params={"stateFilter": "wellFormed", "$top": PAGE, "continuationToken": cursor},
            )
            with readable():
                page = read_json(response)["value"]
                projects += [{"visibility": "private", **item} for item in page]
            # The cursor counts what was sent so far; one that stands still would loop.
            following = response.headers.get("x-ms-continuationtoken", "")
            cursor = following if following != cursor and page else ""
        return projects

    def _repositories(self, project_ids: list[str]) -> list[dict[str, Any]]:
        """All in one answer; project by project where that one is too much to ask."""
        try:
            return list(self._get(f"{self._url}/_apis/git/repositories")["value"])
        except (NoAnswer, NotVisible, KeyError):
            with ThreadPoolExecutor(CONCURRENT_REQUESTS) as pool:
                lists = list(pool.map(self._repositories_of, project_ids))
            return [item for listed in lists for item in listed]

    def _repositories_of(self, project_id: str) -> list[dict[str, Any]]:
        try:
            answer = self._get(f"{self._url}/{quote(project_id)}/_apis/git/repositories")
        except NotVisible:
            return []
        with readable():
            return list(answer["value"])

    # What the token may do

    def can_write(self, repositories: tuple[RemoteRepository, ...]) -> Access:
        """Whether the token may push, found out without writing anything.

        Asks to create a branch that exists, from a commit it does not start at: refused
        as stale by who may write, and as forbidden by who may not. Were it accepted, the
        branch would point where it points now. Raises MISSING_SCOPE for a read-only token.
        """
        candidates = [r for r in repositories if r.default_branch and not r.is_disabled]
        for repository in candidates[:3]:
            base = f"{self._url}/{quote(repository.project_id)}/_apis/git/repositories"
            refs = f"{base}/{quote(repository.external_id)}/refs"
            try:
                commit = self._head(refs, repository.default_branch)
            except NotVisible:
                continue
            if commit:
                return self._try_stale_update(refs, repository.default_branch, commit)
        return Access.UNKNOWN

    def _head(self, refs: str, branch: str) -> str:
        # The filter matches prefixes: `heads/main` finds `heads/main-2` as well.
        answer = self._get(refs, params={"filter": branch.removeprefix("refs/")})
        with readable():
            return next((r["objectId"] for r in answer["value"] if r["name"] == branch), "")

    def _try_stale_update(self, refs: str, branch: str, commit: str) -> Access:
        update = {"name": branch, "oldObjectId": NO_COMMIT, "newObjectId": commit}
        try:
            with self._paired():
                answer = read_json(self._send("POST", refs, json=[update]))
        except Forbidden:
            return Access.DENIED
        with readable():
            status = str(answer["value"][0]["updateStatus"]).lower()
        return Access.DENIED if status in PERMISSION_REFUSALS else Access.GRANTED

    def is_administrator(self) -> Access:
        """Whether the token's owner administers the organization, as far as it may ask."""
        url = f"{self._url}/_apis/permissions/{COLLECTION_NAMESPACE}/{EDIT_COLLECTION}"
        try:
            answer = self._get(url)
        except (Refused, Forbidden, NotVisible):
            return Access.UNKNOWN
        with readable():
            return Access.GRANTED if answer["value"][0] is True else Access.DENIED

    def access_level(self, user_id: str) -> AccessLevel | None:
        """The owner's licence; None where the token may not ask, which is the usual case."""
        url = f"{self._entitlements_url}/_apis/userentitlements/{quote(user_id)}"
        try:
            answer = self._get(url, version="5.0-preview.2")
        except (Refused, Forbidden, NotVisible):
            return None
        with readable():
            level = answer["accessLevel"]
            return AccessLevel(
                name=level["licenseDisplayName"],
                is_stakeholder=level["accountLicenseType"] == "stakeholder",
                last_access=read_time(answer.get("lastAccessedDate", "")),
            )

    # How we ask

    @contextmanager
    def _paired(self) -> Iterator[None]:
        """An empty 401 has several causes; the scope-free probe tells which before we do."""
        try:
            yield
        except Refused as refusal:
            if refusal.verdict == Verdict.MISSING_SCOPE:
                self.connect()
            raise

    def _get(
        self,
        url: str,
        *,
        params: dict[str, Any] | None = None,
        version: str = "7.1",
        scope_free: bool = False,
    ) -> dict[str, Any]:
        response = self._send("GET", url, params=params, version=version, scope_free=scope_free)
        return read_json(response)

    def _send(self, method: str, url: str, **options: Any) -> httpx2.Response:
        """Send; a question is asked again when that may help, a probe that posts never."""
        if method != "GET":
            return self._send_once(method, url, **options)
        for attempt in stamina.retry_context(
            on=worth_retrying, attempts=ATTEMPTS, timeout=DEADLINE, wait_initial=0.5, wait_max=5
        ):
            with attempt:
                response = self._send_once(method, url, **options)
        return response

    def _send_once(
        self,
        method: str,
        url: str,
        *,
        version: str = "7.1",
        scope_free: bool = False,
        **options: Any,
    ) -> httpx2.Response:
        headers = {"Accept": f"application/json;api-version={version}"}
        with self._pace.slot():
            try:
                response = self._receive(method, url, headers=headers, **options)
            except httpx2.HTTPError as error:
                raise NoAnswer(Verdict.UNAVAILABLE) from error
        if wait := retry_after(response):
            self._pace.pause(min(wait, 600))
        raise_for(response, scope_free=scope_free)
        _raise_for_the_rest(response)
        return response

    def _receive(self, method: str, url: str, **options: Any) -> httpx2.Response:
        """Read an answer, but neither without end nor without limit."""
        until = time.monotonic() + DEADLINE
        with self._http.stream(method, url, **options) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_BYTES or time.monotonic() > until:
                    raise NoAnswer(Verdict.UNREADABLE_ANSWER)
        headers = [(k, v) for k, v in response.headers.multi_items() if k != "content-encoding"]
        return httpx2.Response(
            response.status_code, headers=headers, content=bytes(content), request=response.request
        )


class NotVisible(Exception):
    """404: absent or not readable. Azure DevOps does not tell these apart."""


class Forbidden(Exception):
    """403 that names no policy: the account lacks a permission."""


def _raise_for_the_rest(response: httpx2.Response) -> None:
    if response.status_code == 404:
        raise NotVisible
    if response.status_code == 403:
        raise Forbidden
    if not response.is_success:
        raise NoAnswer(
            Verdict.UNREADABLE_ANSWER, activity_id=response.headers.get("ActivityId", "")
        )


@contextmanager
def readable() -> Iterator[None]:
    """An answer of another shape than documented says nothing about the token."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
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


def _repository(item: dict[str, Any], public: set[str]) -> RemoteRepository:
    project = item["project"]
    is_public = project["id"] in public or project.get("visibility") == "public"
    return RemoteRepository(
        external_id=str(item["id"]).lower(),
        name=item["name"],
        project_id=project["id"],
        project_name=project["name"],
        is_public=is_public,
        default_branch=item.get("defaultBranch", ""),
        size=int(item.get("size") or 0),
        is_disabled=bool(item.get("isDisabled")),
        web_url=item.get("webUrl", ""),
    )
