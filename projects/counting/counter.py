"""From an archive to its lines of code, with little memory and no file named by a stranger."""

import math
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple

from projects.counting import attributes, choosing, languages, patterns, rules, tool, zips
from projects.counting.attributes import Attributes, Value
from projects.counting.contents import as_text, is_lfs_pointer, without_blank_lines
from projects.counting.errors import TookTooLong, TooMuchCode
from projects.counting.model import Count, Outcome, Reason
from projects.counting.strings import as_words
from projects.counting.zips import DamagedEntry, Entry

MB = 1024 * 1024
# A file with more is data, whatever its name says; and so much is held in memory at once.
LARGEST_FILE = 8 * MB
LARGEST_NOTE, LARGEST_NOTES, MOST_NOTES = MB, 8 * MB, 2000
# What is named longer or lies deeper can't be checked out anywhere either.
LONGEST_PATH, DEEPEST = 4096, 256
BATCH_BYTES, BATCH_FILES = 16 * MB, 4000
# Of one tree, unpacked: some fifty million lines. A zip that unpacks for ever ends here too.
MOST_BYTES = 2_000 * MB
DEADLINE = 6 * 60.0
IN_MEMORY = "/dev/shm"  # noqa: S108


class Found(NamedTuple):
    """A file that waits to be counted. `reason` is why it does not count, if so; `blank` lines
    were taken out of it.
    """

    path: str
    ending: str
    reason: Reason | None
    is_wanted: bool
    blank: int = 0

    def outcome(self, counted: tool.FileCount | None) -> Outcome:
        if counted is None:
            return Outcome(self.path, self.reason or Reason.BINARY)
        language, reason = languages.name_of(self.ending, counted.language), self.reason
        if reason is None and language in languages.NOT_CODE and not self.is_wanted:
            reason = Reason.NOT_CODE
        lines = counted.lines
        lines.blank += self.blank
        return Outcome(self.path, reason, language, lines)


