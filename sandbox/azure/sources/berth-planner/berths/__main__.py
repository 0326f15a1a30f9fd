"""The command line."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .reading import read_berths, read_requests
from .schedule import plan
from .tides import NORTH


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    if arguments.command == "tides":
        return _tides(datetime.fromisoformat(arguments.day).replace(tzinfo=UTC))
    return _plan(arguments.arrivals, arguments.harbor)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="berths")
    commands = parser.add_subparsers(dest="command", required=True)
    planning = commands.add_parser("plan")
    planning.add_argument("arrivals", type=Path)
    planning.add_argument("--harbor", type=Path, required=True)
    tides = commands.add_parser("tides")
    tides.add_argument("--station", default="north")
    tides.add_argument("--day", required=True)
    return parser


def _plan(arrivals: Path, harbor: Path) -> int:
    result = plan(read_berths(harbor), NORTH, read_requests(arrivals))
    for code, stays in sorted(result.stays.items()):
        for stay in sorted(stays, key=lambda s: s.start):
            print(f"{code:6} {stay.start:%d %b %H:%M} {stay.end:%d %b %H:%M} {stay.ship.name}")
    for request in result.refused:
        print(f"------ {request.ship.name} finds no berth", file=sys.stderr)
    return 1 if result.refused else 0


def _tides(day: datetime) -> int:
    for hour in range(24):
        when = day + timedelta(hours=hour)
        print(f"{when:%H:%M} {NORTH.height(when):5.2f} m")
    return 0


if __name__ == "__main__":
    sys.exit(main())
