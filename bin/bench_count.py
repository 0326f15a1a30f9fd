"""`bin/bench count`: lines counted per second beside cloc, on one core, and the memory that takes.

Ours is the whole way of the product: a zip comes from an HTTP server in pieces, goes to a file on
disk, is counted, and what came of it is stored as JSON in a row. cloc gets the unpacked tree, which
spares it the download, and no look for files that are the same. A line is a physical line of a
file that the one or the other counted, whether it is code or not.
"""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median

from bin.processes import free_port
from projects.counting import Counter
from projects.counting.model import Count

# Counted unless a tree is given: what is installed here anyway.
PACKAGES = ("django", "rest_framework", "allauth", "celery", "kombu", "hypothesis", "mypy")
# Programs, and translations, which are code to cloc alone.
PASSED_OVER = (".pyc", ".so", ".mo", ".po")
PIECE = 64 * 1024
LEAST_RATIO, MOST_GROWTH = 5.0, 1.2
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
CLOC = ["cloc", "--json", "--quiet", "--skip-uniqueness", "--timeout", "0"]
CLOC += ["--max-file-size", "1000"]


@dataclass(frozen=True)
class Took:
    """`cpu` is of all processes that worked for it, `tool` of those of them that are scc."""

    lines: int
    seconds: float
    cpu: float
    tool: float = 0.0

    @property
    def per_second(self) -> float:
        return self.lines / self.seconds

    @property
    def per_core(self) -> float:
        return self.lines / self.cpu


def measure_count(tree: Path | None, rounds: int, most: int) -> bool:
    """Print what it took. Returns whether it was quick enough and its memory flat."""
    # Inherited by everything that is started from here.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="mooring-bench-") as scratch:
        is_quick = _compare(Path(scratch), tree, rounds)
        is_flat = _look_at_memory(Path(scratch), most)
    return is_quick and is_flat


# Throughput


def _compare(scratch: Path, tree: Path | None, rounds: int) -> bool:
    archive = scratch / "tree.zip"
    _write_zip(archive, _files_of(tree))
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(scratch / "tree")
    with _served(scratch) as url:
        _ours(scratch, f"{url}/tree.zip")
        done = [(_ours(scratch, f"{url}/tree.zip"), _cloc(scratch / "tree")) for _ in range(rounds)]
    ours, cloc = zip(*done, strict=True)
    print(f"{ours[0].lines:,} lines looked at by ours, {cloc[0].lines:,} by cloc, on one core")
    print("          lines a second   lines a CPU second")
    for name, took in (("ours", ours), ("cloc", cloc)):
        second, core = median(t.per_second for t in took), median(t.per_core for t in took)
        print(f"{name:<8} {second:15,.0f} {core:20,.0f}")
    ratio = median(a.per_second / b.per_second for a, b in done)
    per_core = median(a.per_core / b.per_core for a, b in done)
    print(f"{'ratio':<8} {ratio:15.1f} {per_core:20.1f}")
    share = median(took.tool / took.cpu for took in ours)
    print(f"scc itself is {share:.0%} of our CPU seconds. The aim is {LEAST_RATIO:.0f} a second.")
    return ratio >= LEAST_RATIO


def _ours(scratch: Path, url: str) -> Took:
    began, cpu, tool = time.perf_counter(), _cpu(), _cpu(resource.RUSAGE_CHILDREN)
    lines = count_and_store(url, scratch)
    seconds, tool = time.perf_counter() - began, _cpu(resource.RUSAGE_CHILDREN) - tool
    return Took(lines, seconds, _cpu() - cpu, tool)


def count_and_store(url: str, scratch: Path) -> int:
    """Returns how many lines were looked at."""
    with tempfile.TemporaryFile(dir=scratch) as archive:
        with urllib.request.urlopen(url, timeout=60) as answer:
            while piece := answer.read(PIECE):
                archive.write(piece)
        counter, lines = Counter(archive), 0
        count = Count("bench")
        for outcome in counter.outcomes():
            count.note(outcome)
            lines += outcome.lines.all if outcome.lines else 0
    database = sqlite3.connect(scratch / "counts.sqlite3")
    with database:
        database.execute("CREATE TABLE IF NOT EXISTS line_count (found TEXT NOT NULL)")
        database.execute("INSERT INTO line_count VALUES (?)", [json.dumps(count.as_dict())])
    database.close()
    return lines


def _cloc(tree: Path) -> Took:
    began, cpu = time.perf_counter(), _cpu()
    done = subprocess.run([*CLOC, "."], cwd=tree, capture_output=True, check=True)
    seconds = time.perf_counter() - began
    return Took(json.loads(done.stdout)["header"]["n_lines"], seconds, _cpu() - cpu)


def _cpu(*whose: int) -> float:
    """Seconds of this process and of those that it started and that have ended, or of one kind."""
    used = [resource.getrusage(who) for who in whose or (resource.RUSAGE_SELF, -1)]
    return sum(each.ru_utime + each.ru_stime for each in used)


# Memory


def _look_at_memory(scratch: Path, most: int) -> bool:
    print("lines          files    this process      scc     lines a second")
    peaks = {}
    for size in (size for size in SIZES if size <= most):
        files = _write_zip(scratch / "made.zip", _until(_files_of(None), size))
        with _served(scratch) as url:
            code = f"from bin import bench_count; bench_count.tell_memory({url + '/made.zip'!r})"
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True,
                text=True, check=True,
            )  # fmt: skip
        lines, own, tool, per_second = map(float, done.stdout.split())
        peaks[size] = own + tool
        print(
            f"{lines:10,.0f} {files:9,} {own:12.1f} MB {tool:6.1f} MB {per_second:14,.0f}",
            flush=True,
        )
    before, last = list(peaks.values())[-2:]
    print(f"{last / before:.2f} times as much for ten times the lines; at most {MOST_GROWTH}.")
    return last <= before * MOST_GROWTH


def tell_memory(url: str) -> None:
    """Lines, megabytes of this process at most and of scc, lines a second. Needs Linux."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mooring-bench-") as scratch:
        lines = count_and_store(url, Path(scratch))
    status = Path("/proc/self/status").read_text().split()
    own = int(status[status.index("VmHWM:") + 1]) / 1024
    tool = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(lines, own, tool, lines / (time.perf_counter() - began))


# Trees


def _files_of(tree: Path | None) -> Iterator[tuple[str, bytes]]:
    installed = Path(sysconfig.get_path("purelib"))
    roots = [tree] if tree else [installed / name for name in PACKAGES]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix not in PASSED_OVER:
                yield path.relative_to(root.parent).as_posix(), path.read_bytes()


def _until(files: Iterator[tuple[str, bytes]], lines: int) -> Iterator[tuple[str, bytes]]:
    """The Python files again and again, in another folder each time, until there are so many."""
    some = [(path, content) for path, content in files if path.endswith((".py", ".js"))]
    for number, (path, content) in enumerate(cycle(some)):
        if lines <= 0:
            return
        yield f"{number // len(some)}/{path}", content
        lines -= content.count(b"\n")


def _write_zip(path: Path, files: Iterator[tuple[str, bytes]]) -> int:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files:
            archive.writestr(name, content)
        return len(archive.infolist())


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """By a program of its own, whose work is none of ours."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    nowhere = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=folder, stdout=nowhere, stderr=nowhere)
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("The server of the archive did not start.")
