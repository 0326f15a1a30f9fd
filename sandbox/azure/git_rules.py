"""Which changes of a ref are refused, over the API as in a push."""

from dulwich.objects import Commit, ShaFile, Tag
from dulwich.refs import Ref, check_ref_format
from dulwich.repo import MemoryRepo

NO_COMMIT = b"0" * 40
_HEADS = b"refs/heads/"


def why_not(repo: MemoryRepo, name: bytes, old: bytes, new: bytes) -> str | None:
    """The service's word for why `name` may not go from `old` to `new`; None if it may.

    NO_COMMIT as `old` makes the ref, and as `new` deletes it.
    """
    if not is_ref_name(name):
        return "invalidRefName"
    refs = repo.refs.as_dict()
    current = refs.get(Ref(name), NO_COMMIT)
    # Nobody has said what a delete of nothing answers: it is stale, as any wrong guess.
    if current != old or old == new == NO_COMMIT:
        return "staleOldObjectId"
    if new == NO_COMMIT:
        return None
    if any(_is_above(name, each) or _is_above(each, name) for each in refs):
        return "refNameConflict"
    return None if _may_point_at(repo, name, new) else "unresolvableToCommit"


def is_ref_name(name: bytes) -> bool:
    """A full name in UTF-8, of the form that git demands."""
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return name.startswith(b"refs/") and name.count(b"/") > 1 and check_ref_format(Ref(name))


def peeled(repo: MemoryRepo, object_id: bytes) -> ShaFile | None:
    """The object with an id or, for an annotated tag, what it is for in the end."""
    found = _object(repo, object_id)
    while isinstance(found, Tag):
        found = _object(repo, found.object[1])
    return found


def _object(repo: MemoryRepo, object_id: bytes) -> ShaFile | None:
    try:
        return repo[object_id]
    except KeyError:
        return None


def _is_above(folder: bytes, name: bytes) -> bool:
    return name.startswith(folder + b"/")


def _may_point_at(repo: MemoryRepo, name: bytes, new: bytes) -> bool:
    found = _object(repo, new)
    return isinstance(found, Commit) if name.startswith(_HEADS) else found is not None
