"""Measure the product. Ends with 1 when an aim is missed.

import   from *Continue* to the opened organization, as a browser sees it
estimate an organization of a thousand repositories, and once more with workers that die
verify   tokens verified per second beside a bare loop, and the memory that takes
count    lines counted per second beside cloc, on one core, and the memory that takes
webhooks events of Stripe's accepted per CPU second beside dj-stripe's view
entitlements
         what an organization may do, asked beside a bare Django view
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bin.bench_count import measure_count
from bin.bench_entitlements import measure_entitlements
from bin.bench_estimate import measure_estimate
from bin.bench_import import measure_import
from bin.bench_verify import measure_verify
from bin.bench_webhooks import measure_webhooks


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_subparsers(dest="what", required=True)
    imports = what.add_parser("import")
    imports.add_argument("--runs", type=int, default=5)
    estimate = what.add_parser("estimate")
    estimate.add_argument("--kills", type=int, default=10, help="of a worker, at random")
    verify = what.add_parser("verify")
    verify.add_argument("--bindings", type=int, default=2000, help="as many tokens are verified")
    verify.add_argument("--rounds", type=int, default=5, help="beside the bare loop")
    count = what.add_parser("count")
    count.add_argument("--tree", type=Path, help="to count, instead of some installed packages")
    count.add_argument("--rounds", type=int, default=3, help="beside cloc")
    count.add_argument("--most", type=int, default=10_000_000, help="lines, to look at memory")
    webhooks = what.add_parser("webhooks")
    webhooks.add_argument("--rounds", type=int, default=7, help="beside dj-stripe")
    entitlements = what.add_parser("entitlements")
    entitlements.add_argument("--rounds", type=int, default=7, help="beside the bare view")
    return 0 if _measure(parser.parse_args()) else 1


def _measure(given: argparse.Namespace) -> bool:
    measures: dict[str, Callable[[], bool]] = {
        "import": lambda: measure_import(given.runs),
        "estimate": lambda: measure_estimate(given.kills),
        "verify": lambda: measure_verify(given.bindings, given.rounds),
        "count": lambda: measure_count(given.tree, given.rounds, given.most),
        "webhooks": lambda: measure_webhooks(given.rounds),
        "entitlements": lambda: measure_entitlements(given.rounds),
    }
    return measures[given.what]()


if __name__ == "__main__":
    sys.exit(main())
