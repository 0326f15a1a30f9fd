"""Which files do not count, by their place and name. Published: people are billed by this.

A change of this file is a new version, and so is one of how a file is read, as a count must not
change under the same version. Folders are compared in lower case, and a rule for a
folder holds for everything below it. What is right for one repository and wrong for another is
not here: it can be said in `.gitattributes`, or in a project's own list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from projects.counting.model import Reason

VERSION = "1"


@dataclass(frozen=True)
class Rule:
    """Files below a folder of one of these names, or whose own name begins and ends like this."""

    reason: Reason
    folders: frozenset[str] = frozenset()
    folder_endings: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    beginnings: tuple[tuple[str, str], ...] = ()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In this order: a test that came with a library is the library's.
RULES = (
    Rule(
        Reason.VENDORED,
        folders=_words(
            """node_modules bower_components jspm_packages vendor vendors vendored _vendor
            third_party third-party thirdparty 3rdparty 3rd-party site-packages dist-packages
            .venv venv virtualenv pods carthage godeps .yarn .mvn"""
        ),
        folder_endings=(".framework", ".xcframework", ".egg-info", ".dist-info"),
        names=frozenset(["gradlew", "gradlew.bat", "mvnw", "mvnw.cmd", ".pnp.cjs", ".pnp.js"]),
        beginnings=(
            ("jquery-", ".js"), ("jquery.", ".js"), ("jquery", "jquery.js"), ("bootstrap", ".css"),
            ("bootstrap.", ".js"), ("modernizr-", ".js"), ("angular.", ".js"),
            ("font-awesome", ".css"), ("fontawesome", ".css"), ("normalize", "normalize.css"),
            ("d3.v", ".js"),
        ),
    ),
    Rule(
        Reason.GENERATED,
        folders=frozenset(["__generated__"]),
        names=frozenset(["parser.tab.c", "parser.tab.h", "lex.yy.c"]),
        endings=(
            ".pb.go", ".pb.gw.go", "_pb2.py", "_pb2.pyi", "_pb2_grpc.py", ".pb.cc", ".pb.h",
            ".pb.swift", ".pb.dart", ".pbjson.dart", ".pbenum.dart", "_pb.js", "_pb.d.ts", "_pb.ts",
            ".designer.cs", ".Designer.cs", ".designer.vb", ".Designer.vb", ".g.cs", ".g.i.cs",
            ".generated.cs", ".Generated.cs", ".g.dart", ".freezed.dart", ".gr.dart",
            ".generated.ts", ".generated.js", ".generated.go", "_generated.go", "_gen.go",
            ".gen.go", ".gen.ts", ".generated.swift", ".g4.java", "ModelSnapshot.cs",
        ),
        beginnings=(("zz_generated.", ".go"), ("TemporaryGeneratedFile_", ".cs")),
    ),
    Rule(
        Reason.MINIFIED,
        endings=(".min.js", ".min.css", ".min.mjs", "-min.js", "-min.css", ".bundle.js"),
    ),
    Rule(
        Reason.TEST,
        folders=_words(
            """test tests __tests__ __test__ __mocks__ __fixtures__ __snapshots__ spec specs
            testdata test-data test_data unittests unittest integrationtests integrationtest
            androidtest e2e cypress"""
        ),
        folder_endings=(
            ".tests", ".test", ".unittests", ".unittest", ".integrationtests", ".specs",
            "-tests", "_tests", "-test", "_test",
        ),
        names=frozenset(["conftest.py"]),
        endings=(
            "_test.py", "_tests.py", "_test.go", "_test.rb", "_spec.rb", "_test.exs", "_test.dart",
            "_test.cc", "_test.cpp", "_test.c", "_test.rs", "_test.php", "_test.lua", "_spec.lua",
            *(
                f".{kind}.{ending}"
                for kind in ("test", "spec", "tests", "cy", "e2e")
                for ending in _words("js jsx ts tsx mjs cjs mts cts vue")
            ),
            *(
                f"{kind}.{ending}"
                for kind in ("Test", "Tests", "TestCase", "Spec", "Specs")
                for ending in _words("java kt scala groovy cs fs vb php swift hs")
            ),
            ".Tests.ps1", ".tests.ps1",
        ),
        beginnings=(("test_", ".py"), ("test_", ".rb"), ("test_", ".c"), ("test_", ".cpp")),
    ),
)  # fmt: skip


def reasons_by_path(path: str) -> Iterator[Reason]:
    """What the rules say of a path with `/` between its parts, the first rule first."""
    folder, _, name = path.rpartition("/")
    held = _by_folder(folder.lower())
    return (rule.reason for rule in RULES if rule.reason in held or _holds(rule, name))


@lru_cache(maxsize=1024)
def _by_folder(path: str) -> frozenset[Reason]:
    folders = set(path.split("/"))
    return frozenset(
        rule.reason
        for rule in RULES
        if not rule.folders.isdisjoint(folders)
        or (rule.folder_endings and any(each.endswith(rule.folder_endings) for each in folders))
    )


def _holds(rule: Rule, name: str) -> bool:
    if name in rule.names or name.endswith(rule.endings):
        return True
    return any(name.startswith(first) and name.endswith(last) for first, last in rule.beginnings)
