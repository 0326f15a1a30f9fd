"""`bin/bench estimate`: a thousand repositories counted inside an import, by two workers.

Twice: left alone, and with one of the workers killed at random again and again. Both times must
give the same lines for the same repositories, each once.
"""

import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bin.bench_product import post, signed_in, whole_product
from bin.processes import Child
from bin.stack import Stack

ORGANIZATION = "thousand"
WORKERS = 2
POLL = 0.25
PATIENCE = 1800.0
PART = {"HX-Request": "true"}
# A worker that has been up for so long is at work, and worth killing.
AWAKE = 5.0
# What the rows of the newest estimate say.
ROWS = """
import json
from projects.models import Estimate
estimate = Estimate.objects.latest("started_at")
rows = estimate.repositories.values_list("external_id", "state", "branch", "code", "attempts")
print("ROWS", json.dumps(list(rows)))
"""


@dataclass(frozen=True)
class Run:
    """Seconds, requests to the platform, bytes of the largest worker, and the rows."""

    seconds: float
    requests: int
    memory: int
    kills: int
    rows: list[list[Any]]

    @property
    def found(self) -> dict[str, tuple[str, str, int]]:
        return {row[0]: (row[1], row[2], row[3]) for row in self.rows}

    @property
    def attempts(self) -> int:
        return sum(row[4] for row in self.rows)


def measure_estimate(kills: int) -> bool:
    """Print what it took. Returns whether nothing was lost or doubled."""
    with whole_product(counters=WORKERS) as stack, signed_in(stack) as browser:
        print(f"{ORGANIZATION}: a thousand repositories, {WORKERS} workers")
        print("killed   seconds   requests   attempts   lines   memory of the largest worker")
        calm = _report(_estimate(stack, browser, kills=0))
        rough = _report(_estimate(stack, browser, kills=kills))
    is_same = calm.found == rough.found and len(rough.rows) == len(rough.found)
    print("Both found the same." if is_same else "They differ.")
    return is_same


def _report(run: Run) -> Run:
    lines = sum(row[3] or 0 for row in run.rows)
    print(
        f"{run.kills:6} {run.seconds:9.1f} {run.requests:10,} {run.attempts:10,} {lines:7,} "
        f"{run.memory / 1e6:9.0f} MB"
    )
    return run


def _estimate(stack: Stack, browser: httpx2.Client, *, kills: int) -> Run:
    stack.ask_sandbox("DELETE", "requests")
    tokens = {each["label"]: each["token"] for each in stack.ask_sandbox("GET", "tokens")}
    place = post(browser, "/imports/new/", organization=ORGANIZATION, token=tokens[ORGANIZATION])
    while "You can go on." not in (page := browser.get(place).text):
        if "You can't go on" in page:
            sys.exit("The import was refused.")
        time.sleep(POLL)
    asked = len(stack.ask_sandbox("GET", "requests"))
    memory, killed, began = 0, 0, time.monotonic()
    started = dict.fromkeys(stack.counters, began - AWAKE)
    while "lines so far" in browser.get(f"{place}estimate/", headers=PART).text:
        memory = max(memory, *(_memory(counter) for counter in stack.counters))
        victim = random.choice(stack.counters)  # noqa: S311
        if killed < kills and time.monotonic() > started[victim] + AWAKE + random.uniform(0, 2):  # noqa: S311
            victim.kill()
            victim.start()
            killed, started[victim] = killed + 1, time.monotonic()
        if time.monotonic() > began + PATIENCE:
            sys.exit("It was not counted in half an hour.")
        time.sleep(POLL)
    seconds = time.monotonic() - began
    requests = len(stack.ask_sandbox("GET", "requests")) - asked
    rows = _rows(stack)
    post(browser, f"{place}abandon/")
    return Run(seconds, requests, memory, killed, rows)


def _rows(stack: Stack) -> list[list[Any]]:
    printed = stack.manage("shell", "-v", "0", "-c", ROWS).stdout
    line = next(line for line in printed.splitlines() if line.startswith("ROWS "))
    rows: list[list[Any]] = json.loads(line.removeprefix("ROWS "))
    return rows


def _memory(counter: Child) -> int:
    """Bytes that are its own, and those of the tool while it runs."""
    return sum(_proportional(pid) for pid in (counter.pid, *_children(counter.pid)))


def _children(pid: int | None) -> list[int]:
    """Runs of the tool. What was forked and is not the tool yet has its parent's memory."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").glob("*/children"))
        children = [int(child) for task in tasks for child in task.read_text().split()]
        return [each for each in children if b"scc" in Path(f"/proc/{each}/cmdline").read_bytes()]
    except OSError:
        return []


def _proportional(pid: int | None) -> int:
    """What is shared with others counts in parts, so that a process just forked counts once."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(
        (int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0
    )
