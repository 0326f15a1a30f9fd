"""The rules for a project's key, and suggestions that keep to them."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import chain, count

from core.words import spell

KEY_PATTERN = r"^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?\Z"
MAX_LENGTH = 100

# What stands in the same place of an address.
RESERVED = frozenset({"add", "new"})


def problem_with_key(key: str) -> str | None:
    """What is wrong with a key, in words; None when it is well formed. Availability apart."""
    strange = sorted(set(re.findall(r"[^a-z0-9._-]", key)))
    named = ", ".join(map(spell, strange[:5]))
    problems = [
        (not key, "Choose a key: it is the project's name in addresses and in the API."),
        (
            len(key) > MAX_LENGTH,
            f"A key has at most {MAX_LENGTH} characters; this one has {len(key)}.",
        ),
        (key != key.lower(), f"A key has no capital letters. Try “{suggest_key(key)}”."),
        (
            bool(strange),
            "A key has only the letters a–z, digits, dots, hyphens and underscores. This one has: "
            f"{named}.",
        ),
        (not re.fullmatch(KEY_PATTERN, key), "A key starts and ends with a letter or a digit."),
        (key in RESERVED, f"“{key}” is reserved. Try “{key}-project”."),
    ]
    return next((words for applies, words in problems if applies), None)


def suggest_key(*names: str) -> str:
    """A well-formed key made from any names: `Quay`, `Kräne 2` give `quay-krane-2`."""
    plain = unicodedata.normalize("NFKD", "-".join(names)).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9._-]+", "-", plain.lower()).strip("._-")[:MAX_LENGTH].rstrip("._-")
    return f"{key}-project" if key in RESERVED else key or "project"


def free_key(name: str, platform_project: str, *, taken: Collection[str]) -> str:
    """The most natural key that is not taken."""
    return next(key for key in _candidates(name, platform_project) if key not in taken)


def _candidates(name: str, platform_project: str) -> Iterator[str]:
    """The repository's name, then with its platform project before it, then with numbers."""
    names = [platform_project, name] if platform_project else [name]
    base = suggest_key(*names)[: MAX_LENGTH - 8].rstrip("._-")
    return chain([suggest_key(name), suggest_key(*names)], (f"{base}-{n}" for n in count(2)))
