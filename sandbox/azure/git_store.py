"""The git repositories behind the sample ones, each made when first asked for."""

import threading
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

from dulwich.graph import find_merge_base
from dulwich.objects import Commit, ObjectID, ShaFile, Tag, Tree
from dulwich.refs import Ref
from dulwich.repo import MemoryRepo

from .bulk import bulk_of
from .git_rules import NO_COMMIT, peeled, why_not
from .git_trees import Entry, as_content, entries_of
from .model import Repository
from .sources import Files, commit_files, history_of

HEADS = "refs/heads/"
_HEAD = Ref(b"HEAD")
_SYMBOLIC = b"ref: "
_SMALL_ZIP = 100_000
_MOST_ZIPS = 5_000


class GitStore:
    """Keyed by repository id, which survives every rename.

    Names come out as text whatever their bytes are: git allows any.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._repositories: dict[str, MemoryRepo] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._zips: dict[tuple[str, bool], bytes] = {}

    def open(self, repository: Repository, *, to_write: bool = False) -> MemoryRepo:
        """A shared one is its own from the first time that it is opened to write."""
        with self._lock:
            key = repository.id
            if repository.is_shared and not to_write and key not in self._repositories:
                key = f"{repository.source}@{repository.default_branch}"
            if key not in self._repositories:
                self._repositories[key] = _build(repository)
            return self._repositories[key]

    def size(self, repository: Repository) -> int:
        """Compressed bytes of all its objects."""
        if bulk := bulk_of(repository.source):
            return bulk.size
        store = self.open(repository).object_store
        known = list(store)
        with self._lock:
            count, size = self._sizes.get(repository.id, (-1, 0))
            if count != len(known):
                size = sum(_compressed_size(store[each]) for each in known)
                self._sizes[repository.id] = (len(known), size)
            return size

    def refs(self, repository: Repository) -> dict[str, str]:
        """Full ref name to object id, in the order of the names."""
        refs = self.open(repository).refs.as_dict()
        return {
            name.decode(errors="replace"): target.decode()
            for name, target in sorted(refs.items())
            if name != _HEAD
        }

    def branches(self, repository: Repository) -> dict[str, str]:
        """The same, of branches only: their full names, and the commits they are at."""
        refs = self.refs(repository)
        return {name: commit for name, commit in refs.items() if name.startswith(HEADS)}

    def default_branch(self, repository: Repository) -> str | None:
        """Its short name. None without a branch, and when the default one was deleted."""
        target = (self.open(repository).refs.read_ref(_HEAD) or b"").removeprefix(_SYMBOLIC)
        name = target.decode(errors="replace")
        return name.removeprefix(HEADS) if name in self.branches(repository) else None

    def settle_head(self, repository: Repository) -> None:
        """Make the first branch of a repository its default one, after a write."""
        refs = self.open(repository).refs
        with self._lock:
            branches = list(self.branches(repository))
            if not branches or refs.read_ref(_HEAD):
                return
            hoped_for = f"{HEADS}{repository.default_branch}"
            chosen = hoped_for if hoped_for in branches else branches[0]
            refs.set_symbolic_ref(_HEAD, Ref(chosen.encode()))

    def update_ref(self, repository: Repository, name: str, old: str, new: str) -> str:
        """Compare and swap. Returns the service's word for what happened."""
        repo = self.open(repository)
        # A lone surrogate is no text git could hold; the rules then refuse the name.
        ref = Ref(name.encode(errors="replace"))
        with self._lock:
            refused = why_not(repo, ref, old.encode(), new.encode())
            if refused:
                return refused
            repo = self.open(repository, to_write=True)
            if new.encode() == NO_COMMIT:
                del repo.refs[ref]
                return "succeeded"
            repo.refs[ref] = ObjectID(new.encode())
            self.settle_head(repository)
            return "succeeded"

    def commit(self, repository: Repository, branch: str, files: Files, message: str) -> str:
        """Put `files` on top of `branch`, which is made if it isn't there. Its new id."""
        repo, ref = self.open(repository, to_write=True), Ref(f"{HEADS}{branch}".encode())
        with self._lock:
            tip = repo.refs.as_dict().get(ref)
            before = self.files(repository, tip.decode()) if tip else {}
            day = 30 + len(list(repo.object_store))
            commit, objects = commit_files(
                {**before, **files}, message, [tip] if tip else [], day=day
            )
            repo.object_store.add_objects([(each, None) for each in objects])
            repo.refs[ref] = commit.id
            self.settle_head(repository)
            return commit.id.decode()

    def commit_at(self, repository: Repository, object_id: str) -> Commit | None:
        """The commit with an id, or the one a tag with that id is for."""
        found = peeled(self.open(repository), object_id.encode())
        return found if isinstance(found, Commit) else None

    def tagged(self, repository: Repository, object_id: str) -> str | None:
        """What an annotated tag is for; None for anything else."""
        repo = self.open(repository)
        if not isinstance(repo[object_id.encode()], Tag):
            return None
        found = peeled(repo, object_id.encode())
        return found.id.decode() if found else None

    def entries(
        self, repository: Repository, object_id: str, *, submodules: bool = False
    ) -> list[Entry]:
        """Every file in a commit, a tree, or what a tag is for. None in anything else."""
        repo = self.open(repository)
        found = peeled(repo, object_id.encode())
        tree = repo[found.tree] if isinstance(found, Commit) else found
        return entries_of(repo, tree, submodules=submodules) if isinstance(tree, Tree) else []

    def files(self, repository: Repository, object_id: str) -> Files:
        """The same, as path to content, of which the kind tells the mode."""
        entries = self.entries(repository, object_id, submodules=True)
        return {each.path: as_content(each) for each in entries}

    def zip_of(self, commit: str, for_unix: bool, make: Callable[[], bytes]) -> bytes:
        """All files of a commit. Small ones are kept: the same commit is the same files."""
        key = (commit, for_unix)
        found = self._zips.get(key) or make()
        if len(found) <= _SMALL_ZIP and len(self._zips) < _MOST_ZIPS:
            self._zips[key] = found
        return found

    def distance(self, repository: Repository, base: str, tip: str) -> tuple[int, int]:
        """How many commits `tip` is ahead of `base`, and behind it."""
        repo = self.open(repository)
        common = find_merge_base(repo, [ObjectID(base.encode()), ObjectID(tip.encode())])
        shared = ancestors(repo, common[0]) if common else set()
        ahead = ancestors(repo, tip.encode()) - shared
        behind = ancestors(repo, base.encode()) - shared
        return len(ahead), len(behind)


def _build(repository: Repository) -> MemoryRepo:
    if repository.source is None or repository.disabled:
        return MemoryRepo.init_bare([], {})
    history = history_of(repository.source, repository.default_branch)
    head = f"{HEADS}{repository.default_branch}".encode()
    repo = MemoryRepo.init_bare(
        history.objects,
        {Ref(name): ObjectID(commit) for name, commit in history.branches.items()},
    )
    repo.refs.set_symbolic_ref(_HEAD, Ref(head))
    return repo


def _compressed_size(thing: ShaFile) -> int:
    return len(zlib.compress(thing.as_raw_string(), 1))


def ancestors(repo: MemoryRepo, commit: bytes) -> set[bytes]:
    seen, waiting = set[bytes](), deque([commit])
    while waiting:
        current = waiting.popleft()
        if current not in seen:
            seen.add(current)
            found: Any = repo[current]
            waiting.extend(found.parents)
    return seen
