"""dj-stripe beside the product: a virtual environment of its own, and a project of a few lines.

It gets the product's database engine, options and pool, the product's versions of Django, gunicorn
and psycopg, and no middleware.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from bin.bench_product import new_database
from bin.processes import ROOT
from bin.stack import Stack

PLACE = ROOT / "var" / "bench-djstripe"
PYTHON = PLACE / "bin" / "python"
PROJECT = PLACE / "project"
RELEASE = "2.11.0"
SAME_AS_OURS = ("Django", "gunicorn", "psycopg", "psycopg-binary", "psycopg-pool", "requests")
ENDPOINT = "0b54b5d2-0000-4000-8000-000000000000"
PATH = f"/webhook/{ENDPOINT}/"

SETTINGS = """
import json
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "djstripe.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "djstripe"]
MIDDLEWARE = []
# Its tables as its models have them: the way there takes minutes.
MIGRATION_MODULES = dict.fromkeys(["auth", "contenttypes", "djstripe"])
USE_TZ = True
DATABASES = {"default": json.loads(os.environ["PEER_DATABASE"])}
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler", "level": "ERROR"}},
    "root": {"handlers": ["console"]},
}
STRIPE_TEST_SECRET_KEY = os.environ["STRIPE_SECRET_KEY"]
STRIPE_LIVE_MODE = False
STRIPE_API_HOST = os.environ["STRIPE_API_URL"]
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
# Processing handed on to somebody, who does nothing.
if os.environ.get("PEER_LATER"):
    DJSTRIPE_WEBHOOK_EVENT_CALLBACK = lambda trigger, api_key: None
"""
# Whose events they are it would else ask for once, of an address that the stand-in lacks.
PREPARE = """
import os
import django

django.setup()

from django.core.management import call_command
from djstripe.models import Account, APIKey, WebhookEndpoint

call_command("migrate", run_syncdb=True, verbosity=0)
account = Account.objects.create(id="acct_bench", livemode=False)
APIKey.objects.create(
    secret=os.environ["STRIPE_SECRET_KEY"],
    type="secret",
    livemode=False,
    djstripe_owner_account=account,
)
WebhookEndpoint.objects.create(
    id="we_bench",
    djstripe_uuid=os.environ["PEER_ENDPOINT"],
    djstripe_owner_account=account,
    secret=os.environ["STRIPE_WEBHOOK_SECRETS"],
    livemode=False,
    enabled_events=["*"],
    status="enabled",
    url="https://peer.example.com",
)
"""


@contextmanager
def peer(stack: Stack) -> Iterator[dict[str, str]]:
    """The environment that it runs in, its tables filled."""
    _install()
    _write_project()
    with new_database("peer_") as database:
        env = stack.env | {
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": str(PROJECT),
            "PEER_DATABASE": json.dumps(_database(stack, database)),
            "PEER_ENDPOINT": ENDPOINT,
        }
        _run([str(PYTHON), str(PROJECT / "prepare.py")], env)
        yield env


def _install() -> None:
    wanted = [f"dj-stripe=={RELEASE}", *(f"{name}=={version(name)}" for name in SAME_AS_OURS)]
    note = PLACE / "installed"
    if note.exists() and note.read_text() == repr(wanted):
        return
    print("Installing dj-stripe…", file=sys.stderr)
    _run([sys.executable, "-m", "venv", "--clear", str(PLACE)], os.environ)
    quiet = ("-qq", "--disable-pip-version-check", "--no-input")
    _run([str(PYTHON), "-m", "pip", "install", *quiet, *wanted], os.environ)
    note.write_text(repr(wanted))


def _write_project() -> None:
    PROJECT.mkdir(exist_ok=True)
    (PROJECT / "settings.py").write_text(SETTINGS)
    (PROJECT / "prepare.py").write_text(PREPARE)


def _database(stack: Stack, url: str) -> dict[str, Any]:
    """The product's own settings, for another database of the same kind."""
    code = (
        "import json; from django.conf import settings;"
        "print('DATABASE', json.dumps(settings.DATABASES['default'], default=str))"
    )
    printed = stack.manage("shell", "-v", "0", "-c", code).stdout
    line = next(line for line in printed.splitlines() if line.startswith("DATABASE "))
    ours: dict[str, Any] = json.loads(line.removeprefix("DATABASE "))
    if url:
        return ours | {"NAME": url.rpartition("/")[2]}
    name = str(stack.directory / "peer.sqlite3")
    return ours | {"ENGINE": "django.db.backends.sqlite3", "NAME": name}


def _run(command: list[str], env: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=dict(env), cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}"[-3000:])
