"""The tool that counts: `scc`, run where nothing can steer it.

Its own folder, no environment of ours, no settings file and no list of ignored files from what
is counted, and a time limit. Source: https://github.com/boyter/scc
"""

import json
import re
import shutil
import subprocess
import sysconfig
from functools import cache
from pathlib import Path
from typing import NamedTuple

from projects.counting.errors import TookTooLong, ToolFailed
from projects.counting.model import Lines

_UNSTEERED = ["--no-config", "--no-scc-ignore", "--no-ignore", "--no-gitignore", "--no-gitmodule"]
_PER_FILE = ["--by-file", "--format", "json", "--no-complexity", "--exclude-file", "/"]


class FileCount(NamedTuple):
    """One file: its language by the tool's name, and its lines."""

    language: str
    lines: Lines


def count_folder(folder: Path, *, timeout: float) -> dict[str, FileCount]:
    """The files of a folder by name. What the tool takes for binary is missing."""
    try:
        answer = run([*_UNSTEERED, *_PER_FILE, "."], timeout=timeout, folder=folder)
    except ToolFailed as error:
        if isinstance(error.__cause__, subprocess.TimeoutExpired):
            raise TookTooLong(timeout / 60) from error
        raise
    return {
        file["Filename"]: FileCount(
            language["Name"], Lines(1, file["Code"], file["Comment"], file["Blank"])
        )
        for language in json.loads(answer or b"[]")
        for file in language["Files"]
    }


@cache
def version() -> str:
    """Of the tool, such as `4.1.0`."""
    found = re.search(rb"\d+\.\d+\.\d+", run(["--version"], timeout=10))
    if not found:
        raise ToolFailed("The counting tool does not tell its version.")
    return found[0].decode()


def run(arguments: list[str], *, timeout: float, folder: Path = Path("/")) -> bytes:
    """What it prints. Raises ToolFailed."""
    try:
        done = subprocess.run(  # noqa: S603
            [_program(), *arguments],
            cwd=folder,
            env={},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolFailed(
            f"The counting tool did not do its work: {type(error).__name__}."
        ) from error
    return done.stdout


@cache
def _program() -> str:
    """It comes with the Python packages, into the folder of their programs."""
    found = shutil.which("scc", path=sysconfig.get_path("scripts")) or shutil.which("scc")
    if not found:
        raise ToolFailed("The counting tool, scc, is not installed.")
    return found
