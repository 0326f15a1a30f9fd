"""`bin/bench verify`: the product's own sweep, on a database, a broker and a sandbox of its own.

The database is made on the server that DATABASE_URL names, and removed afterwards; without one,
or where that is a SQLite file, it is a SQLite file that is thrown away. What runs in the product's
own processes stands in `bin/bench_looks.py`.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from bin.processes import free_port
from bin.stack import AZURE_VARIABLES, STRIPE_VARIABLES, Stack

# Measured on this machine alone, whatever a shell has set.
FOREIGN = (
    "EMAIL_URL",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "REDIS_URL",
    "DATABASE_URL",
    *AZURE_VARIABLES,
    *STRIPE_VARIABLES,
)


def measure_verify(bindings: int, rounds: int) -> bool:
    """Print what it took. Returns whether it was quick enough and its memory flat."""
    with _database() as database, _surroundings(database) as stack:
        engine = "PostgreSQL" if database else "SQLite"
        print(f"{bindings:,} bindings with a token each, on {engine}", flush=True)
        stack.ask_sandbox("POST", "fleet", {"count": bindings})
        _run(stack, f"seed({bindings}, {stack.sandbox_url!r})")
        # Each in a process of its own, so that none's memory is another's.
        is_flat = _run(stack, f"sweep_all({bindings})")
        is_quick = _run(stack, f"compare({rounds})")
    return is_flat and is_quick


def _run(stack: Stack, call: str) -> bool:
    code = f"from bin import bench_looks; bench_looks.{call}"
    done = stack.manage("shell", "-v", "0", "-c", code, stdout=None, PYTHONUNBUFFERED=1)
    return done.returncode == 0


@contextmanager
def _surroundings(database: str) -> Iterator[Stack]:
    left_out = {*FOREIGN, *(f"{name}_FILE" for name in FOREIGN)}
    environ = {name: value for name, value in os.environ.items() if name not in left_out}
    environ |= {"LOG_LEVEL": "WARNING"} | ({"DATABASE_URL": database} if database else {})
    with tempfile.TemporaryDirectory(prefix="mooring-bench-") as directory:
        stack = Stack(Path(directory), free_port(), free_port(), environ)
        try:
            stack.start_surroundings()
            stack.manage("migrate", "-v", "0", stdout=None).check_returncode()
            yield stack
        finally:
            stack.stop()


@contextmanager
def _database() -> Iterator[str]:
    """The address of a new database on the given server; empty where that is none of ours."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield ""
        return
    name = Identifier(f"mooring_bench_{os.getpid()}")
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(name))
        try:
            yield urlsplit(given)._replace(path=f"/mooring_bench_{os.getpid()}").geturl()
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))
