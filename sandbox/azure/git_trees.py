"""What is in a git tree, as paths a program can print."""

import stat
from typing import Any, NamedTuple

from dulwich.objects import S_ISGITLINK, Tree
from dulwich.repo import MemoryRepo


class Entry(NamedTuple):
    """A file. `mode` is git's: a plain file, an executable or a symbolic link."""

    path: str
    mode: int
    body: bytes


def entries_of(repo: MemoryRepo, tree: Tree, prefix: str = "") -> list[Entry]:
    """Every file below a tree. A submodule is left out: its content is elsewhere."""
    found: list[Entry] = []
    for name, mode, each in tree.items():
        # Git keeps the bytes of a name and knows no encoding.
        path = f"{prefix}{name.decode(errors='replace')}"
        if S_ISGITLINK(mode):
            continue
        inner: Any = repo[each]
        if stat.S_ISDIR(mode):
            found += entries_of(repo, inner, f"{path}/")
        else:
            found.append(Entry(path, mode, inner.as_raw_string()))
    return found
