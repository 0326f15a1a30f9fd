"""What `bin/test` runs: pytest, with a broker of its own when REDIS_URL names none."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from bin.processes import ROOT, Child, Guard, free_port, stop_all
from bin.stack import broker_command

_MOST_PROCESSES = 4
_PATIENCE = 10.0


def main() -> int:
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    (ROOT / "var").mkdir(exist_ok=True)
    processes = min(_MOST_PROCESSES, os.cpu_count() or 1)
    command = ["pytest", "-n", str(processes), *sys.argv[1:]]
    try:
        with _broker() as redis_url:
            env = os.environ | {"REDIS_URL": redis_url}
            return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=env).returncode
    except KeyboardInterrupt:
        return 130


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _broker() -> Iterator[str]:
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    port = free_port()
    guard = Guard()
    with tempfile.TemporaryDirectory(prefix="mooring-test-") as directory:
        command = broker_command(port, Path(directory))
        broker = Child("broker", command, os.environ, Path(directory) / "log", guard)
        try:
            broker.start()
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            stop_all([broker], 2.0)
            guard.leave()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit("The broker for the tests did not start.")


if __name__ == "__main__":
    sys.exit(main())
