"""The cast, the outside world, and what every test may ask for."""

import gc
import re
import uuid

import pytest
import stamina
from celery import Task
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from redis.backoff import NoBackoff
from redis.retry import Retry
from xdist.scheduler import LoadScopeScheduling

from accounts.models import Scope
from accounts.operations import issue_api_token
from core import places
from sandbox.testing import running_sandbox
from tests.factories import UserFactory


class OneForBrowserTests(LoadScopeScheduling):
    """They share one running product and one browser, so one process runs them all."""

    def _split_scope(self, nodeid):
        return "browser" if nodeid.startswith("tests/e2e/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return OneForBrowserTests(config, log)


def pytest_collection_finish(session):
    """What is loaded by now stays, so nobody needs to look for rubbish in it again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def _running():
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_running, settings):
    """Azure DevOps and Stripe, as far as anybody here can tell. As at the start for each test."""
    _running.reset()
    settings.AZURE_DEVOPS_URL = _running.url
    settings.AZURE_DEVOPS_IDENTITY_URL = _running.identity_url
    settings.AZURE_DEVOPS_ENTITLEMENTS_URL = _running.entitlements_url
    settings.STRIPE_API_URL = _running.stripe.url
    return _running


@pytest.fixture
def stripe(sandbox):
    """Stripe alone. It sends no webhooks until a test names where to."""
    return sandbox.stripe


@pytest.fixture(autouse=True, scope="session")
def _no_waiting_between_attempts():
    """As many attempts as in earnest, without the pauses."""
    stamina.set_testing(True, attempts=3, cap=True)


@pytest.fixture(autouse=True)
def _fresh_cache(settings):
    """Keys of its own for each test: emptying the server would empty it for others too."""
    default = {**settings.CACHES["default"], "KEY_PREFIX": f"test-{uuid.uuid4().hex}"}
    settings.CACHES = {"default": default}


@pytest.fixture
def lost(settings, monkeypatch):
    """`lost()`: from now on Redis is where nobody answers."""
    monkeypatch.setattr(places, "_held", places.Held())
    retry = {"retry": Retry(NoBackoff(), 0)}
    default = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1", "OPTIONS": retry}

    def lose():
        settings.CACHES = {"default": default}

    return lose


class CountingQueue(list):
    """What was queued to be counted, which a worker of its own does: here, when asked to. What
    waits for its time is in `later`.
    """

    def __init__(self):
        super().__init__()
        self.later = []

    def come_back(self):
        """As if that time had come."""
        self.extend(self.later)
        self.later.clear()

    def work(self, *, most=1000):
        """Run task after task until nothing is queued. How many there were."""
        done = 0
        while self and done < most:
            task, kwargs = self.pop(0)
            task(**kwargs)
            done += 1
        return done


@pytest.fixture(autouse=True)
def counting(monkeypatch):
    """Like any other queue, save that tasks there wait for `counting.work()`."""
    queue, send = CountingQueue(), Task.apply_async

    def apply_async(task, args=None, kwargs=None, **options):
        if task.name.split(".")[-1].startswith("count_"):
            wait = queue.later if options.get("countdown") else queue
            wait.append((task, kwargs or {}))
            return None
        return send(task, args, kwargs, **options)

    monkeypatch.setattr(Task, "apply_async", apply_async)
    return queue


@pytest.fixture(autouse=True)
def _mail_as_in_earnest(settings):
    """Django's test runner would go past the backend that redacts; it delivers to the outbox."""
    settings.EMAIL_BACKEND = "core.mail.RedactingBackend"


@pytest.fixture
def alice(db):
    """Owns."""
    return UserFactory(email="alice@example.com")


@pytest.fixture
def bob(db):
    """Belongs."""
    return UserFactory(email="bob@example.com")


@pytest.fixture
def charlie(db):
    """Has nothing to do with it."""
    return UserFactory(email="charlie@example.com")


@pytest.fixture
def browser_of():
    """A signed-in browser: `browser_of(alice).get(…)`."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def program_of():
    """A program with an API token of a person: `program_of(alice).get("/api/v1/…")`."""

    def with_token(user, scopes=tuple(Scope.values)):
        _, secret = issue_api_token(user, name="test", scopes=scopes)
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return with_token


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """What waits for the commit runs at the end of the block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def queries():
    """`with queries() as asked: …; len(asked)`, savepoints and the session apart."""

    class Asked(CaptureQueriesContext):
        def __len__(self):
            housekeeping = re.compile(r"SAVEPOINT|django_session|^BEGIN|^COMMIT", re.IGNORECASE)
            return sum(not housekeeping.search(q["sql"]) for q in self.captured_queries)

    return lambda: Asked(connection)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Each process has a database of its own, a file on SQLite."""


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_triggers():
    """Emptying all tables between tests is no business of the triggers that guard their rows."""
    operations = type(connection.ops)
    flush, around = operations.sql_flush, AROUND_A_FLUSH[connection.vendor]

    def unguarded(self, *args, **kwargs):
        with self.connection.cursor() as cursor:
            cursor.execute(around)
            before, after = zip(*cursor.fetchall(), strict=True)
        return [*before, *flush(self, *args, **kwargs), *after]

    operations.sql_flush = unguarded


# What takes the triggers away, and what brings them back.
AROUND_A_FLUSH = {
    "sqlite": "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """
        SELECT 'ALTER TABLE ' || relname || ' DISABLE TRIGGER ' || tgname,
               'ALTER TABLE ' || relname || ' ENABLE TRIGGER ' || tgname
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal
    """,
}
