"""From an archive to its lines of code, with little memory and no file named by a stranger."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple

from projects.counting import attributes, choosing, languages, rules, tool, zips
from projects.counting.attributes import Attributes, Value
from projects.counting.contents import as_text, is_lfs_pointer
from projects.counting.errors import TookTooLong, TooMuchCode
from projects.counting.model import Count, Reason
from projects.counting.zips import DamagedEntry, Entry

MB = 1024 * 1024
# A file with more is data, whatever its name says; and so much is held in memory at once.
LARGEST_FILE = 8 * MB
LARGEST_NOTE = MB
BATCH_BYTES, BATCH_FILES = 16 * MB, 4000
# Of one tree, unpacked: some fifty million lines. A zip that unpacks for ever ends here too.
MOST_BYTES = 2_000 * MB
DEADLINE = 15 * 60.0


class Found(NamedTuple):
    """A file that waits to be counted. `reason` is why it does not count, if so."""

    path: str
    reason: Reason | None
    is_wanted: bool


class _Batch:
    """Files in a folder of their own, under numbers, until there are enough to be counted."""

    def __init__(self, folder: Path, count: Count) -> None:
        self._folder, self._count = folder, count
        self._files: dict[str, Found] = {}
        self._bytes = 0

    def add(self, found: Found, ending: str, content: bytes) -> None:
        number = len(self._files)
        name = f"{number}.{ending}" if ending else f"{number}"
        (self._folder / name).write_bytes(content)
        self._files[name] = found
        self._bytes += len(content)

    @property
    def is_full(self) -> bool:
        return self._bytes >= BATCH_BYTES or len(self._files) >= BATCH_FILES

    def flush(self, timeout: float) -> None:
        """Have them counted, and forget them."""
        if not self._files:
            return
        counted = tool.count_folder(self._folder, timeout=timeout)
        for name, found in self._files.items():
            self._note(found, counted.get(name))
            (self._folder / name).unlink()
        self._files, self._bytes = {}, 0

    def _note(self, found: Found, counted: tool.FileCount | None) -> None:
        if counted is None:
            self._count.leave_out(found.reason or Reason.BINARY, found.path)
            return
        language, lines = counted
        reason = found.reason
        if reason is None and language in languages.NOT_CODE and not found.is_wanted:
            reason = Reason.NOT_CODE
        if reason:
            self._count.leave_out(reason, found.path, lines.code)
        else:
            self._count.add(language, lines)


class Counter:
    """Counts one archive. `own` is the project's list, in the syntax of `.gitattributes`.

    With `everything`, no rule leaves anything out: to compare with other tools.
    """

    def __init__(self, archive: BinaryIO, *, own: str = "", everything: bool = False) -> None:
        self._archive = archive
        self._everything = everything
        self._attributes = Attributes()
        self._attributes.add_own(own)
        self._unpacked = 0
        self._until = time.monotonic() + DEADLINE
        self.count = Count(version())

    def run(self, scratch: Path | None = None) -> Count:
        """`scratch` is where files are put for the tool. Raises NotCounted."""
        self._read_notes()
        with TemporaryDirectory(prefix="count-", dir=scratch) as folder:
            batch = _Batch(Path(folder), self.count)
            for entry in self._files():
                self._look_at(entry, batch)
                if batch.is_full:
                    batch.flush(self._time_left())
            batch.flush(self._time_left())
        return self.count

    def _files(self) -> Iterator[Entry]:
        return (entry for entry in zips.entries(self._archive) if not entry.is_folder)

    def _read_notes(self) -> None:
        """What the repository says of its own files, before the first of them is looked at."""
        for entry in self._files():
            folder, slash, name = entry.path.rpartition("/")
            if name == attributes.FILE and not self._everything:
                self._attributes.add(folder + slash, self._note(entry))
            elif entry.path == choosing.SUBMODULES:
                for path in choosing.submodules(self._note(entry)):
                    self.count.leave_out(Reason.SUBMODULE, path)

    def _note(self, entry: Entry) -> str:
        try:
            return zips.unpack(self._archive, entry, LARGEST_NOTE).decode(errors="replace")
        except DamagedEntry:
            return ""

    def _look_at(self, entry: Entry, batch: _Batch) -> None:
        self._time_left()
        if entry.is_symbolic_link:
            self.count.leave_out(Reason.SYMBOLIC_LINK, entry.path)
            return
        said = self._attributes.of(entry.path)
        ending = choosing.ending_for(entry.path, said)
        if ending is None:
            self.count.leave_out(Reason.UNKNOWN_LANGUAGE, entry.path)
            return
        content = self._content(entry)
        if isinstance(content, Reason):
            self.count.leave_out(content, entry.path)
        elif ending or languages.may_be_script(content):
            batch.add(self._found(entry.path, content, ending, said), ending, content)
        else:
            self.count.leave_out(Reason.UNKNOWN_LANGUAGE, entry.path)

    def _found(self, path: str, content: bytes, ending: str, said: dict[str, Value]) -> Found:
        if self._everything:
            return Found(path, None, is_wanted=True)
        reason = choosing.reason_for(path, content, ending, said)
        return Found(path, reason, choosing.is_wanted(said))

    def _content(self, entry: Entry) -> bytes | Reason:
        """As text; or why there is none."""
        if entry.size > LARGEST_FILE:
            return Reason.TOO_LARGE
        try:
            content = zips.unpack(self._archive, entry, LARGEST_FILE)
        except DamagedEntry:
            return Reason.DAMAGED
        self._unpacked += len(content)
        if self._unpacked > MOST_BYTES:
            raise TooMuchCode(MOST_BYTES)
        if is_lfs_pointer(content):
            return Reason.LFS_POINTER
        text = as_text(content)
        return Reason.BINARY if text is None else text

    def _time_left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TookTooLong(DEADLINE / 60)
        return left


def version() -> str:
    """By what is counted: the tool's version and ours of the rules. Travels with every count."""
    return f"scc {tool.version()}, rules {rules.VERSION}"
