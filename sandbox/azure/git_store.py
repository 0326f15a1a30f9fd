"""The git repositories behind the sample ones, each made when first asked for."""

import threading
import zlib
from collections import deque
from typing import Any

from dulwich.graph import find_merge_base
from dulwich.objects import ObjectID, ShaFile, Tree
from dulwich.refs import Ref
from dulwich.repo import MemoryRepo

from .model import Repository
from .sources import Files, commit_files, history_of

NO_COMMIT = b"0" * 40


class GitStore:
    """Keyed by repository id, which survives every rename."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._repositories: dict[str, MemoryRepo] = {}
        self._sizes: dict[str, tuple[int, int]] = {}

    def open(self, repository: Repository) -> MemoryRepo:
        with self._lock:
            if repository.id not in self._repositories:
                self._repositories[repository.id] = _build(repository)
            return self._repositories[repository.id]

    def size(self, repository: Repository) -> int:
        """Compressed bytes of all its objects."""
        store = self.open(repository).object_store
        known = list(store)
        with self._lock:
            count, size = self._sizes.get(repository.id, (-1, 0))
            if count != len(known):
                size = sum(_compressed_size(store[each]) for each in known)
                self._sizes[repository.id] = (len(known), size)
            return size

    def branches(self, repository: Repository) -> dict[str, str]:
        """Full ref name to commit id, in the order of the names."""
        refs = self.open(repository).refs.as_dict()
        return {
            name.decode(): commit.decode()
            for name, commit in sorted(refs.items())
            if name != b"HEAD"
        }

    def update_ref(self, repository: Repository, name: str, old: str, new: str) -> str:
        """Compare and swap. Returns the service's word for what happened."""
        repo = self.open(repository)
        with self._lock:
            current = repo.refs.as_dict().get(Ref(name.encode()), NO_COMMIT)
            if current.decode() != old:
                return "staleOldObjectId"
            if new == NO_COMMIT.decode():
                del repo.refs[Ref(name.encode())]
                return "succeeded"
            if ObjectID(new.encode()) not in repo.object_store:
                return "unresolvableToCommit"
            repo.refs[Ref(name.encode())] = ObjectID(new.encode())
            return "succeeded"

    def commit(self, repository: Repository, branch: str, files: Files, message: str) -> str:
        """Put `files` on top of `branch`, which is made if it isn't there. Its new id."""
        repo, ref = self.open(repository), Ref(f"refs/heads/{branch}".encode())
        with self._lock:
            tip = repo.refs.as_dict().get(ref)
            before = self.files(repository, tip.decode()) if tip else {}
            day = 30 + len(list(repo.object_store))
            commit, objects = commit_files(
                {**before, **files}, message, [tip] if tip else [], day=day
            )
            repo.object_store.add_objects([(each, None) for each in objects])
            repo.refs[ref] = commit.id
            return commit.id.decode()

    def files(self, repository: Repository, commit: str) -> Files:
        """Path to content of everything in a commit (or a tree)."""
        repo = self.open(repository)
        found: Any = repo[commit.encode()]
        tree = found if isinstance(found, Tree) else repo[found.tree]
        return dict(_walk(repo, tree, ""))

    def distance(self, repository: Repository, base: str, tip: str) -> tuple[int, int]:
        """How many commits `tip` is ahead of `base`, and behind it."""
        repo = self.open(repository)
        common = find_merge_base(repo, [ObjectID(base.encode()), ObjectID(tip.encode())])
        shared = _ancestors(repo, common[0]) if common else set()
        ahead = _ancestors(repo, tip.encode()) - shared
        behind = _ancestors(repo, base.encode()) - shared
        return len(ahead), len(behind)


def _build(repository: Repository) -> MemoryRepo:
    if repository.source is None or repository.disabled:
        return MemoryRepo.init_bare([], {})
    history = history_of(repository.source, repository.default_branch)
    head = f"refs/heads/{repository.default_branch}".encode()
    repo = MemoryRepo.init_bare(
        history.objects,
        {Ref(name): ObjectID(commit) for name, commit in history.branches.items()},
    )
    repo.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(head))
    return repo


def _compressed_size(thing: ShaFile) -> int:
    return len(zlib.compress(thing.as_raw_string(), 1))


def _walk(repo: MemoryRepo, tree: Any, prefix: str) -> list[tuple[str, bytes]]:
    found = []
    for name, mode, each in tree.items():
        path = f"{prefix}{name.decode()}"
        if mode == 0o040000:
            found += _walk(repo, repo[each], f"{path}/")
        else:
            found.append((path, repo[each].as_raw_string()))
    return found


def _ancestors(repo: MemoryRepo, commit: bytes) -> set[bytes]:
    seen, waiting = set[bytes](), deque([commit])
    while waiting:
        current = waiting.popleft()
        if current not in seen:
            seen.add(current)
            found: Any = repo[current]
            waiting.extend(found.parents)
    return seen
