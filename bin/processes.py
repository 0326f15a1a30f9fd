"""Programs that run beside each other, and end together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
# Who ran for so long has recovered; its next fall is a new one.
_STEADY = 60.0


class Guard:
    """Ends what was started, even when the starter is killed."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("guard.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def watch(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def leave(self) -> None:
        self._process.communicate()


class Child:
    """One program, in a process group of its own so that its own children end with it."""

    def __init__(
        self, name: str, command: list[str], env: Mapping[str, str], log: Path, guard: Guard
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._env = env
        self._guard = guard
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause = _FIRST_PAUSE
        self._restart_at: float | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=dict(self._env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._guard.watch(self._process.pid)
        self._started_at = time.monotonic()
        self._restart_at = None

    def terminate(self) -> None:
        if self._process and self.is_running:
            self._process.terminate()

    def wait(self, seconds: float) -> None:
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, seconds))

    def kill(self) -> None:
        """End it at once, and whatever it started."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._guard.forget(self._process.pid)
        self._process = None

    def revive(self) -> str:
        """Start it again if it died, after a pause that grows; tell what happened, once."""
        if self.is_running:
            return ""
        if self._restart_at is not None:
            if time.monotonic() >= self._restart_at:
                self.start()
            return ""
        code = self._process.returncode if self._process else None
        self.kill()
        if time.monotonic() - self._started_at > _STEADY:
            self._pause = _FIRST_PAUSE
        pause, self._pause = self._pause, min(self._pause * 2, _LONGEST_PAUSE)
        self._restart_at = time.monotonic() + pause
        return f"{self.name} stopped (exit {code}), starting it again in {pause:.0f} s"


def stop_all(children: Iterable[Child], patience: float) -> None:
    """Ask all to end, and end those that take longer."""
    children = list(children)
    deadline = time.monotonic() + patience
    for child in children:
        child.terminate()
    for child in children:
        child.wait(deadline - time.monotonic())
        child.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
