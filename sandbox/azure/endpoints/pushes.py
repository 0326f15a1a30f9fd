"""Pushes: one for each commit of a branch, since that is how the samples are made."""

from datetime import UTC, datetime

from dulwich.objects import Commit, ObjectID
from flask import Response

from sandbox.azure.call import Call, listing
from sandbox.azure.git_store import ancestors
from sandbox.azure.model import Project, Repository
from sandbox.azure.paging import number_in_query, page_size
from sandbox.azure.people import PEOPLE
from sandbox.azure.routing import route

from .refs import creator
from .repositories import REPOSITORY, open_repository, repository_reference, repository_url


@route("GET", rf"{REPOSITORY}/pushes", "vso.code", anonymous=True)
def list_pushes(call: Call, repository: str, project: str = "") -> Response:
    """The newest first, by `$skip` and `$top`; an empty list where nothing was pushed yet."""
    owner, found = open_repository(call, repository, project)
    pushed = _commits(call, found)
    first = number_in_query(call, "$skip", 0)
    shown = pushed[first : first + page_size(call, "$top", 100)]
    rows = [
        _push(call, owner, found, number=len(pushed) - first - at, commit=commit)
        for at, commit in enumerate(shown)
    ]
    return listing(call, list(rows))


def _commits(call: Call, repository: Repository) -> list[Commit]:
    """Of all branches, the newest first."""
    git = call.world.git
    repo, tips = git.open(repository), git.branches(repository).values()
    reached = {each for tip in tips for each in ancestors(repo, tip.encode())}
    commits = (repo[ObjectID(each)] for each in sorted(reached))
    found = [each for each in commits if isinstance(each, Commit)]
    return sorted(found, key=lambda commit: commit.commit_time, reverse=True)


def _push(
    call: Call, project: Project, repository: Repository, *, number: int, commit: Commit
) -> dict[str, object]:
    when = datetime.fromtimestamp(commit.commit_time, UTC)
    return {
        "repository": repository_reference(call, project, repository),
        "pushedBy": creator(call, PEOPLE["technical"]),
        "pushId": number,
        # Hundredths of a second are told where there are any.
        "date": f"{when:%Y-%m-%dT%H:%M:%S}.67Z",
        "url": f"{repository_url(call, project, repository)}/pushes/{number}",
    }
