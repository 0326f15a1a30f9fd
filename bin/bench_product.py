"""The whole product for a measurement, and a browser in it."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psycopg
from psycopg.sql import SQL, Identifier

from bin.processes import free_port
from bin.stack import AZURE_VARIABLES, OWNER, STRIPE_VARIABLES, Stack

# Measured on this machine alone, whatever a shell has set.
FOREIGN = ("EMAIL_URL", "SITE_URL", "ALLOWED_HOSTS", *AZURE_VARIABLES, *STRIPE_VARIABLES)
STORES = ("REDIS_URL", "DATABASE_URL")


@contextmanager
def whole_product(*, counters: int = 1) -> Iterator[Stack]:
    """Everything on free ports, with a database of its own that is thrown away."""
    environ = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    with tempfile.TemporaryDirectory(prefix="mooring-bench-") as directory:
        stack = Stack(Path(directory), free_port(), free_port(), environ, counters=counters)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()


@contextmanager
def migrated(database: str, **variables: str) -> Iterator[Stack]:
    """What the product needs around it, with empty tables, and nothing of the product running."""
    left_out = {name + end for name in (*FOREIGN, *STORES) for end in ("", "_FILE")}
    environ = {name: value for name, value in os.environ.items() if name not in left_out}
    environ |= {"LOG_LEVEL": "WARNING"} | ({"DATABASE_URL": database} if database else {})
    with tempfile.TemporaryDirectory(prefix="mooring-bench-") as directory:
        stack = Stack(Path(directory), free_port(), free_port(), environ | variables)
        try:
            stack.start_surroundings()
            stack.manage("migrate", "-v", "0", stdout=None).check_returncode()
            yield stack
        finally:
            stack.stop()


@contextmanager
def new_database(purpose: str = "") -> Iterator[str]:
    """The address of a new database on the given server; empty where that is none of ours."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield ""
        return
    name = f"mooring_bench_{purpose}{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield urlsplit(given)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def signed_in(stack: Stack) -> Iterator[httpx2.Client]:
    """A browser of the owner that a new installation has."""
    with httpx2.Client(base_url=stack.url, timeout=60) as browser:
        post(browser, "/account/login/", login=OWNER, password=stack.passwords[OWNER])
        yield browser


def post(browser: httpx2.Client, path: str, **fields: str) -> str:
    """Post a form as its page would. Returns where it leads."""
    page = browser.get(path).text if not browser.cookies.get("mooring_csrf") else ""
    if found := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page):
        browser.headers["X-CSRFToken"] = found[1]
    response = browser.post(path, data=fields)
    if response.status_code != 302:
        sys.exit(f"{path} answered {response.status_code}.")
    browser.headers["X-CSRFToken"] = browser.cookies["mooring_csrf"]
    return response.headers["Location"]
