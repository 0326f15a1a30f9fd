"""Which keys a process refuses to start with: those that anybody could guess."""

import re
from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 32
FEWEST_CHARACTERS = 10
# What examples, generators and readmes put where a key belongs, without signs between
# words. The last one is a command that no shell ever ran.
PLACEHOLDERS = (
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "djangoinsecure",
    "insecure",
    "example",
    "placeholder",
    "yoursecret",
    "yourkey",
    "secretkey",
    "fernetkey",
    "opensslrand",
)
STRIPE = "https://api.stripe.com"
REMEDY = "Make one with: openssl rand -base64 48"


def check_keys(secret_key: str, fernet_keys: list[str]) -> None:
    """Raise ImproperlyConfigured with the first problem. It names variables, never their values."""
    for problem in _problems(secret_key, fernet_keys):
        raise ImproperlyConfigured(problem)


def _problems(secret_key: str, fernet_keys: list[str]) -> Iterator[str]:
    if not fernet_keys:
        yield f"FERNET_KEYS is empty. {REMEDY}"
    count = len(fernet_keys)
    named = {f"FERNET_KEYS (key {n} of {count})": key for n, key in enumerate(fernet_keys, 1)}
    for name, key in {"SECRET_KEY": secret_key, **named}.items():
        if weakness := weakness_of(key):
            yield f"{name} {weakness}. {REMEDY}"
    if secret_key in fernet_keys:
        # It is the one to change: without a Fernet key what was sealed with it is lost.
        yield (
            "SECRET_KEY is also one of FERNET_KEYS, so who learns one has both. "
            f"Change SECRET_KEY: people sign in anew, and no token is lost. {REMEDY}"
        )
    if len(set(fernet_keys)) < count:
        yield "FERNET_KEYS lists a key twice. Name each once, the newest first."


def weakness_of(key: str) -> str | None:
    """What is wrong with a key, to go behind its name; None when nothing is."""
    plain = re.sub(r"[^a-z]", "", key.lower())
    weaknesses = [
        (not key, "is empty"),
        (len(key) < SHORTEST, f"has {len(key)} characters and needs at least {SHORTEST}"),
        (any(word in plain for word in PLACEHOLDERS), "is a placeholder that stood in an example"),
        (
            len(set(key)) < FEWEST_CHARACTERS,
            f"repeats itself: it needs at least {FEWEST_CHARACTERS} different characters",
        ),
    ]
    return next((words for applies, words in weaknesses if applies), None)


def is_selling(billing: str, *, has_key: bool) -> bool:
    """What BILLING says, and without a word from it whether there is a key to sell with."""
    if billing not in ("", "on", "off"):
        raise ImproperlyConfigured(f"BILLING is {billing!r}. It is on or off.")
    if billing == "on" and not has_key:
        raise ImproperlyConfigured("BILLING is on, and STRIPE_SECRET_KEY is not set.")
    return has_key if billing == "" else billing == "on"


def check_stripe(key: str, url: str) -> None:
    """Refuse to start with a key that can't be meant, or with real money and a stand-in."""
    if key.startswith("pk_"):
        raise ImproperlyConfigured(
            "STRIPE_SECRET_KEY is a publishable key. The secret one starts with sk_ or rk_."
        )
    if key.startswith(("sk_live_", "rk_live_")) and url.rstrip("/") != STRIPE:
        raise ImproperlyConfigured(
            f"STRIPE_SECRET_KEY is a live one, and STRIPE_API_URL is not {STRIPE}. "
            "A live key goes to nobody else; with a stand-in use a test key."
        )
