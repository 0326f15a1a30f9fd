"""The rules for an organization's key, and suggestions that keep to them."""

import re
import unicodedata

from core.words import spell

KEY_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?\Z"
MAX_LENGTH = 64

# Words that are, or may one day be, a page of ours or a place people trust.
RESERVED = frozenset(
    """
    about account accounts admin api app assets auth avatar avatars billing blog claims contact
    docs healthz help home imports invitations legal login logout mail me mooring new
    notifications organizations owner owners plans pricing privacy problems readyz root search
    security settings signin signout signup static status support switcher system terms user
    users webhooks www
    """.split()  # noqa: SIM905 (a list of this length is read as words)
)


def problem_with_key(key: str) -> str | None:
    """What is wrong with a key, in words; None when it is well formed. Availability apart."""
    strange = sorted(set(re.findall(r"[^a-z0-9-]", key)))
    named = ", ".join(map(spell, strange[:5]))
    problems = [
        (not key, "Choose a key: it is the organization's name in addresses and in the API."),
        (
            len(key) > MAX_LENGTH,
            f"A key has at most {MAX_LENGTH} characters; this one has {len(key)}.",
        ),
        (key != key.lower(), f"A key has no capital letters. Try “{suggest_key(key)}”."),
        (
            bool(strange),
            f"A key has only the letters a–z, digits and hyphens. This one has: {named}.",
        ),
        (
            not re.fullmatch(KEY_PATTERN, key),
            "A key starts and ends with a letter or a digit, not with a hyphen.",
        ),
        (key in RESERVED, f"“{key}” is reserved. Try “{key}-team”."),
    ]
    return next((words for applies, words in problems if applies), None)


def suggest_key(name: str) -> str:
    """A well-formed key made from any name: `Contoso Häfen` gives `contoso-hafen`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_LENGTH].rstrip("-")
    key = key or "organization"
    return f"{key[: MAX_LENGTH - 5]}-team" if key in RESERVED else key


def variations(key: str) -> list[str]:
    """Other keys to try when one is taken, the most natural first."""
    base = suggest_key(key)[: MAX_LENGTH - 8].rstrip("-")
    endings = ["2", "eu", "us", "dev", "team", *map(str, range(3, 20))]
    return [other for ending in endings if (other := f"{base}-{ending}") != key]
