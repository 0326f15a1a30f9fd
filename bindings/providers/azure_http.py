"""How Azure DevOps is asked: politely, with an end, and without following anything."""

import threading
import time
from contextlib import AbstractContextManager, closing
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2
import stamina

from bindings.providers.azure_answers import activity_id, raise_for, retry_after
from bindings.providers.azure_reading import read_json
from bindings.providers.base import Heard, NoAnswer, Verdict
from bindings.providers.pacing import LONGEST_PAUSE, Pace
from core.secrets import fingerprint

TIMEOUT = httpx2.Timeout(10, read=60)
SHORT_TIMEOUT = httpx2.Timeout(10, read=20)
# A list of ten thousand repositories is some 9 MB; more than this is no answer of theirs.
MAX_BYTES = 32 * 1024 * 1024
DEADLINE = 90.0
ATTEMPTS = 3


def worth_retrying(error: Exception) -> bool | float:
    """For stamina: whether to try again, or after how many seconds."""
    if not isinstance(error, NoAnswer) or error.verdict == Verdict.UNREADABLE_ANSWER:
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= LONGEST_PAUSE else False


_one_at_a_time = threading.Lock()


def shared_client() -> httpx2.Client:
    """One client a process: connections are kept, and nothing of one account for another.

    Threads that ask for it first at the same moment would otherwise make one each, and all but
    one of them be forgotten with a connection that nobody closes.
    """
    with _one_at_a_time:
        return _client()


@lru_cache(maxsize=1)
def _client() -> httpx2.Client:
    return httpx2.Client(
        headers={
            # Without it a token that is not known is sent to a sign-in page.
            "X-TFS-FedAuthRedirect": "Suppress",
            "User-Agent": "Mooring/1 (Azure DevOps import)",
        },
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        limits=httpx2.Limits(max_connections=200, max_keepalive_connections=50),
    )


class AzureHttp:
    """Requests in the name of one token to one organization.

    Whoever can come back later is not `patient`: no second attempt, and a short time-out.
    """

    def __init__(self, organization: str, token: str, *, patient: bool) -> None:
        self._pace = Pace(organization, fingerprint(token))
        self._auth = httpx2.BasicAuth("", token)
        self._patient = patient
        self._timeout = TIMEOUT if patient else SHORT_TIMEOUT
        self._local = threading.local()

    def keep_turn(self) -> AbstractContextManager[None]:
        """For requests that follow each other on one thread."""
        return self._pace.keep_turn()

    @property
    def heard(self) -> Heard:
        """About the newest request that this thread made."""
        heard: Heard = getattr(self._local, "heard", Heard())
        return heard

    def get(
        self,
        url: str,
        *,
        params: dict[str, Any] | None = None,
        version: str = "7.1",
        scope_free: bool = False,
    ) -> dict[str, Any]:
        response = self.send("GET", url, params=params, version=version, scope_free=scope_free)
        return read_json(response)

    def send(self, method: str, url: str, **options: Any) -> httpx2.Response:
        """Send; a question is asked again when that may help, a probe that posts never."""
        if method != "GET" or not self._patient:
            return self._send_once(method, url, **options)
        for attempt in stamina.retry_context(
            on=worth_retrying,
            attempts=ATTEMPTS,
            timeout=DEADLINE,
            wait_initial=0.5,
            wait_max=5,
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
        request = self._request(method, url, version, **options)
        with self._pace.turn():
            began = time.perf_counter()
            try:
                response = self._receive_anew(request)
            except httpx2.HTTPError as error:
                raise NoAnswer(Verdict.UNAVAILABLE) from error
            finally:
                took = round((time.perf_counter() - began) * 1000)
                self._local.heard = Heard(took)
        self._local.heard = Heard(took, activity_id(response))
        if wait := retry_after(response):
            slow = self._pace.slow_down if response.is_success else self._pace.block
            slow(wait)
        raise_for(response, scope_free=scope_free)
        return response

    def _request(self, method: str, url: str, version: str, **options: Any) -> httpx2.Request:
        """What the client would build, without its looking at the address and headers twice."""
        headers = shared_client().headers.copy()
        headers["Accept"] = f"application/json;api-version={version}"
        extensions = {"timeout": self._timeout.as_dict()}
        return httpx2.Request(method, url, headers=headers, extensions=extensions, **options)

    def _receive_anew(self, request: httpx2.Request) -> httpx2.Response:
        """A connection that was kept may have been closed or reset there: then over a new one."""
        try:
            return self._receive(request)
        except (httpx2.RemoteProtocolError, httpx2.ReadError):
            if request.method != "GET":
                raise
        return self._receive(request)

    def _receive(self, request: httpx2.Request) -> httpx2.Response:
        """Read an answer, but neither without end nor without limit."""
        until = time.monotonic() + DEADLINE
        with closing(shared_client().send(request, auth=self._auth, stream=True)) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise NoAnswer(Verdict.UNREADABLE_ANSWER)
                if time.monotonic() > until:
                    raise NoAnswer(Verdict.UNAVAILABLE)
        headers = [(k, v) for k, v in response.headers.multi_items() if k != "content-encoding"]
        return httpx2.Response(
            response.status_code, headers=headers, content=bytes(content), request=request
        )
