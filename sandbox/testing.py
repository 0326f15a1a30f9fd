"""A sandbox for tests: `with running_sandbox() as sandbox: …`."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .azure.bulk import bulk
from .azure.fleet import FleetMember
from .azure.git_trees import Executable, Link, Submodule
from .azure.model import ArchiveFault, Fault, Flaw, Project, Repository
from .mail.mailbox import Mail
from .server import Sandbox
from .stripe.faults import StripeFault
from .stripe.testing import RunningStripe
from .traffic import RequestLog


class RunningSandbox:
    """A sandbox on a free port. Everything takes effect with the next request.

    Methods that name an organization, repository or label raise KeyError when there is none.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self.stripe = RunningStripe(sandbox.desk, f"{self.url}/stripe")

    @property
    def url(self) -> str:
        """For AZURE_DEVOPS_URL; no slash at the end."""
        return f"http://{self._sandbox.host}:{self._sandbox.port}"

    @property
    def identity_url(self) -> str:
        return f"{self.url}/vssps"

    @property
    def entitlements_url(self) -> str:
        return f"{self.url}/vsaex"

    @property
    def smtp_port(self) -> int:
        return self._sandbox.smtp_port

    @property
    def mail(self) -> list[Mail]:
        """Newest first."""
        return self._sandbox.mailbox.newest_first()

    @property
    def requests(self) -> RequestLog:
        """Requests to the services, oldest first; `clear()` empties it."""
        return self._sandbox.traffic.requests

    def reset(self) -> None:
        """Everything as at the start: organizations, tokens, log, latency, mail,
        and all that Stripe has.
        """
        self._world.reset()
        self._sandbox.traffic.reset()
        self._sandbox.mailbox.clear()
        self.stripe.reset()

    # Tokens

    def token(self, label: str) -> str:
        return self._world.tokens.secret(label)

    def issue_token(
        self,
        organization: str,
        *,
        person: str = "technical",
        scopes: Iterable[str] = ("vso.code_write",),
        days: int = 90,
        everywhere: bool = False,
    ) -> str:
        """A new token for an organization. `days` of 0 or less makes an expired one;
        `everywhere` a global one.
        """
        return self._world.tokens.issue(
            name="Made by a test",
            person=person,
            instance_id=None if everywhere else self.instance_id(organization),
            scopes=frozenset(scopes),
            days=days,
        )

    def spoil_token(self, label: str, flaw: Flaw | None) -> None:
        """Revoke it, let it expire …; None makes it good again."""
        self._world.tokens.alter(label, flaw=flaw)

    def spoil(self, secret: str, flaw: Flaw | None = Flaw.REVOKED) -> None:
        """The same for any token, made by whomever. Raises KeyError for one nobody knows."""
        self._world.tokens.spoil(secret, flaw)

    def change_scopes(self, label: str, scopes: Iterable[str]) -> None:
        self._world.tokens.alter(label, scopes=frozenset(scopes))

    def stay_away(self, person: str, days: int) -> None:
        """The last access that its entitlements tell lies so far back; 1 otherwise."""
        self._world.days_away[person] = days

    # Time and traffic

    def set_latency(self, seconds: float) -> None:
        self._sandbox.traffic.latency = seconds

    def set_trickle(self, seconds: float) -> None:
        """How long a dribbling body takes, from its first byte to its last."""
        self._world.trickle_seconds = seconds

    def max_concurrency(self, organization: str) -> int:
        """The most requests to it that were ever in flight at once."""
        return self._sandbox.traffic.max_concurrency(organization)

    def fail_next(self, organization: str, times: int = 1) -> None:
        """Answer its next requests with a 503 page."""
        self._world.fail_next(organization, times)

    # Organizations

    def instance_id(self, organization: str) -> str:
        found = self._world.organization(organization)
        if found is None:
            raise KeyError(organization)
        return found.instance_id

    def add_organization(self, name: str, repositories: int = 1, projects: int = 1) -> None:
        """A healthy one. `issue_token(name)` makes a token for it; `global` works in it too."""
        self._world.add_organization(name, repositories, projects)

    def add_fleet(self, count: int) -> Iterator[FleetMember]:
        """So many small ones that cost nothing until they are asked for: `fleet-000001` …"""
        return self._world.fleet.members(self._world.fleet.grow(count))

    def rename(self, organization: str, new: str) -> None:
        """The old name is a 404 from now on; id, tokens and repositories stay."""
        self._world.rename(organization, new)

    def reuse_name(self, organization: str, tokens_follow: bool = True) -> str:
        """Give the name to another organization; returns its id. Tokens follow, or not."""
        return self._world.reuse_name(organization, tokens_follow).instance_id

    def remove(self, organization: str) -> None:
        self._world.remove(organization)

    def set_fault(self, organization: str, fault: Fault | None) -> None:
        """None takes the fault away."""
        self._world.change_organization(organization, fault=fault)

    def set_archive_fault(
        self, organization: str, fault: ArchiveFault, repository: str | None = None
    ) -> None:
        """What is wrong with its zips, or with those of one repository. NONE takes it away."""
        if repository:
            self._world.change_repository(organization, repository, archive_fault=fault)
        else:
            self._world.change_organization(organization, archive_fault=fault)

    def describe_project(self, organization: str, project: str, text: str) -> None:
        """Write its description, as an administrator there does."""
        self._world.describe_project(organization, project, text)

    # Repositories

    def repository(self, organization: str, name: str) -> tuple[Project, Repository]:
        """A repository and its project, as they are now."""
        found = self._world.organization(organization)
        if found is None:
            raise KeyError(organization)
        return self._world.repository_named(found, name)

    def add_repository(
        self,
        organization: str,
        project: str,
        name: str,
        files: Mapping[str, str | bytes] | None = None,
    ) -> str:
        """One with a commit of `files` on main, or an empty one. Returns its id. A content may
        be an Executable, a Link or a Submodule.
        """
        return self._world.add_repository(organization, project, name, _encoded(files)).id

    def add_bulk(
        self, organization: str, project: str, name: str, *, files: int, lines: int
    ) -> int:
        """One whose zip has so many files with so many lines of any kind in all. Returns how many
        of them are neither blank nor comments.
        """
        made = bulk(files, lines)
        self._world.add_bulk(organization, project, name, made)
        return made.code

    def commit(
        self,
        organization: str,
        repository: str,
        files: Mapping[str, str | bytes],
        branch: str | None = None,
    ) -> str:
        """Put `files` on a branch, the default one if None. Returns the commit's id."""
        return self._world.commit(organization, repository, _encoded(files), branch)

    def rename_repository(self, organization: str, repository: str, new: str) -> None:
        """Its id stays."""
        self._world.change_repository(organization, repository, name=new)

    def disable_repository(self, organization: str, repository: str) -> None:
        self._world.change_repository(organization, repository, disabled=True)

    def put_in_maintenance(self, organization: str, repository: str) -> None:
        """Listed as such, and its content is 503."""
        self._world.change_repository(organization, repository, in_maintenance=True)

    def remove_repository(self, organization: str, repository: str) -> None:
        self._world.remove_repository(organization, repository)


@contextmanager
def running_sandbox(data: Path | None = None) -> Iterator[RunningSandbox]:
    """Run a sandbox in a thread until the block ends. `data` keeps tokens made on its pages."""
    sandbox = Sandbox(data=data)
    sandbox.start_mail()
    thread = threading.Thread(target=sandbox.serve, name="sandbox", daemon=True)
    thread.start()
    try:
        yield RunningSandbox(sandbox)
    finally:
        sandbox.stop()
        thread.join(timeout=5)


def _encoded(files: Mapping[str, str | bytes] | None) -> dict[str, bytes]:
    return {
        path: body.encode() if isinstance(body, str) else body
        for path, body in (files or {}).items()
    }


__all__ = [
    "ArchiveFault", "Executable", "Fault", "Flaw", "Link", "RunningSandbox", "StripeFault",
    "Submodule", "running_sandbox",
]  # fmt: skip
