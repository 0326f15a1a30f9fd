"""What `bin/bench verify` runs inside the product: `manage.py shell` calls it.

The bare loop sends every request again that the round of the product before it sent: method,
address, body and headers, one client and as many threads, in the order of each token. It reads
the answers and does nothing with them.
"""

import json
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
from django.utils import timezone

from bindings.models import DevOpsBinding, PersonalAccessToken, Repository
from bindings.providers.azure_http import shared_client
from bindings.sweeping import AT_ONCE, NOW_AND_THEN, sweep
from core.secrets import fingerprint
from organizations.models import Organization

PAGE = 1000
# Of the bare loop's tokens per second; and of the memory at a tenth of the way.
LEAST_RATIO, MOST_GROWTH = 0.6, 1.2
# So many looks a round, which take some seconds.
LOOKS = 500
SHORT = 0.5
UNTIL_DONE = 3600.0

Requests = dict[str, list[httpx2.Request]]


@dataclass(frozen=True)
class Took:
    """`cpu` is of this process: user and system."""

    tokens: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.tokens / self.seconds

    @property
    def per_core(self) -> float:
        return self.tokens / self.cpu


# What is verified


def seed(count: int, sandbox_url: str) -> None:
    """A binding, a token and a repository for each of the sandbox's fleet, all due."""
    began = time.perf_counter()
    for first in range(1, count + 1, PAGE):
        url = f"{sandbox_url}/_sandbox/fleet?from={first}&count={min(PAGE, count + 1 - first)}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            _store(json.loads(answer.read()), first)
    print(f"seeded in {time.perf_counter() - began:.0f} s")


def _store(page: list[dict[str, Any]], first: int) -> None:
    bindings = [_binding(member) for member in page]
    Organization.objects.bulk_create(binding.organization for binding in bindings)
    DevOpsBinding.objects.bulk_create(bindings)
    pairs = list(zip(bindings, page, strict=True))
    PersonalAccessToken.objects.bulk_create(
        _token(binding, member["token"], first + at) for at, (binding, member) in enumerate(pairs)
    )
    Repository.objects.bulk_create(_repository(*pair) for pair in pairs)


def _binding(member: dict[str, Any]) -> DevOpsBinding:
    return DevOpsBinding(
        organization=Organization(key=member["name"], name=member["name"]),
        platform="azure_devops",
        external_id=member["instance_id"],
        external_name=member["name"],
    )


def _token(binding: DevOpsBinding, secret: str, number: int) -> PersonalAccessToken:
    now = timezone.now()
    return PersonalAccessToken(
        binding=binding,
        secret=secret,
        last_four=secret[-4:],
        fingerprint=fingerprint(secret),
        expiry_source="unknown",
        verdict="healthy",
        verdict_since=now,
        healthy_at=now,
        verified_at=now,
        # As on any day, the third question is another one for some of them.
        questions=number % NOW_AND_THEN,
    )


def _repository(binding: DevOpsBinding, member: dict[str, Any]) -> Repository:
    return Repository(
        binding=binding,
        external_id=member["repository_id"],
        name=member["repository_name"],
        project_id=member["project_id"],
        project_name=member["project_name"],
        is_public=False,
        is_disabled=False,
        default_branch=f"refs/heads/{member['default_branch']}",
        size=1,
    )


# Memory


def sweep_all(count: int) -> None:
    """Look at all of them once, and exit with 1 where that takes ever more memory."""
    began, cpu, done = time.perf_counter(), time.process_time(), 0
    seen: dict[int, float] = {}
    while done < count:
        looked_at = sweep(seconds=SHORT)
        if not looked_at:
            sys.exit(f"Only {done:,} of {count:,} could be looked at.")
        done += looked_at
        for part in (10, 50, 100):
            if done >= count * part // 100 and part not in seen:
                seen[part] = _resident()
    took = Took(done, time.perf_counter() - began, time.process_time() - cpu)
    growth = seen[100] / seen[10]
    print(f"all of them once: {took.per_second:.0f} a second, {took.per_core:.0f} a CPU second")
    print("memory: " + ", ".join(f"{size:.1f} MB at {part} %" for part, size in seen.items()))
    print(f"        {growth:.2f} times as much at the end; the aim is at most {MOST_GROWTH}")
    _refuse_unhealthy(count)
    sys.exit(0 if growth <= MOST_GROWTH else 1)


def _resident() -> float:
    """Megabytes of memory that this process holds, as Linux tells."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1024


def _refuse_unhealthy(count: int) -> None:
    """Whoever found anything but healthy tokens measured something else."""
    well = PersonalAccessToken.objects.filter(verdict="healthy", suspect="", silences=0)
    if (found := well.exclude(asked_at=None).count()) != count:
        sys.exit(f"Only {found:,} of {count:,} were found healthy.")


# Throughput


def compare(rounds: int) -> None:
    """Ours and the bare loop in turns, and exit with 1 where ours is too slow beside it."""
    sent: Requests = defaultdict(list)
    shared_client().event_hooks["request"] = [
        lambda request: sent[request.headers["Authorization"]].append(request)
    ]
    # Whatever happened before, a round has its own tokens and no other.
    PersonalAccessToken.objects.update(next_check_at=timezone.now() + timedelta(days=1))
    with httpx2.Client() as client:
        _round(sent, client)
        done = [_round(sent, client) for _ in range(rounds)]
    requests = sum(map(len, sent.values()))
    print(f"{len(sent):,} tokens a round, {requests / len(sent):.2f} requests a token")
    print("               tokens a second   tokens a CPU second")
    for name, took in zip(("ours", "bare loop"), zip(*done, strict=True), strict=True):
        second, core = (median(getattr(each, a) for each in took) for a in MEASURES)
        print(f"{name:<12} {second:17.0f} {core:21.0f}")
    ratio, per_core = (
        median(getattr(ours, a) / getattr(bare, a) for ours, bare in done) for a in MEASURES
    )
    print(f"{'ratio':<12} {ratio:17.2f} {per_core:21.2f}")
    print(f"The aim is a ratio of {LEAST_RATIO} in tokens a second.")
    sys.exit(0 if ratio >= LEAST_RATIO else 1)


MEASURES = ("per_second", "per_core")


def _round(sent: Requests, client: httpx2.Client) -> tuple[Took, Took]:
    sent.clear()
    _make_due()
    ours = _time(lambda: sweep(seconds=UNTIL_DONE))
    bare = _time(lambda: _send_again(sent, client))
    return ours, bare


def _make_due() -> None:
    some = list(PersonalAccessToken.objects.order_by("pk").values_list("pk", flat=True)[:LOOKS])
    PersonalAccessToken.objects.filter(pk__in=some).update(next_check_at=timezone.now())


def _time(work: Callable[[], int]) -> Took:
    began, cpu = time.perf_counter(), time.process_time()
    tokens = work()
    return Took(tokens, time.perf_counter() - began, time.process_time() - cpu)


def _send_again(sent: Requests, client: httpx2.Client) -> int:
    def send(requests: list[httpx2.Request]) -> None:
        for each in requests:
            client.request(each.method, str(each.url), headers=each.headers, content=each.content)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return len(list(pool.map(send, sent.values())))
