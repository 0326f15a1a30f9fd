"""Measure the product. Ends with 1 when an aim is missed.

import   from *Continue* to the opened organization, as a browser sees it
estimate an organization of a thousand repositories, and once more with workers that die
verify   tokens verified per second beside a bare loop, and the memory that takes
"""

import argparse
import sys

from bin.bench_estimate import measure_estimate
from bin.bench_import import measure_import
from bin.bench_verify import measure_verify


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
    given = parser.parse_args()
    if given.what == "import":
        is_good = measure_import(given.runs)
    elif given.what == "estimate":
        is_good = measure_estimate(given.kills)
    else:
        is_good = measure_verify(given.bindings, given.rounds)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
