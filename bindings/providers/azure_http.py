"""How Azure DevOps is asked: politely, with an end, and without following anything."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, BinaryIO

import httpx2
import stamina

from bindings.providers.azure_answers import activity_id, raise_for, retry_after
from bindings.providers.azure_reading import read_json
from bindings.providers.base import Heard, NoAnswer, NoTurn, Verdict
from bindings.providers.pacing import LONGEST_PAUSE, Pace
from bindings.providers.pouring import LONGEST_TRANSFER, pour
from core.secrets import fingerprint

TIMEOUT = httpx2.Timeout(10, read=60)
# Files are packed before the first of them is sent.
TIMEOUT_OF_A_DOWNLOAD = httpx2.Timeout(10, read=100)
SHORT_TIMEOUT = httpx2.Timeout(10, read=20)
# A list of ten thousand repositories is some 9 MB; more than this is no answer of theirs.
MAX_BYTES = 32 * 1024 * 1024
DEADLINE = 90.0
ATTEMPTS = 3
ATTEMPTS_AT_A_DOWNLOAD = 2
ZIPS = ("application/zip", "application/octet-stream", "application/x-zip-compressed")


def worth_retrying(error: Exception) -> bool | float:
    """For stamina: whether to try again, or after how many seconds."""
    if not isinstance(error, NoAnswer) or isinstance(error, NoTurn):
        return False
    if error.verdict == Verdict.UNREADABLE_ANSWER:
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
        # For git, which speaks for itself.
        self.authorization = f"Basic {base64.b64encode(f':{token}'.encode()).decode()}"
        self._patient = patient
        self._timeout = TIMEOUT if patient else SHORT_TIMEOUT
        self._local = threading.local()

    def keep_turn(self) -> AbstractContextManager[None]:
        """For requests that follow each other on one thread."""
        return self._pace.keep_turn()

    def transfer(self) -> AbstractContextManager[None]:
        """A turn for what somebody else transfers."""
        return self._pace.transfer()

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

    def download(
        self, url: str, into: BinaryIO, *, limit: int, until: float, params: dict[str, Any]
    ) -> None:
        """A zip of at most `limit` bytes, in pieces: how large it is does not matter to memory.
        `until` is on the monotonic clock.

        Whatever fails leaves `into` empty. A second attempt begins at the beginning.
        """
        now = time.monotonic()
        until = min(until, now + LONGEST_TRANSFER)
        if until <= now:
            raise NoAnswer(Verdict.UNAVAILABLE)
        request = self._request("GET", url, "7.1", kind="application/zip", params=params)
        # A compressed answer would be as large as it likes once it is read.
        request.headers["Accept-Encoding"] = "identity"
        request.extensions["timeout"] = TIMEOUT_OF_A_DOWNLOAD.as_dict()
        for attempt in stamina.retry_context(
            on=worth_retrying,
            attempts=ATTEMPTS_AT_A_DOWNLOAD if self._patient else 1,
            timeout=until - now,
            wait_initial=0.5,
            wait_max=5,
        ):
            with attempt:
                self._download_once(request, into, limit=limit, until=until)

    def _download_once(
        self, request: httpx2.Request, into: BinaryIO, *, limit: int, until: float
    ) -> None:
        refusal = None
        with (
            self._pace.transfer(),
            self._on_the_wire(),
            closing(self._begin_anew(request)) as response,
        ):
            if response.status_code == 200 and _media_type(response) in ZIPS:
                pour(response.iter_raw(), into, limit=limit, until=until)
            else:
                refusal = _read(response, time.monotonic() + DEADLINE)
        self._heed(response)
        if refusal is not None:
            raise_for(refusal)
            raise NoAnswer(Verdict.UNREADABLE_ANSWER, activity_id=activity_id(response))

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
        with self._pace.turn(), self._on_the_wire():
            response = self._receive_anew(request)
        self._heed(response)
        raise_for(response, scope_free=scope_free)
        return response

    @contextmanager
    def _on_the_wire(self) -> Iterator[None]:
        """How long it takes is noted, and a failure on the way is no answer."""
        began = time.perf_counter()
        try:
            yield
        except httpx2.HTTPError as error:
            raise NoAnswer(Verdict.UNAVAILABLE) from error
        finally:
            self._local.heard = Heard(round((time.perf_counter() - began) * 1000))

    def _heed(self, response: httpx2.Response) -> None:
        wait = retry_after(response)
        self._local.heard = replace(self.heard, activity_id=activity_id(response), wait=wait)
        if wait:
            slow = self._pace.slow_down if response.is_success else self._pace.block
            slow(wait)

    def _request(
        self, method: str, url: str, version: str, *, kind: str = "application/json", **options: Any
    ) -> httpx2.Request:
        """What the client would build, without its looking at the address and headers twice."""
        headers = shared_client().headers.copy()
        headers["Accept"] = f"{kind};api-version={version}"
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
        until = time.monotonic() + DEADLINE
        with closing(self._begin(request)) as response:
            return _read(response, until)

    def _begin_anew(self, request: httpx2.Request) -> httpx2.Response:
        """The same before anything was received: what breaks off later begins at the beginning."""
        try:
            return self._begin(request)
        except (httpx2.RemoteProtocolError, httpx2.ReadError):
            return self._begin(request)

    def _begin(self, request: httpx2.Request) -> httpx2.Response:
        return shared_client().send(request, auth=self._auth, stream=True)


def _media_type(response: httpx2.Response) -> str:
    return str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def _read(response: httpx2.Response, until: float) -> httpx2.Response:
    """Read an answer, but neither without end nor without limit."""
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise NoAnswer(Verdict.UNREADABLE_ANSWER)
        if time.monotonic() > until:
            raise NoAnswer(Verdict.UNAVAILABLE)
    headers = [(k, v) for k, v in response.headers.multi_items() if k != "content-encoding"]
    return httpx2.Response(
        response.status_code, headers=headers, content=bytes(content), request=response.request
    )
