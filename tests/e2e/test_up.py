"""The command a newcomer starts with, from a clone that nothing has run in."""

import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request

import pytest

from bin.processes import ROOT, free_port

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", ".env", "__pycache__", ".*_cache")


@pytest.fixture
def clone(tmp_path):
    """Everything but what running leaves behind; the packages are there already."""
    copy = tmp_path / "mooring"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


@pytest.fixture
def up(clone):
    """`bin/up` until the end of the test. Its output up to the welcome is in `up.said`."""
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    foreign = ("DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "SECRET_KEY", "FERNET_KEYS")
    env = {name: value for name, value in os.environ.items() if name not in foreign}
    process = subprocess.Popen(
        [clone / "bin" / "up"],
        cwd=clone,
        env=env | ports,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    process.port, process.clone, process.said = ports["PORT"], clone, ""
    for line in process.stdout:
        process.said += line
        if "Ctrl-C stops everything" in line:
            break
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def running_from(clone):
    """The command lines of processes whose working directory is in the clone."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.readlink(f"/proc/{entry}/cwd").startswith(str(clone)):
                with open(f"/proc/{entry}/cmdline") as file:
                    found.append(file.read().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="Looks for processes in /proc.")
def test_it_serves_a_page_tells_how_to_come_in_and_leaves_nothing_behind(up):
    with urllib.request.urlopen(f"http://localhost:{up.port}/") as page:
        assert page.status == 200
    assert re.search(r"owner@example\.com +\S+", up.said)
    assert re.search(r"contoso +all is well +[A-Za-z0-9]{84}", up.said)
    assert any("celery" in command for command in running_from(up.clone))

    up.send_signal(signal.SIGINT)

    assert up.wait(timeout=30) == 0
    assert running_from(up.clone) == []


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="Looks for processes in /proc.")
def test_nothing_outlives_it_even_when_it_is_killed(up):
    group = [command for command in running_from(up.clone) if "bin.run_stack" in command]
    assert group

    os.kill(up.pid, signal.SIGKILL)
    up.communicate(timeout=30)

    assert running_from(up.clone) == []


def start(clone, **env):
    command = [clone / "bin" / "up"]
    return subprocess.run(command, env=os.environ | env, capture_output=True, text=True)


def test_a_second_one_from_the_same_clone_is_refused(up):
    second = start(up.clone, PORT=str(free_port()))

    assert second.returncode == 1
    assert "already runs from this clone" in second.stderr


def test_a_taken_port_is_said_so_with_another_to_take(clone):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        refused = start(clone, PORT=str(port))

    assert refused.returncode == 1
    assert f"Port {port} is taken. Choose another: PORT={port + 100} bin/up" in refused.stderr


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_said_so(clone, port):
    refused = start(clone, PORT=port)

    assert refused.returncode == 1
    assert "which is no port" in refused.stderr
