"""Sample programs that are no folder below `sources/`, because no folder can hold them, or
because there are too many of them.

`tiny/<n>` is four lines of code, `bulk/<files>/<lines>` the front of what `bulk.py` makes, and
`oddments` has one of everything.
"""

from .git_trees import Executable, Files, Link, Submodule

_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
    b"size 12345\n"
)
_CRANE = "\ufeff// Grüße aus dem Hafen.\r\nint hoist = 1;\r\n"
# Of so many, one has a branch beside its default one, that is longer. Few organizations that a
# test makes for itself are large enough to have one.
_WITH_A_SIDE_BRANCH = 25


def made_program(source: str) -> tuple[Files, dict[str, Files]] | None:
    """The default branch, and what side branches add or change; None for a folder's name."""
    kind, _, rest = source.partition("/")
    if kind == "oddments":
        return _oddments(), {}
    if kind == "bulk":
        return {"README.md": b"# In bulk\n\nMade while it is sent: all of it is in the zip.\n"}, {}
    if kind == "tiny":
        return _tiny(rest), _reefers(rest)
    return None


def _tiny(number: str) -> Files:
    """Four lines of code, so that a thousand repositories can each have some."""
    return {
        "README.md": f"# Cargo {number}\n\nOne of many.\n".encode(),
        "cargo.py": (
            f'"""The manifest of cargo {number}."""\n\n\n'
            "# A comment, which is not code.\n"
            "def weight(boxes: int) -> int:\n"
            '    """Kilograms."""\n'
            "    tare = 2200\n"
            f"    return tare + boxes * {len(number) + 20}\n"
        ).encode(),
    }


def _reefers(number: str) -> dict[str, Files]:
    if not number.isdecimal() or int(number) % _WITH_A_SIDE_BRANCH != _WITH_A_SIDE_BRANCH - 1:
        return {}
    code = f"def power(reefers: int) -> int:\n    base = {number}\n    return base + 7 * reefers\n"
    return {"feature/reefers": {"reefers.py": code.encode()}}


def _oddments() -> Files:
    """One of everything that a reader of files trips over."""
    return {
        "README.md": b"# Oddments\n\nOne of everything.\n",
        ".gitattributes": (
            b"*.bin filter=lfs diff=lfs merge=lfs -text\n"
            b"src/hidden.py export-ignore\n"
            b"src/version.py export-subst\n"
            b"src/ident.py ident\n"
            b"src/crane.cs working-tree-encoding=UTF-16LE-BOM eol=crlf\n"
        ),
        ".gitmodules": (
            b'[submodule "vendored/charts"]\n\tpath = vendored/charts\n'
            b"\turl = https://example.com/charts.git\n"
        ),
        "vendored/charts": Submodule(b"1f" * 20),
        "latest": Link(b"docs/Notes of today.md"),
        "outside": Link(b"../../../etc/hostname"),
        "docs/Notes of today.md": b"# Notes\n",
        "docs/\u00dcber Kr\u00e4ne.md": "# Über Kräne\n".encode(),
        # The same letters, taken apart.
        "docs/Kra\u0308ne.py": b"jib = 1\n",
        "data/soundings.bin": _POINTER,
        "bin/measure": Executable(b"#!/usr/bin/env python3\nprint(1)\n"),
        "src/hidden.py": b"hidden = False\n",
        "src/version.py": b'version = "$Format:%H$"\n',
        "src/ident.py": b'ident = "$Id$"\n',
        "src/crane.cs": _CRANE.encode(),
        "src/latin.py": "# Grüße\nx = 1\n".encode("latin-1"),
        "src/empty.py": b"",
        "src/no_newline.py": b"x = 1",
        "src/blob.dat": bytes(range(256)),
    }
