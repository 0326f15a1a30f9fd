"""Whether a file counts, and as what: the published rules, and what people say to the contrary."""

from collections.abc import Iterator

from projects.counting import languages, rules
from projects.counting.attributes import COUNTS, DETECTABLE, LANGUAGE, LEAVES_OUT, Value
from projects.counting.contents import reason_by_content
from projects.counting.model import Reason

SUBMODULES = ".gitmodules"


def reason_for(path: str, content: bytes, ending: str, said: dict[str, Value]) -> Reason | None:
    """Why a file of a known language does not count; None if it does."""
    if said.get(COUNTS) is not None:
        return None if said[COUNTS] else Reason.LISTED
    given = {reason: said.get(attribute) for attribute, reason in LEAVES_OUT.items()}
    chosen = [reason for reason, value in given.items() if value]
    if said.get(DETECTABLE) is False:
        chosen.append(Reason.LISTED)
    denied = {reason for reason, value in given.items() if value is False}
    ruled = (each for each in _by_rule(path, content, ending) if _kind(each) not in denied)
    return next(iter(chosen), None) or next(ruled, None)


def _kind(reason: Reason) -> Reason:
    """GitHub has one word for what a program wrote and for what one squeezed."""
    return Reason.GENERATED if reason is Reason.MINIFIED else reason


def _by_rule(path: str, content: bytes, ending: str) -> Iterator[Reason]:
    yield from rules.reasons_by_path(path)
    if reason := reason_by_content(content, ending):
        yield reason


def is_wanted(said: dict[str, Value]) -> bool:
    """Whether it counts although its language is no code."""
    return bool(said.get(COUNTS) or said.get(DETECTABLE))


def ending_for(path: str, said: dict[str, Value]) -> str | None:
    """The tool's ending for the language of a file, or for the one that it is said to be in."""
    language = said.get(LANGUAGE)
    if isinstance(language, str) and (ending := languages.endings().get(language.lower())):
        return ending
    return languages.ending_of(path.rpartition("/")[2])


def submodules(text: str) -> list[str]:
    """The folders that a `.gitmodules` file gives to other repositories."""
    settings = (row.partition("=") for row in text.splitlines())
    return [value.strip() for name, _, value in settings if name.strip() == "path"]
