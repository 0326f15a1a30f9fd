"""Compare our counter with `cloc`, on releases that everyone knows. Run by hand:

    .venv/bin/python -m bin.compare_counts SCRATCH [NAME …]

Downloads what is missing into SCRATCH, which takes a gigabyte outside the repository, packs each
release as a zip and counts that with ours, our rules off, and the unpacked tree with cloc. Prints,
as the tables of docs/counting.md, the largest languages of all releases together, and below each
language that differs by more than a hundredth the files that make the difference, largest first.
Needs cloc, npm and tar.
"""

import argparse
import json
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from projects.counting import Counter, version
from projects.counting.languages import NOT_CODE
from projects.counting.rules import RULES

PYPI = (
    "Django==5.2.19", "numpy==2.4.6", "scipy==1.17.1", "pandas==3.1.1", "scikit-learn==1.9.1",
    "Twisted==26.10.0", "ansible-core==2.19.14", "Werkzeug==3.1.9", "grpcio==1.85.3",
    "ruff==0.17.6",
)  # fmt: skip
NPM = (
    "react@19.3.1", "react-dom@19.3.1", "react-native@0.86.3", "lodash@4.18.1", "three@0.187.0",
    "vue@3.5.45", "webpack@5.113.0", "rxjs@7.8.2",
)  # fmt: skip
LARGEST, TOLERANCE, FILES = 15, 0.01, 8

# What one of the two tells apart and the other does not, under one name.
SAME = {
    "BASH": "Shell", "Bourne Shell": "Shell", "Bourne Again Shell": "Shell",
    "C Header": "C/C++ Header", "C++ Header": "C/C++ Header",
    "FORTRAN Legacy": "Fortran", "Fortran Modern": "Fortran", "Fortran 77": "Fortran",
    "Fortran 90": "Fortran", "Fortran 95": "Fortran",
    "TypeScript Typings": "TypeScript", "SCSS": "Sass", "make": "Makefile", "GNU Make": "Makefile",
    "Objective-C": "Objective C", "Objective-C++": "Objective C++", "JSX": "JavaScript",
    "reStructuredText": "ReStructuredText", "Text": "Plain Text", "DOS Batch": "Batch",
    "PowerShell": "Powershell", "Cython": "Cython", "CUDA": "Cuda", "PO File": "Gettext",
    "Jinja Template": "Jinja", "Visual Basic .NET": "Visual Basic", "Gradle": "Gradle",
}  # fmt: skip

# Which of them people are not billed for is told apart from how lines are counted.
NO_CODE = NOT_CODE | {"Gettext"}

# By path: language and lines of code.
Files = dict[str, tuple[str, int]]


@dataclass
class Both:
    """Of one language: lines of code by ours and by cloc, and the files that they disagree on."""

    ours: int = 0
    cloc: int = 0
    files: list[tuple[int, str, int, int]] = field(default_factory=list)

    @property
    def difference(self) -> float:
        return (self.ours - self.cloc) / self.cloc if self.cloc else float("inf")

    def add(self, path: str, ours: int, cloc: int) -> None:
        self.ours += ours
        self.cloc += cloc
        if ours != cloc:
            self.files.append((abs(ours - cloc), path, ours, cloc))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="compare_counts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scratch", type=Path, help="or `rules`, to print those")
    parser.add_argument("names", nargs="*", help="of releases; all unless given")
    given = parser.parse_args()
    if given.scratch == Path("rules"):
        print(rules_table())
        return 0
    languages: dict[str, Both] = defaultdict(Both)
    cloc = subprocess.run(["cloc", "--version"], capture_output=True, text=True, check=True)
    print(f"{version()} beside cloc {cloc.stdout.strip()}\n")
    for release in (*PYPI, *NPM):
        if not given.names or release.replace("@", "=").split("=")[0] in given.names:
            _compare(release, _unpacked(given.scratch.resolve(), release), languages)
    return _report(languages)


def rules_table() -> str:
    """The published rules, as docs/counting.md shows them."""
    rows = ["| Reason | Folders | Files |", "|---|---|---|"]
    for rule in RULES:
        folders = [*sorted(rule.folders), *sorted(f"…{end}" for end in rule.folder_endings)]
        files = [*sorted(rule.names), *sorted(f"…{end}" for end in rule.endings)]
        files += [f"{first}…{last}" for first, last in rule.beginnings]
        cells = (" ".join(f"`{each}`" for each in some) for some in (folders, files))
        rows.append(f"| {rule.reason} | {' | '.join(cells)} |")
    return "\n".join(rows)


