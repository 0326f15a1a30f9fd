"""Two real workers, each a process of its own, on the database and the broker of the test."""

import os
import threading
import time
import uuid
from contextlib import contextmanager

import redis
from celery import Celery, Task
from django.conf import settings as django_settings
from django.db import connection

from bin.processes import Child, Guard, stop_all
from bin.stack import worker_command

NAMES = ("first", "second")
PATIENCE = 120.0
# So often, with a pause between, nothing was to be seen of any task.
IN_A_ROW = 5


class Workers:
    """What is queued is theirs. `prefix` keeps their queue, and their cache, apart from others."""

    def __init__(self, prefix, logs):
        self.prefix, self.logs = prefix, logs
        self.broker = redis.Redis.from_url(django_settings.REDIS_URL)
        self.app = Celery("asks", broker=django_settings.REDIS_URL, set_as_current=False)
        self.app.conf.broker_transport_options = {"global_keyprefix": f"{prefix}:"}

    @property
    def apply_async(self):
        """Of a task, as it is outside of tests."""

        def send(task, args=None, kwargs=None, **options):
            self.app.send_task(task.name, args, kwargs, ignore_result=True, **options)

        return send

    def is_idle(self):
        """Nothing is queued, waits for its time or is worked on."""
        waiting = self.broker.llen(f"{self.prefix}:celery")
        return not waiting and not self.broker.hlen(f"{self.prefix}:unacked")

    def finish(self):
        """Until they are idle, and so for a while: between two lists a task is in neither."""
        seen = []

        def are_idle():
            seen.append(self.is_idle())
            return len(seen) >= IN_A_ROW and all(seen[-IN_A_ROW:])

        wait_until(are_idle, "The workers have not finished.")

    def both_answer(self):
        return len(self.app.control.ping(timeout=1.0)) == len(NAMES)

    @property
    def done(self):
        """How many tasks each of them did."""
        stats = self.app.control.inspect(timeout=5.0).stats()
        return [sum(each["total"].values()) for each in stats.values()]

    def broke(self):
        """What either said of an event that it could not handle."""
        lines = [line for log in self.logs for line in log.read_text().splitlines()]
        return [line for line in lines if "stripe_event_broke" in line]


def wait_until(is_so, otherwise):
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        pause.wait(0.05)


def database_url():
    """Of the test's own database."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    who = f"{known['USER']}:{known['PASSWORD']}" if known["PASSWORD"] else known["USER"]
    return f"postgres://{who}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


@contextmanager
def two_workers(settings, monkeypatch, directory):
    """They answer; what the test queues goes to them, and all share a cache."""
    prefix = f"test-{uuid.uuid4().hex}"
    logs = [directory / f"{name}.log" for name in NAMES]
    workers, guard = Workers(prefix, logs), Guard()
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "REDIS_PREFIX": prefix,
        "STRIPE_API_URL": settings.STRIPE_API_URL,
        "LOG_LEVEL": "ERROR",
    }
    children = [
        Child(name, worker_command(name, threads=2), env, log, guard)
        for name, log in zip(NAMES, logs, strict=True)
    ]
    default = settings.CACHES["default"]
    settings.CACHES = {"default": {**default, "KEY_PREFIX": prefix}}
    monkeypatch.setattr(Task, "apply_async", workers.apply_async)
    try:
        for child in children:
            child.start()
        wait_until(workers.both_answer, "The workers did not start.")
        yield workers
    finally:
        stop_all(children, 10.0)
        guard.leave()
        workers.app.close()
        workers.broker.close()
