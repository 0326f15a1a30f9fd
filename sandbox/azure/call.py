"""One request to the API, and the JSON answers to it."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from flask import Request, Response

from . import access
from .ids import guid, person_id
from .model import Organization, Person, Project, Repository, Token
from .people import ANONYMOUS
from .world import World

PROCESS_ID = str(uuid.uuid4())
_P3P = 'CP="CAO DSP COR ADMa DEV CONo TELo CUR PSA PSD TAI IVDo OUR SAMi BUS DEM NAV STA UNI COM INT PHY ONL FIN PUR LOC CNT"'  # noqa: E501  # sent as one line


class Host(StrEnum):
    """The services an organization is spread over, each with a realm of its own."""

    CORE = "https://tfsprodsbx1.visualstudio.com/"
    IDENTITY = "https://spsprodsbx1.vssps.visualstudio.com/"
    ENTITLEMENTS = "https://aexprodsbx1.vsaex.visualstudio.com/"

    @property
    def deployment_id(self) -> str:
        return guid("deployment", self.name)


@dataclass
class Call:
    """A request to an organization. `path` is what follows the organization's name.

    `person` is anonymous until the gate has seen the token, and stays so for a
    stranger in an organization with a public project.
    """

    world: World
    host: Host
    organization: Organization
    path: str
    request: Request
    person: Person = ANONYMOUS
    token: Token | None = None
    api_version: str = ""
    activity_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @cached_property
    def base(self) -> str:
        """Where the sandbox is, as the caller wrote it: no slash at the end."""
        return self.request.host_url.rstrip("/")

    @property
    def is_git(self) -> bool:
        """Git's own protocol, rather than the REST API."""
        return "/_git/" in f"/{self.path}"

    @property
    def home(self) -> str:
        """The organization's address."""
        return f"{self.base}/{self.organization.name}"

    @property
    def identity_home(self) -> str:
        return f"{self.base}/vssps/{self.organization.name}"

    def may_read(self, project: Project) -> bool:
        return access.may_read(self.person, project)

    def may_see(self, project: Project) -> bool:
        return access.may_see(self.person, project)

    def projects(self) -> list[Project]:
        return [each for each in self.organization.projects if self.may_see(each)]

    def readable(self) -> list[tuple[Project, Repository]]:
        return [
            (project, repository)
            for project in self.organization.projects
            if self.may_read(project)
            for repository in project.repositories
        ]


def json_answer(
    call: Call, body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON with the headers every answer of the service carries."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair, which JSON can bring in, can't go out again.
    answer = Response(text.encode(errors="replace"), status)
    version = f"; api-version={call.api_version}" if call.api_version and status < 400 else ""
    answer.headers["Content-Type"] = f"application/json; charset=utf-8{version}"
    answer.headers.extend(headers or {})
    return with_common_headers(call, answer)


def listing(call: Call, rows: list[object], headers: Mapping[str, str] | None = None) -> Response:
    """`count` is that of the rows in this answer, never a total."""
    return json_answer(call, {"count": len(rows), "value": rows}, headers=headers)


def with_common_headers(call: Call, answer: Response) -> Response:
    answer.headers.setdefault("Cache-Control", "no-cache")
    answer.headers["P3P"] = _P3P
    answer.headers["X-TFS-ProcessId"] = PROCESS_ID
    answer.headers["X-TFS-Session"] = call.request.headers.get("X-TFS-Session", call.activity_id)
    answer.headers["ActivityId"] = answer.headers["X-VSS-E2EID"] = call.activity_id
    answer.headers["X-VSS-SenderDeploymentId"] = call.host.deployment_id
    answer.headers["Access-Control-Expose-Headers"] = "Request-Context"
    if call.person is not ANONYMOUS:
        answer.headers["X-VSS-UserData"] = f"{person_id(call.person)}:{call.person.account}"
    return answer