# The releases


def _unpacked(scratch: Path, release: str) -> Path:
    tree = scratch / "trees" / release
    if not tree.exists():
        tree.parent.mkdir(parents=True, exist_ok=True)
        folder = scratch / "downloads" / release
        folder.mkdir(parents=True, exist_ok=True)
        (_download if "==" in release else _pack)(scratch, release, folder)
        (archive,) = folder.iterdir()
        with tarfile.open(archive) as packed:
            packed.extractall(tree, filter="data")
    return tree


def _download(scratch: Path, release: str, folder: Path) -> None:
    """The source release. pip would build it first, so its finder alone is used."""
    tools = scratch / "tools"
    if not tools.exists():
        venv.create(tools, with_pip=True)
        subprocess.run([tools / "bin/pip", "install", "-q", "unearth"], check=True)
    finder: list[Path | str] = [
        tools / "bin/unearth",
        "-i",
        "https://pypi.org/simple",
        "--no-binary",
    ]
    subprocess.run([*finder, "-d", folder, release], check=True, stdout=subprocess.DEVNULL)


def _pack(scratch: Path, release: str, folder: Path) -> None:
    subprocess.run(["npm", "pack", "--silent", release], cwd=folder, check=True)


# The counts


def _compare(release: str, tree: Path, languages: dict[str, Both]) -> None:
    ours, cloc = _by_ours(tree), _by_cloc(tree)
    for path in sorted(ours.keys() | cloc.keys()):
        language, lines = ours.get(path, ("", 0))
        theirs, their_lines = cloc.get(path, ("", 0))
        if not language or not theirs:
            note = " (only ours)" if language else " (only cloc)"
        else:
            # They may call it what they like: what is compared is how lines are counted.
            note = "" if language == theirs else f" (cloc: {theirs})"
        languages[language or theirs].add(f"{release}/{path}{note}", lines, their_lines)
    print(f"{release:<22} {_code(ours):>9,} lines by ours {_code(cloc):>9,} by cloc", flush=True)


def _code(files: Files) -> int:
    return sum(lines for _, lines in files.values())


def _by_ours(tree: Path) -> Files:
    packed = tree.with_name(f"{tree.name}.zip")
    if not packed.exists():
        with zipfile.ZipFile(
            packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False
        ) as archive:
            for path in sorted(tree.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    archive.write(path, path.relative_to(tree))
    with packed.open("rb") as stream:
        return {
            each.path: (SAME.get(each.language, each.language), each.lines.code)
            for each in Counter(stream, everything=True).outcomes()
            if each.lines and not each.reason
        }


def _by_cloc(tree: Path) -> Files:
    kept = tree.with_name(f"{tree.name}.cloc.json")
    if not kept.exists():
        given = ["--skip-uniqueness", "--timeout", "0", "--max-file-size", "1000"]
        command = ["cloc", "--by-file", "--json", "--quiet", *given, "."]
        done = subprocess.run(command, cwd=tree, capture_output=True, check=True)
        kept.write_bytes(done.stdout)
    found = {
        path.removeprefix("./"): (SAME.get(each["language"], each["language"]), each["code"])
        for path, each in json.loads(kept.read_bytes()).items()
        if path not in ("header", "SUM")
    }
    return {path: each for path, each in found.items() if not (tree / path).is_symlink()}


# What is printed


def _report(languages: dict[str, Both]) -> int:
    by_size = sorted(languages.items(), key=lambda item: -item[1].cloc)
    largest = [(name, both) for name, both in by_size if name not in NO_CODE][:LARGEST]
    print("\n| Language | Ours | cloc | Difference |\n|---|---:|---:|---:|")
    for name, both in largest:
        print(f"| {name} | {both.ours:,} | {both.cloc:,} | {both.difference:+.2%} |")
    differing = [(n, both) for n, both in largest if abs(both.difference) > TOLERANCE]
    for name, both in differing:
        print(f"\n{name}: {len(both.files):,} files differ")
        for _, path, ours, cloc in sorted(both.files, reverse=True)[:FILES]:
            print(f"  {ours - cloc:+9,}  {ours:>9,} {cloc:>9,}  {path}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
