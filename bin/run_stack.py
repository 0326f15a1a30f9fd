"""What `bin/up` runs: everything on this machine, until Ctrl-C."""

import argparse
import fcntl
import json
import os
import signal
import sys
import time
import urllib.request
from pathlib import Path
from types import FrameType
from typing import IO

import environ

from bin.processes import ROOT, is_free
from bin.stack import OWNER, SUPPORT, Stack, StackError

_DESCRIPTION = """\
Run Mooring with all it needs: web server, workers, scheduler, broker, and stand-ins
for Azure DevOps, for Stripe and for a mail server. Ctrl-C stops everything; what was
entered stays in var/, and deleting var/ starts afresh."""
_EPILOG = """\
PORT and SANDBOX_PORT move the two addresses. DATABASE_URL, REDIS_URL, EMAIL_URL, the
AZURE_DEVOPS_… variables and STRIPE_SECRET_KEY name a real service to use in place of the
one on this machine.
.env.example lists every variable."""

_TOKENS_TO_TRY = {
    "healthy": "all is well",
    "thousand": "a thousand repositories",
    "oddly-named": "names that nobody should choose",
    "read-only": "the token may read, not write",
    "not-admin": "its owner is no administrator",
    "expired-header": "the token has expired",
}


class Stopped(Exception):
    """Somebody wants us to end."""


def main() -> int:
    arguments = _parse()
    environ.Env.read_env(ROOT / ".env", overwrite=False)
    directory = ROOT / "var"
    directory.mkdir(exist_ok=True)
    lock = (directory / "up.lock").open("w")
    try:
        stack = _make_stack(directory, lock)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    return _run(stack, arguments.verbose)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/up",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--verbose", action="store_true", help="show the logs as they grow")
    return parser.parse_args()


def _make_stack(directory: Path, lock: IO[str]) -> Stack:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StackError("Mooring already runs from this clone.") from None
    stack = Stack(directory, _port("PORT", 8000), _port("SANDBOX_PORT", 8010), os.environ)
    _need_free("PORT", stack.web_port)
    if stack.has_sandbox:
        _need_free("SANDBOX_PORT", stack.sandbox_port)
    return stack


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise StackError(f"{name} is {text!r}, which is no port.")
    return int(text)


def _need_free(name: str, port: int) -> None:
    if not is_free(port):
        raise StackError(f"Port {port} is taken. Choose another: {name}={port + 100} bin/up")


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _run(stack: Stack, verbose: bool) -> int:
    try:
        print("Starting…", flush=True)
        stack.start()
        print(_welcome(stack), flush=True)
        _watch(stack, verbose)
    except Stopped:
        print("\nStopping…", flush=True)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stack.stop()
    return 0


def _watch(stack: Stack, verbose: bool) -> None:
    follower = _Follower(stack.logs)
    while True:
        for child in stack.children:
            if news := child.revive():
                print(f"{news}. Why may stand in {child.log.relative_to(ROOT)}.", flush=True)
        if verbose:
            follower.print_new()
        time.sleep(0.3)


class _Follower:
    """Prints what the logs have gained, each line with the name of who wrote it."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._read: dict[Path, int] = {}

    def print_new(self) -> None:
        for log in sorted(self._logs.glob("*.log")):
            with log.open("rb") as file:
                file.seek(self._read.get(log, 0))
                text = file.read()
            complete = text[: text.rfind(b"\n") + 1]
            self._read[log] = self._read.get(log, 0) + len(complete)
            for line in complete.decode(errors="replace").splitlines():
                print(f"{log.stem:8} {line}", flush=True)


def _welcome(stack: Stack) -> str:
    is_open = stack.env["STAFF_NEED_SECOND_FACTOR"] == "false"
    how = ", here without a second factor" if is_open else ""
    lines = [
        "",
        f"Mooring runs at {stack.url}/",
        "",
        f"  {OWNER:20} {stack.passwords[OWNER]}",
        f"  {SUPPORT:20} {stack.passwords[SUPPORT]}   staff: also {stack.url}/admin/{how}",
        "",
        *(_sandbox_lines(stack) if stack.has_sandbox else []),
        "Logs are in var/log. Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _sandbox_lines(stack: Stack) -> list[str]:
    lines = _azure_lines(stack) if stack.has_azure else []
    if stack.has_stripe:
        lines += [f"Stripe is one too. Turn its clock and more at {stack.sandbox_url}/stripe/"]
    if stack.has_mail:
        lines += [f"Mail that was sent: {stack.sandbox_url}/mail/"]
    return [*lines, ""] if lines else []


def _azure_lines(stack: Stack) -> list[str]:
    with urllib.request.urlopen(f"{stack.sandbox_url}/_sandbox/tokens", timeout=10) as answer:
        samples = {sample["label"]: sample for sample in json.load(answer)}
    rows = [
        (samples[label]["organization"], happens, samples[label]["token"])
        for label, happens in _TOKENS_TO_TRY.items()
        if label in samples
    ]
    return [
        "Azure DevOps is a sandbox here. To import, type an organization and paste its token:",
        "",
        *(f"  {name:12} {happens:32} {token}" for name, happens, token in rows),
        "",
        "Once an organization is here, its other tokens lead to that: try those first.",
        "",
        f"More of both, and pages to make your own: {stack.sandbox_url}/",
    ]


if __name__ == "__main__":
    sys.exit(main())
