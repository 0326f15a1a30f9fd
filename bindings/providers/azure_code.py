"""The code in a repository of Azure DevOps: its branches, its pushes, the files of one commit.

Source: learn.microsoft.com/rest/api/azure/devops/git (refs, stats, pushes, items).
"""

import math
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import quote

import structlog

from bindings.providers import azure_git
from bindings.providers.azure_answers import NotVisible
from bindings.providers.azure_http import AzureHttp
from bindings.providers.azure_reading import read_json, read_time, readable, words
from bindings.providers.base import Branch, CommitGone, HasCode, NoAnswer, NoArchive, Verdict
from bindings.providers.pouring import empty

logger = structlog.get_logger(__name__)

HEADS = "refs/heads/"
PAGE = 1000
MOST_BRANCHES = 20_000
COMMIT = re.compile(r"[0-9a-f]{40}")
ZIP_OF_ALL = {
    "path": "/",
    "versionDescriptor.versionType": "commit",
    "recursionLevel": "full",
    "$format": "zip",
    "zipForUnix": "true",
    "download": "true",
    "resolveLfs": "false",
}
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class AzureCode:
    """Asks over the same connections and at the same pace as everything else.

    `paired` surrounds whatever may be refused for lack of a scope. Git works in `scratch`, or
    where temporary files are made.
    """

    def __init__(
        self,
        url: str,
        http: AzureHttp,
        *,
        paired: Callable[[], AbstractContextManager[None]],
        scratch: str,
    ) -> None:
        self._url = url
        self._http = http
        self._paired = paired
        self._scratch = scratch

    def heads(self, repository: HasCode) -> dict[str, str]:
        """The newest commit of each branch, by the branch's short name; of some 20,000 at most,
        the default branch among them if it is there.
        """
        found: dict[str, str] = {}
        cursor = ""
        with self._paired():
            while len(found) < MOST_BRANCHES:
                page, cursor = self._page_of_heads(repository, cursor)
                # A cursor that stands still, or goes in circles, brings nothing new.
                is_new = bool(page.keys() - found.keys())
                found |= page
                if not cursor or not is_new:
                    break
            default = repository.default_branch.removeprefix(HEADS)
            if cursor and default and default not in found:
                page, _ = self._page_of_heads(repository, "", beginning=default)
                found |= page
        return found

    def _page_of_heads(
        self, repository: HasCode, cursor: str, *, beginning: str = ""
    ) -> tuple[dict[str, str], str]:
        params = {"filter": f"heads/{beginning}", "$top": PAGE}
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

    def last_push(self, repository: HasCode) -> datetime | None:
        """When anybody last pushed to it, whatever the branch; None where nobody has yet.

        Raises NotVisible where the repository is gone, hidden or disabled.
        """
        with self._paired():
            answer = self._http.get(f"{self._api(repository)}/pushes", params={"$top": 1})
        with readable():
            newest = answer["value"][:1]
            return _in_utc(read_time(newest[0]["date"])) if newest else None

    def fetch(
        self,
        repository: HasCode,
        commit: str,
        into: BinaryIO,
        *,
        limit: int,
        until: float = math.inf,
    ) -> None:
        """Fill `into` with a zip of all files of a commit, and rewind it.

        Where the platform refuses to make one, though the repository can be read, git does.
        Raises CodeTooLarge where that takes more than `limit` bytes, CommitGone and NoArchive
        where git is of no help. Whatever is raised, `into` is empty then. `until` is on the
        monotonic clock: later, it is NoAnswer.
        """
        commit_id(commit)
        empty(into)
        try:
            with self._paired():
                url = f"{self._api(repository)}/items"
                version = {"versionDescriptor.version": commit}
                self._http.download(
                    url, into, limit=limit, until=until, params=ZIP_OF_ALL | version
                )
        except NoAnswer as refusal:
            # What time can heal is not asked for in another way.
            if refusal.verdict != Verdict.UNREADABLE_ANSWER:
                raise
            logger.info("archive_refused", activity_id=refusal.activity_id)
            self._fetch_by_git(repository, commit, into, limit=limit, until=until)

    def _fetch_by_git(
        self, repository: HasCode, commit: str, into: BinaryIO, *, limit: int, until: float
    ) -> None:
        # A repository that is gone refuses this as well, and says what is wrong with it.
        heads = self.heads(repository)
        branch = next((name for name, newest in heads.items() if newest == commit), "")
        if not azure_git.is_installed():
            # What is no branch's newest commit any more may be refused for that.
            raise NoArchive if branch else CommitGone
        address, header = self._remote(repository), self._http.authorization
        remote = azure_git.Remote(address, header, scratch=self._scratch)
        with self._paired(), self._http.transfer():
            azure_git.fetch_archive(remote, commit, branch, into, limit=limit, until=until)

    def _api(self, repository: HasCode) -> str:
        project, name = _ids(repository)
        return f"{self._url}/{project}/_apis/git/repositories/{name}"

    def _remote(self, repository: HasCode) -> str:
        """For git. Ids stand for names there too, and outlive them."""
        project, name = _ids(repository)
        return f"{self._url}/{project}/_git/{name}"


def _ids(repository: HasCode) -> tuple[str, str]:
    return quote(repository.project_id, safe=""), quote(repository.external_id, safe="")


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
    return Branch(
        name=words(row["name"]),
        commit=commit_id(commit["commitId"]),
        committed_at=_in_utc(read_time(by.get("date") or "")),
    )


def _in_utc(at: datetime | None) -> datetime | None:
    """Who names no zone means this one, and not where we are."""
    if at is None:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
