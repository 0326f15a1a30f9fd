"""`bin/bench import`: the whole product on free ports, timed from outside as a browser would.

A time is the median of several runs. "Ours" is what is left of it when the time in which
Azure DevOps had a request of ours in hand is taken away. The peer makes the very same
requests one after the other with Python's own HTTP client, and does nothing else.
"""

import base64
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from statistics import median
from typing import Any

import httpx2

from bin.bench_product import post, signed_in, whole_product
from bin.stack import Stack

LATENCIES = (0.0, 0.1)
REPOSITORIES, PROJECTS = 120, 12
# The page looks every 0.7 s, so a person sees the last check up to that much later.
POLL = 0.05
LIMITS = {"verify": 3.0, "create": 1.0}


@dataclass(frozen=True)
class Run:
    """Seconds: from *Continue* to the last check, while the stand-in worked, from *Create* to
    the opened page, and what the peer took for the same requests."""

    verify: float
    waited: float
    create: float
    peer: float
    requests: int

    @property
    def ours(self) -> float:
        return self.verify - self.waited


def measure_import(runs: int) -> bool:
    """Print what it took. Returns whether it was quick enough."""
    with whole_product() as stack, signed_in(stack) as browser:
        _measure(stack, browser, "warm-up")
        print(f"An organization of {REPOSITORIES} repositories in {PROJECTS} projects, {runs} runs")
        print("latency   continue → last check   ours   create → opened   requests   ours / peer")
        results = [_report(stack, browser, latency, runs) for latency in LATENCIES]
    print(f"Ours is to stay under {LIMITS['verify']:.0f} s and {LIMITS['create']:.0f} s.")
    return all(results)


def _report(stack: Stack, browser: httpx2.Client, latency: float, runs: int) -> bool:
    stack.ask_sandbox("PUT", "latency", {"seconds": latency})
    done = [_measure(stack, browser, f"bench-{latency * 1000:.0f}-{run}") for run in range(runs)]
    verify = median(run.verify for run in done)
    ours = median(run.ours for run in done)
    create = median(run.create for run in done)
    peer = median(run.peer for run in done)
    requests = sorted({run.requests for run in done})
    print(
        f"{latency * 1000:4.0f} ms {verify:19.2f} s {ours:7.2f} s {create:12.2f} s "
        f"{'–'.join(map(str, requests)):>12} {verify / peer:10.2f}"
    )
    return ours < LIMITS["verify"] and create < LIMITS["create"]


def _measure(stack: Stack, browser: httpx2.Client, name: str) -> Run:
    size = {"repositories": REPOSITORIES, "projects": PROJECTS}
    stack.ask_sandbox("POST", "organizations", {"name": name, **size})
    token = stack.ask_sandbox("POST", f"organizations/{name}/tokens", {})["token"]
    stack.ask_sandbox("DELETE", "requests")

    began = time.perf_counter()
    place = post(browser, "/imports/new/", organization=name, token=token)
    while "You can go on." not in (page := browser.get(place).text):
        if "You can't go on" in page:
            sys.exit(f"The import of {name} was refused.")
        time.sleep(POLL)
    verify = time.perf_counter() - began

    made = stack.ask_sandbox("GET", "requests")
    waited = stack.ask_sandbox("GET", f"concurrency/{name}")["busy_seconds"]
    post(browser, f"{place}details/", name=name, key=name)
    post(browser, f"{place}plan/", plan="free")
    began = time.perf_counter()
    opened = post(browser, f"{place}create/")
    for panel in ("", "binding/", "repositories/?panel=1"):
        browser.get(f"{opened}{panel}").raise_for_status()
    create = time.perf_counter() - began
    return Run(verify, waited, create, _peer(stack, token, made), len(made))


def _peer(stack: Stack, token: str, requests: list[dict[str, Any]]) -> float:
    credentials = base64.b64encode(f":{token}".encode()).decode()
    headers = {
        "Authorization": f"Basic {credentials}",
        "X-TFS-FedAuthRedirect": "Suppress",
        "Content-Type": "application/json",
    }
    began = time.perf_counter()
    for each in requests:
        url = f"{stack.sandbox_url}{each['path']}?{each['query']}"
        body = b"[]" if each["method"] == "POST" else None
        request = urllib.request.Request(url, body, headers, method=each["method"])
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            error.close()
    return time.perf_counter() - began
