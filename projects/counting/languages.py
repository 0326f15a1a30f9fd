"""Which files the tool knows a language for, and which languages are not code.

The tool goes by a file's name. It never sees the name that a repository chose: a file is
handed to it under a number and an ending of the tool's own list.
"""

import re
from functools import cache

from projects.counting.tool import run

# Data, prose and settings: read by people or by programs, but no program. Their names are the
# tool's. A notebook is a data file too: what is code in it can't be told from what it printed.
NOT_CODE = frozenset(
    {
        "AsciiDoc", "Bean", "Bru", "Creole", "CSV", "Docker ignore", "Emacs Dev Env",
        "Game Maker Project", "Godot Scene", "HEX", "INI", "Intel HEX", "JSON", "JSON5",
        "JSONC", "JSONL", "Jupyter", "LaTeX", "License", "Markdown", "Max", "MDX",
        "MSBuild", "Org", "Patch", "Plain Text", "POML", "PostScript", "Properties File",
        "Qt Translation Source", "RAML", "Report Definition Language", "ReStructuredText",
        "Rich Text Format", "SPDX", "SVG", "Systemd", "TaskPaper", "TeX",
        "Textile", "TOML", "TOON", "Typst", "Verilog Args File", "W.I.S.E. Jobfile",
        "Web Services Description Language", "Xcode Config", "XML", "XML Schema",
        "YAML", "CloudFormation (JSON)", "CloudFormation (YAML)", "Bitbucket Pipeline",
        "gitignore", "ignore", "nuspec",
    }
)  # fmt: skip

# The tool knows the name and not how they write comments, or knows the name only as a whole. So
# it is told that these are written as another language is, which has the same comments.
WRITTEN_AS = {
    "ColdFusion": "html",
    "Document Type Definition": "html",
    "Extensible Stylesheet Language Transformations": "html",
    "FORTRAN Legacy": "f90",
    "Gemfile": "rb",
    "Jenkins Buildfile": "groovy",
    "PKGBUILD": "sh",
    "Rakefile": "rb",
    "Twig Template": "jinja",
}

# An ending of two languages, for which the tool looks into the file: the one that it mostly is.
MOSTLY = {"ts": "TypeScript"}

_LINE = re.compile(r"^(?P<name>.+) \((?P<endings>[^()]*)\)$")
_SCRIPT = b"#!"


@cache
def known() -> dict[str, str]:
    """Ending, or whole name where it has no other, in lower case, to the name of a language."""
    found = dict(MOSTLY)
    for line in run(["--languages"], timeout=10).decode().splitlines():
        if match := _LINE.match(line):
            for ending in match["endings"].split(","):
                found.setdefault(ending.removeprefix("."), match["name"])
    return found


@cache
def endings() -> dict[str, str]:
    """Name of a language in lower case to an ending that stands for it."""
    found: dict[str, str] = {}
    for ending, language in known().items():
        found.setdefault(language.lower(), ending)
    return found


def ending_of(name: str) -> str | None:
    """The ending by which the tool tells the language of a file; None for one it doesn't know.

    Empty where the first line decides, in a file without an ending.
    """
    name = name.lower()
    languages = known()
    if name.removeprefix(".") in languages:
        return name.removeprefix(".")
    _, dot, longest = name.lstrip(".").partition(".")
    if not dot:
        return ""
    for ending in (longest, *_shorter(longest)):
        if ending in languages:
            return ending
    return None


def written_as(ending: str) -> str:
    """The ending under which the tool counts it best."""
    return WRITTEN_AS.get(known().get(ending, ""), ending)


def name_of(ending: str, told: str) -> str:
    """Of the language, where the tool was told another and answered with that."""
    language = known().get(ending, "")
    return language if language in WRITTEN_AS else told


def _shorter(ending: str) -> list[str]:
    """Without its first word: `d.ts` for `view.d.ts`, then the last word alone."""
    words = ending.split(".")
    return [".".join(words[-2:]), words[-1]] if len(words) > 1 else []


def may_be_script(content: bytes) -> bool:
    """Whether a file without an ending says what runs it."""
    return content.startswith(_SCRIPT)
