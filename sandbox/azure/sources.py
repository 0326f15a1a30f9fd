"""The sample programs as git objects.

A folder below `sources/` is a default branch. Beside it, `<folder>@<branch>` (with `~`
for `/`) holds the files a side branch adds or changes. Authors and times are fixed, so
the same files always make the same commit ids. Some are made: see `made.py`.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree

from .git_trees import SUBMODULE, Files, mode_of
from .made import made_program

_FOLDER = Path(__file__).parent / "sources"
_AUTHOR = b"Harbour Works <works@example.com>"
_FIRST_COMMIT_AT = 1_767_258_000  # 2026-01-01 09:00 UTC
_DAY = 86_400


@dataclass(frozen=True)
class History:
    """Git objects and branches: full ref name to commit id, both as git has them."""

    objects: tuple[ShaFile, ...]
    branches: dict[bytes, bytes]


@cache
def history_of(source: str, default_branch: str) -> History:
    """`source` is a folder below `sources/`, or the name of what is made by a program."""
    if made := made_program(source):
        return _history(*made, default_branch)
    side_branches = {
        folder.name.partition("@")[2].replace("~", "/"): _files_in(folder)
        for folder in sorted(_FOLDER.glob(f"{source}@*"))
    }
    return _history(_files_in(_FOLDER / source), side_branches, default_branch)


def commit_files(
    files: Files, message: str, parents: list[bytes], day: int
) -> tuple[Commit, list[ShaFile]]:
    """A commit whose tree is exactly `files`, and every object it needs."""
    root, objects = _tree(files)
    commit = Commit()
    commit.tree = root.id
    commit.parents = [ObjectID(each) for each in parents]
    commit.author = commit.committer = _AUTHOR
    commit.author_time = commit.commit_time = _FIRST_COMMIT_AT + day * _DAY
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = message.encode() + b"\n"
    return commit, [*objects, commit]


def _history(main: Files, side_branches: dict[str, Files], default_branch: str) -> History:
    beginning = {path: body for path, body in main.items() if "/" not in path}
    first, objects = commit_files(beginning, "Start with the plan", [], day=0)
    head, added = commit_files(main, "Build it", [first.id], day=7)
    objects += added
    branches = {f"refs/heads/{default_branch}".encode(): bytes(head.id)}
    for day, (name, changes) in enumerate(side_branches.items(), start=8):
        # From the first commit, so that the branch is both ahead and behind.
        tip, added = commit_files({**main, **changes}, f"Work on {name}", [first.id], day)
        objects += added
        branches[f"refs/heads/{name}".encode()] = bytes(tip.id)
    return History(tuple(objects), branches)


def _files_in(folder: Path) -> Files:
    # __pycache__ appears when somebody imports a sample; it is not part of one.
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _tree(files: Files) -> tuple[Tree, list[ShaFile]]:
    """The tree of `files` and all objects below it, itself included."""
    tree, objects = Tree(), list[ShaFile]()
    folders: dict[str, Files] = {}
    for path, body in files.items():
        first, *rest = PurePosixPath(path).parts
        if rest:
            folders.setdefault(first, {})["/".join(rest)] = body
            continue
        mode = mode_of(first, body)
        if mode == SUBMODULE:
            tree.add(first.encode(), mode, ObjectID(body))
            continue
        blob = Blob.from_string(bytes(body))
        objects.append(blob)
        tree.add(first.encode(), mode, blob.id)
    for name, inner in folders.items():
        subtree, below = _tree(inner)
        objects += below
        tree.add(name.encode(), 0o040000, subtree.id)
    return tree, [*objects, tree]