class _Batch:
    """Files in a folder of their own, under numbers, until there are enough to be counted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Found] = {}
        self._bytes = 0

    def add(self, found: Found, content: bytes) -> None:
        number, ending = len(self._files), languages.written_as(found.ending)
        name = f"{number}.{ending}" if ending else f"{number}"
        # Where strings become words, what is blank in them is seen to be.
        words = as_words(content, languages.known().get(found.ending, ""))
        shorter, blank = without_blank_lines(content) if words is None else (words, 0)
        with open(f"{self._folder}/{name}", "wb", buffering=0) as file:
            file.write(shorter)
        self._files[name] = found._replace(blank=blank)
        self._bytes += len(content)

    @property
    def is_full(self) -> bool:
        return self._bytes >= BATCH_BYTES or len(self._files) >= BATCH_FILES

    def flush(self, timeout: float) -> Iterator[Outcome]:
        """Have them counted, and forget them."""
        if not self._files:
            return
        counted = tool.count_folder(self._folder, timeout=timeout)
        for name, found in self._files.items():
            yield found.outcome(counted.get(name))
            os.unlink(f"{self._folder}/{name}")
        self._files, self._bytes = {}, 0


class Counter:
    """Counts one archive. `own` is the project's list, in the syntax of `.gitattributes`.

    With `everything`, no rule leaves anything out: to compare with other tools. It is done by
    `until`, on the monotonic clock, or not at all.
    """

    def __init__(
        self,
        archive: BinaryIO,
        *,
        own: str = "",
        everything: bool = False,
        until: float = math.inf,
    ) -> None:
        self._archive = archive
        self._everything = everything
        self._own = own
        self._attributes = Attributes(own=own)
        self._unpacked, self._notes_left = 0, LARGEST_NOTES
        self._until = min(until, time.monotonic() + DEADLINE)

    def run(self, scratch: Path | None = None) -> Count:
        """`scratch` is where files are put for the tool. Raises NotCounted."""
        count = Count(version())
        for outcome in self.outcomes(scratch):
            count.note(outcome)
        return count

    def outcomes(self, scratch: Path | None = None) -> Iterator[Outcome]:
        """File by file, in any order. Raises NotCounted."""
        try:
            yield from self._read_notes()
            yield from self._count_files(scratch)
        finally:
            # The next tree has other patterns.
            patterns.forget()

    def _count_files(self, scratch: Path | None) -> Iterator[Outcome]:
        with TemporaryDirectory(prefix="mooring-count-", dir=scratch or _in_memory()) as folder:
            batch = _Batch(Path(folder))
            for entry in self._files():
                if outcome := self._look_at(entry, batch):
                    yield outcome
                if batch.is_full:
                    yield from batch.flush(self._time_left())
            yield from batch.flush(self._time_left())

    def _files(self) -> Iterator[Entry]:
        for entry in zips.entries(self._archive):
            self._time_left()
            if not entry.is_folder:
                yield entry

    def _read_notes(self) -> Iterator[Outcome]:
        """What the repository says of its own files, before the first of them is looked at, and
        where it is made of others.
        """
        said: dict[str, str] = {}
        for entry in self._files():
            folder, slash, name = entry.path.rpartition("/")
            if name == attributes.FILE and _is_sane(entry.path):
                self._keep(entry, folder + slash, said)
            elif entry.path == choosing.SUBMODULES:
                for path in choosing.submodules(self._note(entry)):
                    yield Outcome(path, Reason.SUBMODULE)
        if not self._everything:
            self._attributes = Attributes(said, own=self._own, look=self._time_left)

    def _keep(self, entry: Entry, folder: str, said: dict[str, str]) -> None:
        if len(said) < MOST_NOTES and (note := self._note(entry)):
            said[folder] = note

    def _note(self, entry: Entry) -> str:
        """Empty where there is too much of it, or of all of them."""
        if entry.size > min(LARGEST_NOTE, self._notes_left):
            return ""
        self._notes_left -= entry.size
        try:
            return zips.unpack(self._archive, entry).decode(errors="replace")
        except DamagedEntry:
            return ""

    def _look_at(self, entry: Entry, batch: _Batch) -> Outcome | None:
        """None where that is known later, because it waits in the batch."""
        if entry.is_symbolic_link:
            return Outcome(entry.path, Reason.SYMBOLIC_LINK)
        if not _is_sane(entry.path):
            return Outcome(entry.path, Reason.DAMAGED)
        said = self._attributes.of(entry.path)
        ending = choosing.ending_for(entry.path, said)
        if ending is None:
            return Outcome(entry.path, Reason.UNKNOWN_LANGUAGE)
        content = self._content(entry)
        if isinstance(content, Reason):
            return Outcome(entry.path, content)
        if not ending and not languages.may_be_script(content):
            return Outcome(entry.path, Reason.UNKNOWN_LANGUAGE)
        batch.add(self._found(entry.path, content, ending, said), content)
        return None

    def _found(self, path: str, content: bytes, ending: str, said: dict[str, Value]) -> Found:
        if self._everything:
            return Found(path, ending, None, is_wanted=True)
        reason = choosing.reason_for(path, content, ending, said)
        return Found(path, ending, reason, choosing.is_wanted(said))

    def _content(self, entry: Entry) -> bytes | Reason:
        """As text; or why there is none."""
        if entry.size > LARGEST_FILE:
            return Reason.TOO_LARGE
        self._unpacked += entry.size
        if self._unpacked > MOST_BYTES:
            raise TooMuchCode(MOST_BYTES)
        try:
            content = zips.unpack(self._archive, entry)
        except DamagedEntry:
            return Reason.DAMAGED
        if is_lfs_pointer(content):
            return Reason.LFS_POINTER
        text = as_text(content)
        return Reason.BINARY if text is None else text

    def _time_left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TookTooLong(DEADLINE / 60)
        return left


def _in_memory() -> str | None:
    """Where files are no work for a disk; None where there is no such place with room."""
    free = shutil.disk_usage(IN_MEMORY).free if os.access(IN_MEMORY, os.W_OK) else 0
    return IN_MEMORY if free > 4 * (BATCH_BYTES + LARGEST_FILE) else None


def _is_sane(path: str) -> bool:
    return len(path) <= LONGEST_PATH and path.count("/") <= DEEPEST


def version() -> str:
    """By what is counted: the tool's version and ours of the rules. Travels with every count."""
    return f"scc {tool.version()}, rules {rules.VERSION}"
