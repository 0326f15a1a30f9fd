"""`bin/bench entitlements`: what an organization may do, asked as scanners ask it.

Ours is the whole way: the token, its scope and expiry, who is a member, the subscription and what
follows from it, the count of calls. The peer is a Django view without any middleware, which
selects two columns of one row by its primary key. Both are asked in turns, on the same database.
"""

import json
from collections.abc import Sequence
from statistics import median

from bin.bench_product import migrated, new_database
from bin.bench_serving import Server, Took, ask, machine, ratio, request, served
from bin.stack import Stack

ORGANIZATIONS = 100
# So many calls a round and organization: a second or two.
CALLS = 10
LEAST_RATIO, MOST_WAIT = 0.5, 2.0
# The calls of each token are counted, and none is refused.
UNREACHED = "1000000"


def measure_entitlements(rounds: int) -> bool:
    """Print what it took. Returns whether ours is quick enough beside the bare view."""
    with (
        new_database() as database,
        migrated(database, API_REQUESTS_PER_MINUTE=UNREACHED) as stack,
    ):
        rows = _seed(stack)
        print(f"{ORGANIZATIONS} organizations; {machine(database)}")
        with (
            served("config.wsgi", stack.env, stack.logs) as ours,
            served("bin.bare_view", stack.env, stack.logs) as bare,
        ):
            return _compare(ours, bare, rows, rounds)


def _seed(stack: Stack) -> list[dict[str, str]]:
    code = f"from bin import bench_rows; bench_rows.seed({ORGANIZATIONS})"
    printed = stack.manage("shell", "-v", "0", "-c", code).stdout
    line = next(line for line in printed.splitlines() if line.startswith("ROWS "))
    rows: list[dict[str, str]] = json.loads(line.removeprefix("ROWS "))
    return rows


def _compare(ours: Server, bare: Server, rows: Sequence[dict[str, str]], rounds: int) -> bool:
    calls = [_call(row) for row in rows] * CALLS
    reads = [request("GET", f"/{row['id']}", {}) for row in rows] * CALLS
    for server, requests in ((ours, calls), (bare, reads)):
        ask(server, requests)
    done = [(ask(ours, calls), ask(bare, reads)) for _ in range(rounds)]
    return _report(*zip(*done, strict=True))


def _call(row: dict[str, str]) -> bytes:
    path = f"/api/v1/organizations/{row['key']}/entitlements"
    return request("GET", path, {"Authorization": f"Bearer {row['secret']}"})


def _report(ours: Sequence[Took], bare: Sequence[Took]) -> bool:
    print(f"{len(ours)} rounds in turns, {ours[0].requests:,} requests each; medians")
    print("              requests a second   p95   requests a CPU second")
    for name, took in (("ours", ours), ("bare view", bare)):
        second, core, p95 = (
            median(getattr(each, a) for each in took) for a in ("per_second", "per_core", "p95")
        )
        print(f"{name:<12} {second:18,.0f} {p95:5.1f} ms {core:16,.0f}")
    second, core, p95 = (ratio(ours, bare, a) for a in ("per_second", "per_core", "p95"))
    print(f"{'ratio':<12} {second:18.2f} {p95:5.2f} {core:19.2f}")
    print(f"The aim is {LEAST_RATIO} of the requests a second, and {MOST_WAIT:.0f} times its p95.")
    return second >= LEAST_RATIO and p95 <= MOST_WAIT
