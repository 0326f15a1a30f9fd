"""What a git client sends when it pushes, made by hand: git itself refuses to send most of it."""

import io

from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.objects import Blob, Commit, Tag, Tree
from dulwich.pack import write_pack_objects
from dulwich.protocol import pkt_line

NO_COMMIT = "0" * 40
_TIME = 1_767_258_000


def commit_of(tree, message=b"Work", parents=()):
    commit = Commit()
    commit.tree, commit.parents, commit.message = tree.id, list(parents), message
    commit.author = commit.committer = b"Harbour Works <works@example.com>"
    commit.author_time = commit.commit_time = _TIME
    commit.author_timezone = commit.commit_timezone = 0
    return commit


def tree_of(*entries):
    """Each entry is a name, a mode and an object or an id."""
    tree = Tree()
    for name, mode, thing in entries:
        tree.add(name, mode, thing if isinstance(thing, bytes) else thing.id)
    return tree


def program(name=b"main.go", mode=0o100644, message=b"Work"):
    """A commit of one file, and all it needs."""
    blob = Blob.from_string(b"package main\n")
    tree = tree_of((name, mode, blob))
    return [commit_of(tree, message), tree, blob]


def tag_of(commit, name=b"v1"):
    tag = Tag()
    tag.name, tag.message, tag.object = name, b"A release\n", (Commit, commit.id)
    tag.tagger, tag.tag_time, tag.tag_timezone = b"Works <works@example.com>", _TIME, 0
    return tag


def push(ask, repository, commands, objects=(), *, label="healthy", shallow=()):
    """`commands` are name, old and new id; `repository` is a path. What the service reports."""
    lines = [f"shallow {each}".encode() for each in shallow]
    for at, (name, old, new) in enumerate(commands):
        name = name if isinstance(name, bytes) else name.encode()
        capabilities = b"" if at else b"\0 report-status"
        lines.append(f"{_text(old)} {_text(new)} ".encode() + name + capabilities)
    pack = io.BytesIO()
    write_pack_objects(pack.write, list(objects), DEFAULT_OBJECT_FORMAT)
    body = b"".join(map(pkt_line, lines)) + b"0000" + pack.getvalue()
    headers = {"Content-Type": "application/x-git-receive-pack-request"}
    path = f"{repository}/git-receive-pack"
    return ask(label, path, method="POST", body=body, headers=headers)


def _text(object_id):
    return object_id.decode() if isinstance(object_id, bytes) else object_id
