"""The program as people start and stop it."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

from sandbox.azure.samples import sample_tokens


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments], capture_output=True, text=True, timeout=20
    )


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_it_says_one_line_serves_and_ends_at_once():
    port = free_port()
    environment = os.environ | {"SANDBOX_PORT": str(port)}
    command = [sys.executable, "-m", "sandbox", "--smtp-port", "0"]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        line = program.stdout.readline()
        health = f"http://127.0.0.1:{port}/_sandbox/health"
        with urllib.request.urlopen(health, timeout=5) as answer:
            assert answer.status == 200
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=2) == 0

    assert line.startswith(f"Sandbox: http://127.0.0.1:{port}/ (mail on port ")


def test_a_port_that_is_taken_is_said_in_a_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("--port", str(taken.getsockname()[1]), "--smtp-port", "0")

    assert result.returncode == 1
    assert result.stderr.startswith("sandbox: can't listen on ")
    assert len(result.stderr.splitlines()) == 1


def test_it_prints_one_token_or_all(sandbox):
    one, table = run("tokens", "healthy"), run("tokens")

    assert one.stdout == sandbox.token("healthy") + "\n"
    assert len(table.stdout.splitlines()) == 1 + len(sample_tokens())
    assert "contoso" in table.stdout


def test_an_unknown_label_is_said_so():
    result = run("tokens", "nonsense")

    assert result.returncode == 1
    assert "There is no token 'nonsense'" in result.stderr
