"""Reads what agents send. They send anything."""

import csv
import tomllib
from datetime import datetime
from pathlib import Path

from .model import Berth, Request, Ship

TRUE = {"1", "yes", "y", "true", "x"}


def read_requests(path: Path) -> list[Request]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return [_request(row) for row in csv.DictReader(lines)]


def read_berths(path: Path) -> list[Berth]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Berth(
            code=code,
            length=float(row["length"]),
            depth=float(row["depth"]),
            takes_dangerous=row.get("dangerous", False),
        )
        for code, row in data["berths"].items()
    ]


def _request(row: dict[str, str]) -> Request:
    ship = Ship(
        imo=row["imo"].strip(),
        name=row["name"].strip().title(),
        # Some agents write a comma.
        length=float(row["length"].replace(",", ".")),
        draught=float(row["draught"].replace(",", ".")),
        dangerous=row.get("dangerous", "").strip().lower() in TRUE,
    )
    return Request(
        ship=ship,
        arrival=datetime.fromisoformat(row["arrival"]),
        hours=float(row["hours"]),
        priority=int(row.get("priority") or 0),
    )
