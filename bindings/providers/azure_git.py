"""A commit's files by git, for where Azure DevOps refuses to pack them.

The one place where a platform is asked by a program of somebody else's. It is given a temporary
folder, the token in its environment (where only its own user looks; arguments, addresses and files
are seen by more), and none of the settings of whoever runs it.
"""

import math
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

import structlog

from bindings.providers.azure_answers import Forbidden, NotVisible
from bindings.providers.base import CodeTooLarge, CommitGone, NoAnswer, Refused, Verdict
from bindings.providers.pouring import LONGEST_TRANSFER, pour
from core.redaction import redact

logger = structlog.get_logger(__name__)

PIECE = 64 * 1024
BETWEEN_LOOKS = 0.1
MOST_HEARD = 16_000
MOST_SAID = 2000

# How to reach the world from here, which is the operator's business.
PASSED_ON = (
    "PATH", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "http_proxy", "https_proxy", "HTTPS_PROXY",
    "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
)  # fmt: skip
SETTINGS = (
    ("protocol.allow", "never"),
    ("protocol.http.allow", "always"),
    ("protocol.https.allow", "always"),
    ("core.hooksPath", "/dev/null"),
    ("credential.helper", ""),
    # Pieces of history as one file; and nothing that goes on in the background afterwards.
    ("fetch.unpackLimit", "1"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    # Old histories have flaws that matter to nobody who only reads their newest files, and no
    # name in them ever becomes a name on this disk.
    ("transfer.fsckObjects", "false"),
    ("http.followRedirects", "false"),
    ("http.userAgent", "Mooring/1 (Azure DevOps import)"),
    # A large file passes through in pieces, here and when it is packed.
    ("core.bigFileThreshold", "8m"),
    ("core.deltaBaseCacheLimit", "16m"),
    ("pack.threads", "1"),
    # In bytes a second, and for how many seconds less than that is put up with.
    ("http.lowSpeedLimit", "100"),
    ("http.lowSpeedTime", "60"),
)
# Above all that the repository says itself: nothing is hidden or rewritten on its way out.
ATTRIBUTES = "* -export-ignore -export-subst -text -ident -filter !eol !working-tree-encoding\n"


@dataclass(frozen=True)
class Remote:
    """Where a repository is, what opens it, and the folder to work in (empty: the usual one)."""

    url: str
    authorization: str = field(repr=False)
    scratch: str = ""


def is_installed() -> bool:
    return shutil.which("git") is not None


def fetch_archive(
    remote: Remote,
    commit: str,
    branch: str,
    into: BinaryIO,
    *,
    limit: int,
    until: float = math.inf,
) -> None:
    """Fill `into` with a zip of a commit's files, and rewind it.

    A server need not give out what is asked for by its id alone. Then the branch that should be
    there is fetched. Raises CommitGone where it is elsewhere by now; CodeTooLarge where fetched or
    packed files take more than `limit` bytes; NoAnswer, Refused (to be paired) and NotVisible.
    """
    until = min(until, time.monotonic() + LONGEST_TRANSFER)
    with tempfile.TemporaryDirectory(prefix="mooring-git-", dir=remote.scratch or None) as folder:
        git = Git(Path(folder), limit=limit, until=until)
        git.run("init", "--bare", "--quiet", "--template=", ".")
        attributes = Path(folder, "info", "attributes")
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text(ATTRIBUTES)
        _fetch(git, remote, commit, branch)
        git.archive(commit, into)


def _fetch(git: "Git", remote: Remote, commit: str, branch: str) -> None:
    try:
        git.fetch(remote, commit)
    except CommitGone:
        if not branch:
            raise
        git.fetch(remote, f"refs/heads/{branch}")
        if not git.has(commit):
            raise


class Git:
    """A bare repository in `folder`, of at most `limit` bytes. All has to be done by `until`."""

    def __init__(self, folder: Path, *, limit: int, until: float) -> None:
        self._folder = folder
        self._limit = limit
        self._until = until

    def run(self, *arguments: str) -> None:
        with self._running(*arguments):
            pass

    def fetch(self, remote: Remote, what: str) -> None:
        """The newest commit of a branch, or one by its id, and nothing of what was before it."""
        headers = (
            ("http.extraHeader", f"Authorization: {remote.authorization}"),
            ("http.extraHeader", "X-TFS-FedAuthRedirect: Suppress"),
        )
        arguments = ("--depth=1", "--no-tags", "--no-recurse-submodules", "--quiet")
        with self._running("fetch", *arguments, remote.url, what, settings=headers) as process:
            while process.poll() is None:
                self._check_size()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(BETWEEN_LOOKS)
        self._check_size()

    def has(self, commit: str) -> bool:
        try:
            self.run("cat-file", "-e", f"{commit}^{{commit}}")
        except NoAnswer:
            return False
        return True

    def archive(self, commit: str, into: BinaryIO) -> None:
        with self._running("archive", "--format=zip", "-1", commit) as process:
            pour(_pieces(process.stdout), into, limit=self._limit, until=self._until)

    def _check_size(self) -> None:
        size = 0
        for place, _, names in os.walk(self._folder):
            for name in names:
                # It may have got another name since.
                with suppress(FileNotFoundError):
                    size += os.stat(os.path.join(place, name), follow_symlinks=False).st_size
        if size > self._limit:
            raise CodeTooLarge(self._limit)

    @contextmanager
    def _running(
        self, *arguments: str, settings: Sequence[tuple[str, str]] = ()
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Wait for it at the end of the block. Whoever leaves early, or is late, kills it."""
        with (
            subprocess.Popen(  # noqa: S603  # a list, of our own words and checked ids
                ["git", *arguments],  # noqa: S607  # wherever the operator has it
                cwd=self._folder,
                env=self._environment([*SETTINGS, *settings]),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            ) as process,
            ThreadPoolExecutor(1) as listener,
        ):
            said = listener.submit(_end_of, process.stderr)
            try:
                with _alarm(process, self._until):
                    yield process
                    process.wait()
            finally:
                _kill(process)
        if process.returncode:
            raise _failure(said.result(), arguments[0], process.returncode)

    def _environment(self, settings: Sequence[tuple[str, str]]) -> dict[str, str]:
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= {
            "HOME": str(self._folder),
            "GIT_DIR": str(self._folder),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        for number, (name, value) in enumerate(settings):
            environment[f"GIT_CONFIG_KEY_{number}"] = name
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment


@contextmanager
def _alarm(process: subprocess.Popen[bytes], until: float) -> Iterator[None]:
    alarm = threading.Timer(max(0.0, until - time.monotonic()), _kill, [process])
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With all that it has started, which may live longer than it does."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _pieces(stream: IO[bytes] | None) -> Iterator[bytes]:
    """As they come, and not when there are enough of them."""
    while stream and (piece := os.read(stream.fileno(), PIECE)):
        yield piece


def _end_of(stream: IO[bytes] | None) -> str:
    """The end of all that a program says, however much that is."""
    kept = b""
    for piece in _pieces(stream):
        kept = (kept + piece)[-MOST_HEARD:]
    # Cut once more: what the first cut left of a secret is no secret's shape any more.
    return redact(kept.decode(errors="replace"))[-MOST_SAID:]


# What git says (its exit status tells nothing), and what that means.
MEANINGS: tuple[tuple[str, Callable[[], Exception]], ...] = (
    ("returned error: 429", lambda: NoAnswer(Verdict.THROTTLED)),
    # As little is said of the cause as by an empty 401, so it is paired as one.
    (
        "could not read Username|Authentication failed|returned error: 401",
        lambda: Refused(Verdict.MISSING_SCOPE),
    ),
    ("returned error: 403", Forbidden),
    ("repository '[^']*' not found|returned error: 404", NotVisible),
    # The last is what Azure DevOps says itself.
    ("not our ref|unadvertised object|couldn't find remote ref|TF401035", CommitGone),
)


def _failure(said: str, command: str, status: int) -> Exception:
    logger.warning("git_failed", command=command, status=status, said=said.strip())
    meant = (meaning() for words, meaning in MEANINGS if re.search(words, said))
    return next(meant, NoAnswer(Verdict.UNAVAILABLE))
