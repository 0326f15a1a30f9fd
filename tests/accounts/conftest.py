"""What accounts are tested on, and a look at what must not change."""

from contextlib import contextmanager

import pytest

from tests.access.harbour import harbour_of
from tests.accounts.rows import everything


@pytest.fixture
def harbour(alice, bob):
    return harbour_of(alice, bob)


@pytest.fixture
def unchanged():
    """`with unchanged(): …` fails if a row of ours came, went or changed meanwhile."""

    @contextmanager
    def watch():
        before = everything()
        yield
        assert everything() == before

    return watch


@pytest.fixture
def post(sandbox, settings):
    """A mail server that mails really go to."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sandbox.smtp_port
    return sandbox
