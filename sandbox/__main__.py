"""The command line: `python -m sandbox` serves, `python -m sandbox tokens` prints tokens."""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from .azure.registry import sample_secret
from .azure.samples import sample_tokens
from .server import Sandbox

_DEFAULT_PORT = 8010


def main() -> None:
    arguments = _parser().parse_args()
    if arguments.command == "tokens":
        _print_tokens(arguments.label)
    else:
        _serve(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    port = int(os.environ.get("SANDBOX_PORT") or _DEFAULT_PORT)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=port, help="also SANDBOX_PORT; %(default)s")
    parser.add_argument("--smtp-port", type=int, help="the port plus one, unless given")
    parser.add_argument("--data", type=Path, help="directory that keeps tokens made on its pages")
    commands = parser.add_subparsers(dest="command")
    tokens = commands.add_parser("tokens", help="print the sample tokens, or one of them")
    tokens.add_argument("label", nargs="?")
    return parser


def _serve(arguments: argparse.Namespace) -> None:
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(message)s")
    # A full queue is news to a web server's operator; here it is a load test.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    smtp_port = arguments.port + 1 if arguments.smtp_port is None else arguments.smtp_port
    try:
        sandbox = Sandbox(arguments.host, arguments.port, smtp_port, arguments.data)
        sandbox.start_mail()
    except OSError as error:
        sys.exit(f"sandbox: can't listen on {arguments.port} and {smtp_port}: {error.strerror}")

    def leave(_number: int, _frame: FrameType | None) -> None:
        sandbox.save()
        # At once: nothing else waits to be written, and a dribbling answer may take its time.
        os._exit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    print(
        f"Sandbox: http://{arguments.host}:{sandbox.port}/ (mail on port {sandbox.smtp_port})",
        flush=True,
    )
    sandbox.desk.keep_time()
    sandbox.serve()


def _print_tokens(label: str | None) -> None:
    samples = {sample.label: sample for sample in sample_tokens()}
    if label is not None:
        if label not in samples:
            sys.exit(f"There is no token {label!r}. Known: {', '.join(samples)}.")
        print(sample_secret(samples[label]))
        return
    rows = [("LABEL", "TOKEN", "ORGANIZATION", "WHAT HAPPENS")]
    rows += [(s.label, sample_secret(s), s.organization, s.shows) for s in samples.values()]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    for row in rows:
        cells = [row[at].ljust(widths[at]) for at in range(3)]
        print("  ".join([*cells, row[3]]))


if __name__ == "__main__":
    main()
