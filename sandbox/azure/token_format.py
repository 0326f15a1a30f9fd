"""The two published formats of a personal access token, computed at run time.

No token is ever written down: a repository that holds a well-formed one is refused
by push protection, and rightly so.

Formats and checksums: Microsoft's security-utilities, rules SEC101/102.
"""

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterator
from datetime import date

_SEED = struct.unpack(">Q", b"Default0")[0]
_LEGACY_MASK = 0xE0B9692D
_LEGACY_CHECKSUM_AT = (22, 8, 7, 2)
_FIRST_YEAR = 2024  # the letter A


def current_secret(seed: str, created: date, mark: str = "") -> str:
    """84 characters: 52 of randomness from `seed`, the month of creation, AZDO, checksum.

    The same seed and month give the same token; `mark`, of letters and digits, is what its
    randomness ends with. Base64 may put `+` or `/` into the
    checksum, which the format does not allow, so the platform's own twelve
    characters are varied until it doesn't.
    """
    randomness = "".join(_letters(seed, 52 - len(mark))) + mark
    year, month = _letter(created.year - _FIRST_YEAR), _letter(created.month - 1)
    for attempt in range(1000):
        platform = "".join(_letters(f"{seed}/{attempt}", 12))
        body = f"{randomness}JQQJ99{year}{month}{platform}AAAAAZDO"
        checksum = _checksum(body)
        if checksum.isalnum():
            return body + checksum
    raise AssertionError("unreachable: one attempt in nine fails")


def legacy_secret(seed: str) -> str:
    """52 characters: the base32 of 32 bytes, four of which are a checksum of the rest."""
    data = bytearray(hashlib.sha256(seed.encode()).digest())
    for position, byte in zip(_LEGACY_CHECKSUM_AT, _legacy_checksum(data), strict=True):
        data[position] = byte
    return base64.b32encode(data).decode().rstrip("=").lower()


def is_well_formed(secret: str) -> bool:
    """Whether the shape and the checksum are right, in either format."""
    if len(secret) == 84 and secret[52:58] == "JQQJ99" and secret[76:80] == "AZDO":
        return secret.isalnum() and _checksum(secret[:80]) == secret[80:]
    if len(secret) == 52:
        return _is_well_formed_legacy(secret)
    return False


def digest(secret: str) -> str:
    """Plain SHA-256 is enough: a token is long and random, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def marvin32(data: bytes, seed: int) -> int:
    """64 bits, as SymCrypt computes them. The format folds them into 32."""
    low, high = seed & 0xFFFFFFFF, seed >> 32
    padded = data + b"\x80" + b"\0" * (-(len(data) + 1) % 4)
    for (word,) in struct.iter_unpack("<I", padded):
        low, high = _mix((low + word) & 0xFFFFFFFF, high)
    low, high = _mix(low, high)
    return high << 32 | low


def _checksum(body: str) -> str:
    hashed = marvin32(base64.b64decode(body), _SEED)
    folded = (hashed >> 32) ^ (hashed & 0xFFFFFFFF)
    return base64.b64encode(struct.pack("<I", folded)).decode()[:4]


def _mix(low: int, high: int) -> tuple[int, int]:
    high ^= low
    low = (_rotate(low, 20) + high) & 0xFFFFFFFF
    high = _rotate(high, 9) ^ low
    low = (_rotate(low, 27) + high) & 0xFFFFFFFF
    return low, _rotate(high, 19)


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & 0xFFFFFFFF


def _legacy_checksum(data: bytes | bytearray) -> bytes:
    covered = bytes(byte for at, byte in enumerate(data) if at not in _LEGACY_CHECKSUM_AT)
    return struct.pack("<I", binascii.crc32(covered) ^ _LEGACY_MASK)


def _is_well_formed_legacy(secret: str) -> bool:
    try:
        data = base64.b32decode(secret.upper() + "====")
    except binascii.Error:
        return False
    return bytes(data[at] for at in _LEGACY_CHECKSUM_AT) == _legacy_checksum(data)


def _letters(seed: str, count: int) -> Iterator[str]:
    """`count` letters and digits that depend on nothing but `seed`."""
    stretched = hashlib.shake_256(seed.encode()).digest(count * 3)
    letters = base64.b64encode(stretched).decode()
    yield from [letter for letter in letters if letter.isalnum()][:count]


def _letter(position: int) -> str:
    return chr(ord("A") + position)
