"""A worker logs nothing of a secret: not of a failure's, nor of an argument given by mistake."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tokens import letters, make_token

ROOT = Path(__file__).resolve().parent.parent.parent

# A real worker at its most talkative, with a broker in memory, and tasks that go wrong.
CARELESS = """
import sys, threading
import django
from celery import signals
from celery.contrib.testing.worker import start_worker
from django_structlog.celery.receivers import CeleryReceiver

django.setup()
from config.celery import app
from core.redaction import remember

secret = sys.stdin.read()
remember(secret)
app.conf.update(
    broker_url="memory://", broker_transport_options={}, task_always_eager=False,
)
receiver = CeleryReceiver()
receiver.connect_worker_signals()

@app.task
def fail(pasted, *, token):
    raise RuntimeError("broken with " + token)

@app.task(bind=True, max_retries=1)
def fail_again(self, pasted):
    raise self.retry(exc=ValueError(repr(pasted).encode()), countdown=0)

over = threading.Semaphore(0)
def tell(**kwargs):
    over.release()
signals.task_failure.connect(tell)
signals.task_unknown.connect(tell)

@signals.before_task_publish.connect(weak=False)
def show(headers, **kwargs):
    sys.stderr.write("HEADERS " + headers["argsrepr"] + headers["kwargsrepr"] + "\\n")

with start_worker(app, pool="solo", loglevel="DEBUG", perform_ping_check=False):
    fail.delay(secret, token=secret)
    fail_again.delay({"deep": [secret]})
    app.send_task("nowhere.to_be_found", [secret])
    ended = [over.acquire(timeout=30) for _ in range(3)]
sys.exit(0 if all(ended) else 1)
"""


def logged(secret):
    ran = subprocess.run(
        [sys.executable, "-c", CARELESS],
        input=secret,
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "config.settings_test", "LOG_LEVEL": "DEBUG"}
        | {"DATABASE_URL": "sqlite:///:memory:", "LOG_JSON": "true"},
        capture_output=True,
        text=True,
    )
    told = ran.stdout + ran.stderr
    assert ran.returncode == 0, told.replace(secret, "[SECRET]")
    return told


@pytest.mark.parametrize("make", [make_token, lambda: f"Q{letters(82)}7"], ids=["usual", "unusual"])
def test_a_worker_logs_nothing_of_a_secret(make):
    secret = make()

    told = logged(secret)

    assert secret not in told and secret[4:40] not in told
    for sign in (
        "RuntimeError: broken with [redacted]",
        "ValueError",
        "Received unregistered task",
        "HEADERS ('[redacted]',){'token': '[redacted]'}",
        '"event": "task_failed"',
    ):
        assert sign in told, sign
