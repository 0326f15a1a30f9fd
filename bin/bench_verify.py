"""`bin/bench verify`: the product's own sweep, on a database, a broker and a sandbox of its own.

The database is made on the server that DATABASE_URL names, and removed afterwards; without one,
or where that is a SQLite file, it is a SQLite file that is thrown away. What runs in the product's
own processes stands in `bin/bench_looks.py`.
"""

from bin.bench_product import migrated, new_database
from bin.stack import Stack


def measure_verify(bindings: int, rounds: int) -> bool:
    """Print what it took. Returns whether it was quick enough and its memory flat."""
    with new_database() as database, migrated(database) as stack:
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
