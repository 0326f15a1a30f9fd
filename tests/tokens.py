"""Tokens of the right shape, made when they are needed: none stands in a file."""

import base64
import secrets
import string
import zlib

ALPHABET = string.ascii_letters + string.digits


def letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def make_token(year: str = "C", month: str = "K") -> str:
    """A token of today's format, by default made in November 2026."""
    return f"{letters(52)}JQQJ99{year}{month}{letters(12)}AAAAAZDO{letters(4)}"


def make_legacy_token() -> str:
    """A token of the old format, its checksum in place."""
    raw = bytearray(secrets.token_bytes(32))
    data = bytes(raw[0:2] + raw[3:7] + raw[9:22] + raw[23:32])
    check = (zlib.crc32(data) ^ 0xE0B9692D).to_bytes(4, "little")
    raw[22], raw[8], raw[7], raw[2] = check
    return base64.b32encode(bytes(raw)).decode().lower().rstrip("=")
