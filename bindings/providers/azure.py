"""Azure DevOps Services, as much of it as a token with Code → Read & write can see.

Source: learn.microsoft.com/rest/api/azure/devops and recorded traffic. Every request is
built from a name against fixed hosts; no address from a person or an answer is followed.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bindings.providers.azure_answers import ANONYMOUS, Forbidden, NotVisible
from bindings.providers.azure_code import AzureCode
from bindings.providers.azure_http import AzureHttp
from bindings.providers.azure_reading import (
    guid,
    read_json,
    read_repository,
    read_time,
    readable,
    words,
)
from bindings.providers.base import (
    Access,
    AccessLevel,
    Connection,
    Heard,
    Inventory,
    NoAnswer,
    Refused,
    RemoteRepository,
    Verdict,
)
from bindings.providers.pacing import CONCURRENT_REQUESTS

PAGE = 100

# Security namespace "Collection", bit 2: "Edit collection-level information", which
# Project Collection Administrators have.
COLLECTION_NAMESPACE = "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
EDIT_COLLECTION = 2
NO_COMMIT = "0" * 40
# Refusals that an accepted token may get as well, so that the probe has the last word.
UNCERTAIN = (Verdict.MISSING_SCOPE, Verdict.TOKEN_NOT_RECOGNIZED)
# What a refs update says when the account lacks a permission, in lower case.
PERMISSION_REFUSALS = ("writepermissionrequired", "createbranchpermissionrequired")


@dataclass(frozen=True)
class Addresses:
    """Where Azure DevOps is. `identity` answers for no organization in particular."""

    services: str
    identity: str
    entitlements: str


class AzureDevOps:
    """One organization, seen with one token. Whoever can come back later is not `patient`."""

    def __init__(
        self,
        organization: str,
        token: str,
        *,
        addresses: Addresses,
        patient: bool = True,
        scratch: str = "",
    ) -> None:
        name = quote(organization, safe="")
        self._url = f"{addresses.services.rstrip('/')}/{name}"
        self._entitlements_url = f"{addresses.entitlements.rstrip('/')}/{name}"
        self._identity_url = addresses.identity.rstrip("/")
        self._http = AzureHttp(organization, token, patient=patient)
        self.code = AzureCode(self._url, self._http, paired=self._paired, scratch=scratch)

    def keep_turn(self) -> AbstractContextManager[None]:
        """For questions that follow each other on one thread."""
        return self._http.keep_turn()

    @property
    def heard(self) -> Heard:
        """About the newest request that this thread made."""
        return self._http.heard

    # What the token is, and where

    def connect(self) -> Connection:
        """Whom the token speaks for. Needs no scope, so a refusal here is about the token."""
        data = self._http.get(
            f"{self._url}/_apis/connectionData", version="7.1-preview.1", scope_free=True
        )
        with readable():
            user = data["authenticatedUser"]
            # An organization with public projects answers anybody.
            if user["id"] == ANONYMOUS or "PublicAccess" in user["descriptor"]:
                raise Refused(Verdict.TOKEN_NOT_RECOGNIZED)
            account = user.get("properties", {}).get("Account", {}).get("$value", "")
            return Connection(
                external_id=guid(data["instanceId"]),
                user_id=guid(user["id"]),
                user_name=words(
                    user.get("customDisplayName") or user.get("providerDisplayName") or ""
                ),
                user_account=words(account or ""),
            )

    def inventory(self) -> Inventory:
        """Every project and repository the token can see. Raises MISSING_SCOPE without Code."""
        with self._paired():
            projects = self._projects()
            listed = self._repositories([project["id"] for project in projects])
        public = {project["id"] for project in projects if project["visibility"] == "public"}
        with readable():
            found = [read_repository(item, public) for item in listed]
        # A list that changes while it is read may show the same one twice.
        once = {repository.external_id: repository for repository in found}
        return Inventory(project_count=len(projects), repositories=tuple(once.values()))

    def _projects(self) -> list[dict[str, Any]]:
        projects: list[dict[str, Any]] = []
        cursor = "0"
        while cursor:
            response = self._http.send(
                "GET",
                f"{self._url}/_apis/projects",
                params={"stateFilter": "wellFormed", "$top": PAGE, "continuationToken": cursor},
            )
            with readable():
                page = read_json(response)["value"]
                projects += [
                    {
                        "id": guid(item["id"]),
                        "name": words(item.get("name") or ""),
                        "visibility": item.get("visibility", "private"),
                        "description": words(item.get("description") or ""),
                    }
                    for item in page
                ]
            # The cursor counts what was sent so far; one that stands still would loop.
            following = response.headers.get("x-ms-continuationtoken", "")
            cursor = following if following != cursor and page else ""
        return projects

    def project_described_with(self, text: str) -> str:
        """The name of a project whose description has this text, which only who administers that
        project can write; empty where the token sees none.
        """
        with self._paired():
            projects = self._projects()
        return next((each["name"] for each in projects if text in each["description"]), "")

    def _repositories(self, project_ids: list[str]) -> list[dict[str, Any]]:
        """All in one answer; project by project where that one is too much to ask."""
        try:
            return self._listed(f"{self._url}/_apis/git/repositories")
        except NoAnswer as silence:
            if silence.verdict == Verdict.THROTTLED:
                raise
        with ThreadPoolExecutor(CONCURRENT_REQUESTS) as pool:
            lists = list(pool.map(self._repositories_of, project_ids))
        return [item for listed in lists for item in listed]

    def _repositories_of(self, project_id: str) -> list[dict[str, Any]]:
        try:
            return self._listed(f"{self._url}/{project_id}/_apis/git/repositories")
        except NotVisible:
            return []

    def _listed(self, url: str) -> list[dict[str, Any]]:
        answer = self._http.get(url)
        with readable():
            return list(answer["value"])

    def repository(self, project: str, repository: str) -> RemoteRepository:
        """One repository, by names or ids. Raises MISSING_SCOPE for a token that may not read
        code, and NotVisible where there is none, or none that it may see.
        """
        url = f"{self._url}/{quote(project, safe='')}/_apis/git/repositories"
        with self._paired():
            answer = self._http.get(f"{url}/{quote(repository, safe='')}")
        with readable():
            return read_repository(answer, set())

    # What the token may do

    def can_read(self, repository: RemoteRepository) -> str:
        """The newest commit of its default branch, empty where there is none to be seen.

        Raises MISSING_SCOPE for a token that may not read code, and NotVisible where the
        repository is gone or hidden.
        """
        with self._paired():
            answer = self._http.get(
                self._refs(repository),
                params={"filter": repository.default_branch.removeprefix("refs/")},
            )
        return _commit_of(answer, repository.default_branch)

    def try_write(self, repository: RemoteRepository, commit: str) -> Access:
        """Like `can_write`, for a repository whose newest commit is known."""
        with self._paired():
            return self._try_stale_update(self._refs(repository), repository.default_branch, commit)

    def sees_code(self) -> bool:
        """Whether there is any repository. Raises MISSING_SCOPE without Code."""
        with self._paired():
            return bool(self._listed(f"{self._url}/_apis/git/repositories"))

    def is_global(self) -> bool | None:
        """Whether the token is for all organizations; None where that can't be told.

        Without an organization in its address the profile is shown to such tokens only.
        """
        url = f"{self._identity_url}/_apis/profile/profiles/me"
        try:
            self._http.get(url)
        except Refused as refusal:
            return False if refusal.verdict == Verdict.MISSING_SCOPE else None
        except NoAnswer:
            return None
        return True

    def can_write(self, repositories: tuple[RemoteRepository, ...]) -> Access:
        """Whether the token may push, found out without writing anything.

        Asks to create a branch that exists, from a commit it does not start at: refused
        as stale by who may write, and as forbidden by who may not. Were it accepted, the
        branch would point where it points now. Raises MISSING_SCOPE for a read-only token.
        """
        candidates = [r for r in repositories if r.default_branch and not r.is_disabled]
        with self._paired():
            for repository in candidates[:3]:
                refs = self._refs(repository)
                if commit := self._head(refs, repository.default_branch):
                    return self._try_stale_update(refs, repository.default_branch, commit)
        return Access.UNKNOWN

    def _head(self, refs: str, branch: str) -> str:
        try:
            answer = self._http.get(refs, params={"filter": branch.removeprefix("refs/")})
        except (Forbidden, NotVisible):
            return ""
        return _commit_of(answer, branch)

    def _refs(self, repository: RemoteRepository) -> str:
        base = f"{self._url}/{repository.project_id}/_apis/git/repositories"
        return f"{base}/{repository.external_id}/refs"

    def _try_stale_update(self, refs: str, branch: str, commit: str) -> Access:
        update = {"name": branch, "oldObjectId": NO_COMMIT, "newObjectId": commit}
        try:
            answer = read_json(self._http.send("POST", refs, json=[update]))
        except Forbidden:
            return Access.DENIED
        except NotVisible:
            return Access.UNKNOWN
        with readable():
            status = str(answer["value"][0]["updateStatus"]).lower()
        return Access.DENIED if status in PERMISSION_REFUSALS else Access.GRANTED

    def is_administrator(self) -> Access:
        """Whether the token's owner administers the organization, as far as it may ask."""
        url = f"{self._url}/_apis/permissions/{COLLECTION_NAMESPACE}/{EDIT_COLLECTION}"
        try:
            answer = self._http.get(url)
            with readable():
                return Access.GRANTED if answer["value"][0] is True else Access.DENIED
        except Refused:
            return Access.UNKNOWN
        except NoAnswer as silence:
            # What time can heal is asked again; any other answer says that it can't be asked.
            if silence.verdict != Verdict.UNREADABLE_ANSWER:
                raise
            return Access.UNKNOWN

    def access_level(self, user_id: str) -> AccessLevel | None:
        """The owner's licence; None where the token may not ask, which is the usual case."""
        url = f"{self._entitlements_url}/_apis/userentitlements/{quote(user_id)}"
        try:
            answer = self._http.get(url, version="5.0-preview.2")
        except (Refused, Forbidden, NotVisible):
            return None
        with readable():
            level = answer["accessLevel"]
            return AccessLevel(
                name=level["licenseDisplayName"],
                is_stakeholder=level["accountLicenseType"] == "stakeholder",
                last_access=read_time(answer.get("lastAccessedDate", "")),
            )

    @contextmanager
    def _paired(self) -> Iterator[None]:
        """A 401 that names no cause has several; the scope-free probe tells which before we do."""
        try:
            yield
        except Refused as refusal:
            if refusal.verdict not in UNCERTAIN:
                raise
            self.connect()
            if refusal.verdict == Verdict.MISSING_SCOPE:
                raise
            # Accepted there and not recognized here: nothing that can be said of a token.
            raise NoAnswer(Verdict.UNREADABLE_ANSWER) from refusal


def _commit_of(answer: dict[str, Any], branch: str) -> str:
    # The filter matches prefixes: `heads/main` finds `heads/main-2` as well.
    with readable():
        return next((r["objectId"] for r in answer["value"] if r["name"] == branch), "")
