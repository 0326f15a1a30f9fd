"""What is in a git tree, as paths a program can print."""

import stat
from typing import Any, NamedTuple

from dulwich.objects import S_ISGITLINK, Tree
from dulwich.repo import MemoryRepo

Files = dict[str, bytes]

EXECUTABLE, LINK, SUBMODULE = 0o100755, 0o120000, 0o160000


class Executable(bytes):
    """The content of a file that may be run."""


class Link(bytes):
    """Where a symbolic link leads to."""


class Submodule(bytes):
    """The commit of another repository, as 40 hexadecimals."""


class Entry(NamedTuple):
    """A file. `mode` is git's: a plain file, an executable or a symbolic link."""

    path: str
    mode: int
    body: bytes


def mode_of(path: str, body: bytes) -> int:
    """Git's mode for a content of one of the kinds above, or of none."""
    kinds = {Executable: EXECUTABLE, Link: LINK, Submodule: SUBMODULE}
    return kinds.get(type(body), EXECUTABLE if path.endswith(".sh") else 0o100644)


def as_content(entry: Entry) -> bytes:
    """The other way round."""
    kinds = {EXECUTABLE: Executable, LINK: Link, SUBMODULE: Submodule}
    return kinds.get(entry.mode, bytes)(entry.body)


def entries_of(
    repo: MemoryRepo, tree: Tree, prefix: str = "", *, submodules: bool = False
) -> list[Entry]:
    """Every file below a tree. A submodule's content is elsewhere, so it is left out if not
    asked for.
    """
    found: list[Entry] = []
    for name, mode, each in tree.items():
        # Git keeps the bytes of a name and knows no encoding.
        path = f"{prefix}{name.decode(errors='replace')}"
        if S_ISGITLINK(mode):
            found += [Entry(path, mode, each)] if submodules else []
            continue
        inner: Any = repo[each]
        if stat.S_ISDIR(mode):
            found += entries_of(repo, inner, f"{path}/", submodules=submodules)
        else:
            found.append(Entry(path, mode, inner.as_raw_string()))
    return found
