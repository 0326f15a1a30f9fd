"""What linters can't hold: how long things are, who writes, what templates may carry."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = [
    "config",
    "core",
    "accounts",
    "organizations",
    "bindings",
    "projects",
    "billing",
    "claims",
    "onboarding",
]
FILES = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts
)
TREES = {path.relative_to(ROOT): ast.parse(path.read_text()) for path in FILES}
FUNCTIONS = [
    (f"{path}:{node.lineno} {node.name}", node)
    for path, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
]

EDGE = {"views", "api", "admin", "forms", "serializers", "management"}
WRITES = {"save", "create", "update", "delete", "add", "remove", "set", "clear"}
WRITES |= {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}


def length(node):
    return node.end_lineno - node.lineno + 1


def test_there_is_something_to_look_at():
    assert len(FILES) > 50
    assert len(FUNCTIONS) > 150


def test_no_function_is_longer_than_forty_lines():
    long = [name for name, node in FUNCTIONS if length(node) > 40]

    assert long == []


def test_nine_functions_in_ten_have_at_most_twenty_lines():
    lengths = sorted(length(node) for _, node in FUNCTIONS)

    assert lengths[len(lengths) * 9 // 10] <= 20


def test_no_file_is_longer_than_four_hundred_lines():
    long = [str(path) for path in FILES if len(path.read_text().splitlines()) > 400]

    assert long == []


def test_nothing_is_imported_inside_a_function():
    inside = [
        name
        for name, function in FUNCTIONS
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inside == []


def called(tree):
    """Line and name of every method that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, node.func.attr


def test_the_edge_writes_nothing_itself():
    edge = {path: tree for path, tree in TREES.items() if EDGE & {path.stem, *path.parts}}

    written = [
        f"{path}:{line} .{name}()"
        for path, tree in edge.items()
        for line, name in called(tree)
        if name in WRITES
    ]

    assert len(edge) >= 15
    assert written == []


def test_every_operation_says_what_it_does():
    silent = [
        name
        for name, node in FUNCTIONS
        if "operations.py:" in name
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_nothing_is_left_for_later():
    kinds = {".py", ".html", ".txt", ".css", ".js"}
    places = [*ROOMS, "templates", "static"]
    texts = [path for place in places for path in (ROOT / place).rglob("*") if path.suffix in kinds]

    left = [str(path) for path in texts if re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text())]

    assert len(texts) > 100
    assert left == []


# What a content security policy without exceptions would block, and an honest page never has.
# A block of data (`type="application/json"`) is no script.
INLINE = {
    "script": r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "style": r"<style\b",
    "style attribute": r"\sstyle\s*=",
    "event attribute": r"\s(?:hx-)?on[a-z:-]*\s*=\s*[\"']",
    "script address": r"javascript:",
}


@pytest.mark.parametrize("pattern", INLINE.values(), ids=INLINE)
def test_no_template_carries_scripts_or_styles(pattern):
    # Mail programs know no style sheets.
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.parts]

    carrying = [str(path) for path in pages if re.search(pattern, path.read_text(), re.IGNORECASE)]

    assert len(pages) > 50
    assert carrying == []


def read_from_environment():
    for node in ast.walk(TREES[Path("config/settings.py")]):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            if isinstance(function, ast.Name) and function.id == "env":
                yield node.args[0].value


def test_every_variable_that_is_read_is_described():
    example = (ROOT / ".env.example").read_text()

    described = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))

    assert len(set(read_from_environment())) > 15
    assert set(read_from_environment()) - described == set()


# Who may import whom is held by import-linter. Each contract is broken once on purpose.

PROGRAMS = "Only git and the counter are started as programs"
BREAKS = [
    ("core/paging.py", "from organizations import keys", "Rooms import downwards only"),
    ("organizations/models.py", "import bindings.models", "Rooms import downwards only"),
    ("accounts/views.py", "import config.urls", "Rooms import downwards only"),
    ("bindings/platforms.py", "import sandbox.testing", "The product knows no sandbox"),
    ("sandbox/app.py", "from core import errors", "The sandbox knows no product"),
    ("sandbox/app.py", "import django", "The sandbox knows no product"),
    ("onboarding/verifying.py", "import httpx2", "Only providers speak HTTP to a platform"),
    ("bindings/views.py", "import httpx2", "Only providers speak HTTP to a platform"),
    ("bindings/verification.py", "import stamina", "Only providers speak HTTP to a platform"),
    ("bindings/providers/azure_code.py", "import subprocess", PROGRAMS),
    ("projects/apps.py", "import subprocess", PROGRAMS),
    ("accounts/models.py", "import accounts.operations", "Inside accounts"),
    ("accounts/notifications.py", "import accounts.operations", "Inside accounts"),
    ("accounts/sealing.py", "import accounts.models", "Inside accounts"),
    ("core/reencryption.py", "import accounts.sealing", "Rooms import downwards only"),
    ("organizations/models.py", "import organizations.views", "Inside organizations"),
    ("organizations/errors.py", "import organizations.models", "Inside organizations"),
    ("bindings/providers/base.py", "import bindings.models", "Inside bindings"),
    ("bindings/operations.py", "import bindings.views", "Inside bindings"),
    (
        "projects/counting/__init__.py",
        "import django",
        "The counter knows no framework and none of our rooms",
    ),
    ("projects/models.py", "import projects.operations", "Inside projects"),
    ("projects/forecast.py", "import projects.models", "Inside projects"),
    ("projects/views.py", "import httpx2", "Only providers speak HTTP to a platform"),
    ("billing/models/accounts.py", "import billing.turns", "Inside billing"),
    ("claims/looking.py", "import billing.models", "Rooms import downwards only"),
    ("claims/moving.py", "import claims.telling", "Inside claims"),
    ("onboarding/tasks.py", "import onboarding.operations", "Inside onboarding"),
]


@pytest.fixture
def clone(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__", "sources")
    for room in [*ROOMS, "sandbox"]:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(place):
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=place, capture_output=True, text=True)


def test_the_rooms_keep_to_their_contracts(clone):
    result = lint(clone)

    assert result.returncode == 0, result.stdout
    assert " 0 broken." in result.stdout


@pytest.mark.parametrize(("file", "forbidden", "contract"), BREAKS)
def test_a_forbidden_import_breaks_its_contract(clone, file, forbidden, contract):
    with (clone / file).open("a") as source:
        source.write(f"\n{forbidden}\n")

    result = lint(clone)

    assert result.returncode != 0
    assert f"{contract} BROKEN" in result.stdout
