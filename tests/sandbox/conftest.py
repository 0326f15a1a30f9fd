"""One sandbox for all tests here, put back as it was before each of them."""

import pytest

from sandbox.testing import running_sandbox
from tests.sandbox.client import Client


@pytest.fixture(scope="session")
def _running():
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_running):
    _running.reset()
    return _running


@pytest.fixture
def ask(sandbox):
    """`ask(label, path)` as that token's owner; `ask(None, path)` as nobody."""
    return Client(sandbox)
