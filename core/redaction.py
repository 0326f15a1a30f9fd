"""Credentials taken out of text: what looks like one, and what is known to be one.

`redact` is for whatever the operators read: logs, tracebacks, error reports. Mails go through
`redact_credentials`, which leaves the links alone that they are sent for. A secret of unusual
shape is taken out too once it passed through `remember`, as everything does that is unsealed.
"""

import base64
import hashlib
import html
import json
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"
# Every repetition below is bounded, or begins at a word that can't occur inside of it: the
# time this takes grows with the text and no faster.

# Azure DevOps today: 84 characters with a signature inside, or what is left of one that was
# cut off. Tried only on texts with a mark of one, because it looks far ahead everywhere.
MARKS = ("azdo", "jqqj99")
TOKENS = re.compile(
    r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}|[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{0,26}", re.IGNORECASE
)
CREDENTIALS = re.compile(
    # The old form is but letters, so it has to begin somewhere: also behind \n as repr writes it.
    r"(?:(?<![a-z0-9])|(?<=\\[nrt])|(?<=%[0-9a-f]{2}))[a-z2-7]{52}(?![a-z0-9])"
    # Ours
    r"|moor_[A-Za-z0-9_-]{20,}"
    # What a header named Authorization holds; behind `Basic` and `Bearer` alone, what is no
    # plain word.
    r"|(?P<header>authorization(?:[\"']?\s?[:=,]\W{0,4}b?\W?|%3a(?:%20|\+)?)"
    r"(?:basic|bearer|digest|negotiate|token)(?:\s{1,4}|%20|\+))[^\s\"',;\\]+"
    r"|(?P<scheme>(?:basic|bearer)(?:\s{1,4}|%20|\+))"
    r"(?=(?-i:[a-z._~-]{0,200}[A-Z0-9=]))[A-Za-z0-9+/=%._~-]{8,}"
    # User and password in an address, also as JSON and forms write it.
    r"|(?:(?<=://)|(?<=:\\/\\/))[^/\s\"<>]+(?=@)"
    r"|(?<=%3a%2f%2f)(?:(?!%2f)[^/\s\"'<>&])+(?=%40)",
    re.IGNORECASE,
)
LINKS = re.compile(
    r"(?<=/password/reset/key/)[^/\s\"']+|(?<=/confirm-email/)[^/\s\"']+"
    r"|(?<=/calendar/)[^/\s\"']+|(?<=/claims/objection/)[^/\s\"']+"
    # An invitation's, which is signed and therefore has a colon; its id alone may be read.
    r"|(?<=/invitations/)[^/\s\"':]+(?::|%3A)[^/\s\"']+",
    re.IGNORECASE,
)
# Shorter ones would be found in ordinary words.
SHORTEST = 8
MOST_REMEMBERED = 500


def redact(text: str) -> str:
    """The text with everything that proves something replaced by `[redacted]`."""
    return LINKS.sub(REDACTED, redact_credentials(text))


def redact_credentials(text: str) -> str:
    """The same for what people are sent, whose links have to work."""
    return redact_patterns(_remembered.redact(text))


def redact_patterns(text: str) -> str:
    lower = text.lower()
    if any(mark in lower for mark in MARKS):
        text = TOKENS.sub(REDACTED, text)
    return CREDENTIALS.sub(_replacement, text)


def _replacement(match: re.Match[str]) -> str:
    return (match["header"] or match["scheme"] or "") + REDACTED


def remember(secret: str) -> None:
    """Take this value out of every text from now on, in whatever form it is written."""
    _remembered.add(secret)


class Form(NamedTuple):
    """One way in which a secret is written: how it begins, how long it is, its digest."""

    window: int
    length: int
    digest: bytes


class Remembered:
    """The last few hundred secrets that were in use in this process.

    It holds digests under a key of its own and not the values, so that it is no place to
    steal them from. A text is compared window by window.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._secrets: OrderedDict[bytes, list[Form]] = OrderedDict()
        # Tuples that are replaced and never changed, so that reading needs no lock.
        self._by_window: dict[int, tuple[Form, ...]] = {}

    def add(self, secret: str) -> None:
        if len(secret) < SHORTEST:
            return
        name = self._digest(secret)
        with self._lock:
            if name not in self._secrets:
                self._secrets[name] = list(map(self._form, unusual_forms(secret)))
                for form in self._secrets[name]:
                    known = self._by_window.get(form.window, ())
                    self._by_window[form.window] = (*known, form)
            self._secrets.move_to_end(name)
            if len(self._secrets) > self._most:
                self._forget_oldest()

    def _forget_oldest(self) -> None:
        for form in self._secrets.popitem(last=False)[1]:
            rest = tuple(each for each in self._by_window[form.window] if each != form)
            if rest:
                self._by_window[form.window] = rest
            else:
                del self._by_window[form.window]

    def redact(self, text: str) -> str:
        if not self._by_window:
            return text
        kept, done = [], 0
        for start, end in self._places(text):
            kept += [text[done:start], REDACTED]
            done = end
        return "".join([*kept, text[done:]])

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where what is remembered begins and ends, the longest where several do."""
        done = 0
        for start in range(len(text) - SHORTEST + 1):
            forms = self._by_window.get(hash(text[start : start + SHORTEST]))
            if forms and start >= done:
                found = [form for form in forms if self._stands_at(text, start, form)]
                if found:
                    done = start + max(form.length for form in found)
                    yield start, done

    def _stands_at(self, text: str, start: int, form: Form) -> bool:
        return self._digest(text[start : start + form.length]) == form.digest

    def _form(self, written: str) -> Form:
        return Form(hash(written[:SHORTEST]), len(written), self._digest(written))

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "replace"), key=self._key).digest()


def unusual_forms(secret: str) -> list[str]:
    """How a secret may be written, without what the patterns find anyway."""
    written = {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        repr(repr(secret))[2:-2],
        html.escape(secret),
        *_inside_base64(secret),
    }
    return sorted(
        form for form in written if len(form) >= SHORTEST and redact_patterns(form) == form
    )


def _inside_base64(secret: str) -> Iterator[str]:
    """The part of a Basic header that is the same behind every user name.

    Three bytes make four characters, so there are three of them.
    """
    raw = secret.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        inside = encoded[first:last].decode()
        yield inside
        yield inside.translate(str.maketrans("+/", "-_"))


_remembered = Remembered(MOST_REMEMBERED)
