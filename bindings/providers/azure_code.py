"""The code in a repository of Azure DevOps: its branches, and the files of one commit.

Source: learn.microsoft.com/rest/api/azure/devops/git (refs, stats, items).
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import quote

from bindings.providers.azure_answers import NotVisible
from bindings.providers.azure_http import AzureHttp
from bindings.providers.azure_reading import read_json, read_time, readable, words
from bindings.providers.base import Branch, HasCode

HEADS = "refs/heads/"
PAGE = 1000
MOST_BRANCHES = 20_000
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class AzureCode:
    """Asks over the same connections and at the same pace as everything else.

    `paired` surrounds whatever may be refused for lack of a scope.
    """

    def __init__(
        self, url: str, http: AzureHttp, paired: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._url = url
        self._http = http
        self._paired = paired

    def heads(self, repository: HasCode) -> dict[str, str]:
        """The newest commit of each branch, by the branch's short name; of 20,000 at most."""
        found: dict[str, str] = {}
        cursor = ""
        with self._paired():
            while len(found) < MOST_BRANCHES:
                page, following = self._page_of_heads(repository, cursor)
                found |= page
                # One that stands still would loop.
                if not page or following in ("", cursor):
                    break
                cursor = following
        return found

    def _page_of_heads(self, repository: HasCode, cursor: str) -> tuple[dict[str, str], str]:
        params = {"filter": "heads/", "$top": PAGE}
        response = self._http.send(
            "GET",
            f"{self._api(repository)}/refs",
            params=params | ({"continuationToken": cursor} if cursor else {}),
        )
        with readable():
            refs = read_json(response)["value"]
            page = {
                words(ref["name"]).removeprefix(HEADS): commit_id(ref["objectId"]) for ref in refs
            }
        return page, response.headers.get("x-ms-continuationtoken", "")

    def side_branches(self, repository: HasCode) -> tuple[Branch, ...]:
        """The branches with commits that the default one lacks, the newest commit first.

        Raises NotVisible where the repository is gone or hidden; one without commits has none.
        """
        if not repository.default_branch:
            return ()
        with self._paired():
            try:
                answer = self._http.get(f"{self._api(repository)}/stats/branches")
            except NotVisible:
                # Nothing to compare with, unless the repository itself can't be seen.
                self.heads(repository)
                return ()
        with readable():
            ahead = [_branch(row) for row in answer["value"] if _is_ahead(row)]
        return tuple(sorted(ahead, key=lambda each: each.committed_at or LONG_AGO, reverse=True))

    def fetch(self, repository: HasCode, commit: str, into: BinaryIO, *, limit: int) -> None:
        """Fill `into` with a zip of all files of a commit, and rewind it.

        Raises CodeTooLarge where that takes more than `limit` bytes. Whatever is raised, `into`
        is empty then.
        """
        with self._paired():
            self._http.download(
                f"{self._api(repository)}/items",
                into,
                limit=limit,
                params={
                    "path": "/",
                    "versionDescriptor.version": commit,
                    "versionDescriptor.versionType": "commit",
                    "recursionLevel": "full",
                    "$format": "zip",
                    "zipForUnix": "true",
                    "download": "true",
                    "resolveLfs": "false",
                },
            )

    def _api(self, repository: HasCode) -> str:
        project, name = (
            quote(repository.project_id, safe=""),
            quote(repository.external_id, safe=""),
        )
        return f"{self._url}/{project}/_apis/git/repositories/{name}"


def commit_id(value: Any) -> str:
    """An id of a commit. Raises ValueError for what is none, so that no program is given it."""
    if not COMMIT.fullmatch(str(value)):
        raise ValueError("not the id of a commit")
    return str(value)


def _is_ahead(row: dict[str, Any]) -> bool:
    return row["aheadCount"] > 0 and not row["isBaseVersion"]


def _branch(row: dict[str, Any]) -> Branch:
    commit = row["commit"]
    by = commit.get("committer") or commit.get("author") or {}
    at = read_time(by.get("date") or "")
    return Branch(
        name=words(row["name"]),
        commit=commit_id(commit["commitId"]),
        committed_at=at if at is None or at.tzinfo else at.replace(tzinfo=UTC),
    )
