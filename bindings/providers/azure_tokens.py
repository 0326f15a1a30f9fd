"""What can be told of an Azure DevOps token by looking at it, before any network call.

Formats: learn.microsoft.com (84 characters, `AZDO` at 76–79) and Microsoft's
security-utilities (52 characters of base32 with a CRC inside).
"""

import base64
import calendar
import re
import zlib
from dataclasses import dataclass
from datetime import date

from core.errors import DomainError
from core.words import spell

CURRENT = re.compile(r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}")
LEGACY = re.compile(r"[a-z2-7]{52}")
DATED = re.compile(r"[A-Za-z0-9]{52}JQQJ99([A-Z])([A-L])")
LENGTHS = (84, 52)
LONGEST_PASTE = 4000
FIRST_YEAR = 2024
# Microsoft: tokens for all accessible organizations stop working on this day.
GLOBAL_TOKENS_END = date(2026, 12, 1)
LEGACY_SEEDS = (0xE0B9692D, 0x1019F92E)
OTHERS = [
    (r"eyJ[\w-]+\.[\w-]+", "a sign-in (Entra) token, which lives for about an hour"),
    (r"(?:gh[pousr]_|github_pat_)\w+", "a GitHub token"),
    (r"gl(?:pat|ptt|rt)-[\w-]+", "a GitLab token"),
    (r"(?:ATBB|ATATT|ATCTT)[\w=-]+", "an Atlassian token"),
    (r"moor_\w+", "a token of our own API"),
]


class TokenMalformed(DomainError):
    code = "token-malformed"
    message = "This is not an Azure DevOps personal access token."
    field = "token"


@dataclass(frozen=True)
class TokenFormat:
    """`is_usual` is False for shapes Azure DevOps is not known to give out."""

    is_usual: bool
    created_month: date | None

    @property
    def latest_expiry(self) -> date | None:
        """The last day it can live: a token lasts at most a year from the day it was made."""
        if self.created_month is None:
            return None
        year, month = self.created_month.year + 1, self.created_month.month
        return date(year, month, calendar.monthrange(year, month)[1])


def check_token(text: str) -> str:
    """The token, if it may be one. Raises TokenMalformed, which never quotes what was pasted."""
    if problem := problem_with_token(text):
        raise TokenMalformed(problem)
    return text


def problem_with_token(text: str) -> str | None:
    """What is wrong with a paste, in words; None when it may be a token."""
    if len(text) > LONGEST_PASTE:
        return f"This is {len(text):,} characters long; a token has 84. Copy only the token."
    bare = text.strip()
    foreign = "" if CURRENT.fullmatch(bare) else _platform_of(bare)
    strange = sorted(set(re.findall(r"[^A-Za-z0-9]", bare)))
    named = ", ".join(map(spell, strange[:5]))
    length = f"{len(bare)} character{'' if len(bare) == 1 else 's'}"
    problems = [
        (not bare, "Paste the token."),
        (
            bool(foreign),
            f"This is {foreign}. Create a personal access token in Azure DevOps and paste that.",
        ),
        (
            text != bare,
            "There is white space before or after the token. Copy it again, only the token.",
        ),
        (
            len(bare.splitlines()) > 1,
            "The token is broken over several lines. Copy it again in one piece.",
        ),
        (
            bool(strange),
            f"A token has only letters and digits; this also has: {named}. "
            "Copy it again, only the token.",
        ),
        (
            len(bare) not in LENGTHS,
            f"This has {length}; a token has 84 (52 for older ones). "
            "A part is missing or too much: copy it again.",
        ),
    ]
    return next((words for applies, words in problems if applies), None)


def _platform_of(token: str) -> str:
    return next((name for pattern, name in OTHERS if re.match(pattern, token)), "")


def format_of(token: str) -> TokenFormat:
    """What the token's own shape tells."""
    if dated := DATED.match(token):
        year = FIRST_YEAR + ord(dated[1]) - ord("A")
        return TokenFormat(bool(CURRENT.fullmatch(token)), date(year, ord(dated[2]) - 64, 1))
    if LEGACY.fullmatch(token):
        return TokenFormat(_legacy_checksum_holds(token), None)
    return TokenFormat(bool(CURRENT.fullmatch(token)), None)


def _legacy_checksum_holds(token: str) -> bool:
    raw = base64.b32decode(token.upper() + "====")
    data = raw[0:2] + raw[3:7] + raw[9:22] + raw[23:32]
    held = bytes([raw[22], raw[8], raw[7], raw[2]])
    return any(held == (zlib.crc32(data) ^ seed).to_bytes(4, "little") for seed in LEGACY_SEEDS)
