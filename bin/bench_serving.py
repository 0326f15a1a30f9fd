"""Servers beside each other, asked in turns by the same callers. For measurements of one address.

A server is gunicorn as `bin/up` starts it, whatever it serves: one process, eight threads. What a
core does is told by the CPU seconds of that process and of what it started; what the database, the
broker and the callers take is not in them.
"""

import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from urllib.error import HTTPError
from urllib.request import urlopen

from bin.processes import Child, Guard, free_port, stop_all
from bin.stack import web_command

# As many as the server has threads.
CALLERS = 8
PATIENCE = 60.0


@dataclass(frozen=True)
class Server:
    port: int
    pid: int

    @property
    def cpu(self) -> float:
        """Seconds of all its processes so far."""
        return sum(_cpu(pid) for pid in (self.pid, *_children(self.pid)))


@dataclass(frozen=True)
class Took:
    requests: int
    seconds: float
    cpu: float
    waits: list[float]

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def per_core(self) -> float:
        return self.requests / self.cpu

    @property
    def p95(self) -> float:
        """In milliseconds, as its caller sees it."""
        return quantiles(self.waits, n=20)[-1] * 1000


@contextmanager
def served(
    application: str, env: Mapping[str, str], logs: Path, python: str = sys.executable
) -> Iterator[Server]:
    """An application on a port of its own."""
    guard, port = Guard(), free_port()
    log = logs / f"{port}.log"
    child = Child(application, web_command(application, port, python), env, log, guard)
    try:
        child.start()
        _wait_for(child, port)
        assert child.pid is not None
        yield Server(port, child.pid)
    finally:
        stop_all([child], 5.0)
        guard.leave()


def _wait_for(child: Child, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and child.is_running:
        if _answers(port):
            return
        time.sleep(0.1)
    sys.exit(f"{child.name} did not start.\n{child.log.read_text()[-2000:]}")


def _answers(port: int) -> bool:
    """Anything at all, which only a worker does that has loaded its application."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/nothing", timeout=PATIENCE):
            return True
    except HTTPError as error:
        error.close()
        return True
    except OSError:
        return False


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """As it goes over the wire."""
    every = {"Host": "localhost", **headers, **({"Content-Length": str(len(body))} if body else {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask(server: Server, requests: Sequence[bytes]) -> Took:
    """Send all, a caller after its last answer. Only what is answered with 200 counts."""
    began, cpu = time.perf_counter(), server.cpu
    with ThreadPoolExecutor(CALLERS) as pool:
        parts = [requests[caller::CALLERS] for caller in range(CALLERS)]
        waits = [wait for part in pool.map(_call, [server.port] * CALLERS, parts) for wait in part]
    return Took(len(waits), time.perf_counter() - began, server.cpu - cpu, waits)


def _call(port: int, requests: Sequence[bytes]) -> list[float]:
    waits = []
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for each in requests:
            began = time.perf_counter()
            connection.sendall(each)
            answer = _answer(connection)
            waits.append(time.perf_counter() - began)
            if not answer.startswith(b"HTTP/1.1 200 "):
                sys.exit(f"{each.decode()[:80]}…\n{answer.decode(errors='replace')[:2000]}")
    return waits


def _answer(connection: socket.socket) -> bytes:
    answer = b""
    while not _is_whole(answer):
        piece = connection.recv(65536)
        if not piece:
            sys.exit("The server hung up.")
        answer += piece
    return answer


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    _, has_length, length = head.lower().partition(b"content-length:")
    if has_length:
        return len(body) >= int(length.split(b"\r\n", 1)[0])
    return body.endswith(b"0\r\n\r\n")


def ratio(ours: Sequence[Took], theirs: Sequence[Took], measure: str) -> float:
    """Of what was measured in turns, the median."""
    pairs = zip(ours, theirs, strict=True)
    return median(getattr(a, measure) / getattr(b, measure) for a, b in pairs)


def _cpu(pid: int) -> float:
    # The clock of another process, as clock_getcpuclockid(3) names it on Linux.
    return time.clock_gettime((~pid << 3) | 2)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def machine(database: str) -> str:
    """What was measured on, and how busy it is, for whoever reads a figure."""
    engine = "PostgreSQL" if database else "SQLite"
    return f"{engine}, {os.cpu_count()} cores, a load of {os.getloadavg()[0]:.1f} at the start"
