"""The whole product on free ports, with everything it keeps in a directory that goes away."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from bin.processes import ROOT, free_port
from bin.stack import AZURE_VARIABLES, STRIPE_VARIABLES, Stack

# What a shell, or the settings of the other tests, may have set for themselves.
_FOREIGN = (
    "ALLOWED_HOSTS",
    "DEBUG",
    "EMAIL_URL",
    "FERNET_KEYS",
    "LOG_LEVEL",
    "REDIS_PREFIX",
    "SECRET_KEY",
    "SITE_URL",
    "STAFF_NEED_SECOND_FACTOR",
    *AZURE_VARIABLES,
    "BILLING",
    *STRIPE_VARIABLES,
)
# Apart from the database that the other tests empty as they please.
_REDIS_DATABASE = 15
# What the product said, for who wonders why a test failed.
KEPT_LOGS = ROOT / "var" / "e2e-logs"


class ScratchStack(Stack):
    """What `bin/up` runs, with handles for tests.

    `url`, `sandbox_url`, `passwords` and `env` tell where and how; `logs` holds one file a
    program; `manage("command", …)` runs a command and returns its output.
    """

    def kill_worker(self) -> None:
        """As a machine that loses power does: no goodbye, and no task handed back."""
        self.worker.kill()

    def start_worker(self) -> None:
        self.worker.start()

    def token(self, label: str) -> str:
        samples = self.ask_sandbox("GET", "tokens")
        return next(sample["token"] for sample in samples if sample["label"] == label)

    def mails(self) -> Any:
        return self.ask_sandbox("GET", "mail")


@contextmanager
def running_stack() -> Iterator[ScratchStack]:
    foreign = {*_FOREIGN, *(f"{name}_FILE" for name in _FOREIGN)}
    environ = {name: value for name, value in os.environ.items() if name not in foreign}
    with (
        tempfile.TemporaryDirectory(prefix="mooring-e2e-") as directory,
        _scratch_database(environ),
        _scratch_redis(environ),
    ):
        stack = ScratchStack(Path(directory), free_port(), free_port(), environ)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()
            shutil.copytree(stack.logs, KEPT_LOGS, dirs_exist_ok=True)


@contextmanager
def _scratch_database(environ: dict[str, str]) -> Iterator[None]:
    """On PostgreSQL a database of our own; else the stack keeps a file in its directory."""
    given = environ.pop("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield
        return
    name = f"mooring_e2e_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        environ["DATABASE_URL"] = urlsplit(given)._replace(path=f"/{name}").geturl()
        environ.setdefault("DATABASE_POOL_SIZE", "12")
        try:
            yield
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


@contextmanager
def _scratch_redis(environ: dict[str, str]) -> Iterator[None]:
    """On a server that was named, keys of our own; else the stack starts its own server."""
    if not environ.get("REDIS_URL"):
        yield
        return
    url = urlsplit(environ["REDIS_URL"])._replace(path=f"/{_REDIS_DATABASE}").geturl()
    prefix = f"e2e-{uuid.uuid4().hex[:12]}"
    environ |= {"REDIS_URL": url, "REDIS_PREFIX": prefix}
    try:
        yield
    finally:
        with redis.Redis.from_url(url) as server:
            for key in server.scan_iter(match=f"*{prefix}*"):
                server.delete(key)
