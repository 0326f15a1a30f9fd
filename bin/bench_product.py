"""The whole product for a measurement, and a browser in it."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from bin.processes import free_port
from bin.stack import AZURE_VARIABLES, OWNER, STRIPE_VARIABLES, Stack

# Measured on this machine alone, whatever a shell has set.
FOREIGN = ("EMAIL_URL", "SITE_URL", "ALLOWED_HOSTS", *AZURE_VARIABLES, *STRIPE_VARIABLES)


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
