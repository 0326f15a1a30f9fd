"""A program as large as one likes, whose zip is made while it is sent.

A file is a head of its own and a body that all files of its language and length share, which
is compressed once: a deflate stream may be put together from parts. So ten million lines cost
seconds, and next to no memory.
"""

import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

MOST_FILES = 60_000
MOST_LINES = 100_000_000
# What a line of it comes to in a zip, in bytes.
PACKED_LINE = 6

_PREFIX = "bulk/"
_BLOCK = 256 * 1024
# 2026-01-01 09:00, as MS-DOS writes it.
_TIME, _DATE = 9 << 11, (2026 - 1980) << 9 | 1 << 5 | 1
_DEFLATED, _UTF8, _VERSION, _UNIX = 8, 0x800, 20, 3
_PLAIN_FILE = 0o100644 << 16


class _Language(NamedTuple):
    """`part` is six lines, of which `code` are neither blank nor comments."""

    suffix: str
    comment: str
    first: str
    filler: str
    part: str
    code: int


_LANGUAGES = (
    _Language(
        "py", "#", "NUMBER = {n}", "TARE = 2200",
        "def weight_{a}(boxes: int) -> int:\n    # Kilograms, of what {b} carries.\n"
        '    tare = 2200 + len("{b}")\n\n    return tare + boxes * 24\n\n', 3,
    ),
    _Language(
        "ts", "//", "export const NUMBER = {n};", "export {{}};",
        "export function weight{a}(boxes: number): number {{\n"
        "  // Kilograms, of what {b} carries.\n"
        '  const tare = 2200 + "{b}".length;\n\n  return tare + boxes * 24;\n}}\n', 4,
    ),
    _Language(
        "go", "//", "package cargo{n}", "var _ = 0",
        "func Weight{a}(boxes int) int {{\n\t// Kilograms, of what {b} carries.\n"
        '\ttare := 2200 + len("{b}")\n\n\treturn tare + boxes*24\n}}\n', 4,
    ),
    _Language(
        "rs", "//", "pub const NUMBER: usize = {n};", "const _: usize = 0;",
        "pub fn weight_{a}(boxes: usize) -> usize {{\n    // Kilograms, of what {b} carries.\n"
        '    let tare = 2200 + "{b}".len();\n\n    tare + boxes * 24\n}}\n', 4,
    ),
    _Language(
        "sql", "--", "SELECT {n};", "SELECT 0;",
        "CREATE TABLE cargo_{a} (\n    -- Kilograms, of what it carries.\n"
        "    boxes integer NOT NULL,\n\n    ship text DEFAULT '{b}'\n);\n", 4,
    ),
)  # fmt: skip
_PART_LINES = 6
_HEAD_LINES = 2


class Bulk(NamedTuple):
    """`lines` of any kind in all `files` together."""

    files: int
    lines: int

    @property
    def source(self) -> str:
        return f"{_PREFIX}{self.files}/{self.lines}"

    @property
    def size(self) -> int:
        """In compressed bytes, about."""
        return self.lines * PACKED_LINE

    @property
    def code(self) -> int:
        """How many of the lines are neither blank nor comments."""
        return sum(
            _body(number % len(_LANGUAGES), length - _HEAD_LINES).code + 1
            for number, length in enumerate(self._lengths())
        )

    def zip(self) -> Iterator[bytes]:
        pieces, offset, directory = bytearray(), 0, bytearray()
        for number, length in enumerate(self._lengths()):
            local, central = _packed(number, length, offset)
            pieces += local
            directory += central
            offset += len(local)
            if len(pieces) >= _BLOCK:
                yield bytes(pieces)
                pieces.clear()
        yield bytes(pieces)
        yield bytes(directory)
        yield struct.pack(
            "<4s4H2IH", b"PK\5\6", 0, 0, self.files, self.files, len(directory), offset, 0
        )

    def _lengths(self) -> Iterator[int]:
        each, rest = divmod(self.lines, self.files)
        return (each + (number < rest) for number in range(self.files))


def bulk(files: int, lines: int) -> Bulk:
    """Raises ValueError for what it can't make."""
    if not 0 < files <= MOST_FILES or not files * _HEAD_LINES <= lines <= MOST_LINES:
        raise ValueError(
            f"From 1 to {MOST_FILES:,} files, of at least {_HEAD_LINES} lines each, with at most "
            f"{MOST_LINES:,} lines in all."
        )
    return Bulk(files, lines)


def bulk_of(source: str | None) -> Bulk | None:
    """What a repository's source means, if it is one of these."""
    if not source or not source.startswith(_PREFIX):
        return None
    files, lines = source.removeprefix(_PREFIX).split("/")
    return Bulk(int(files), int(lines))


class _Body(NamedTuple):
    text: bytes
    packed: bytes
    code: int


@lru_cache(maxsize=32)
def _body(language: int, lines: int) -> _Body:
    spoken = _LANGUAGES[language]
    parts, rest = divmod(lines, _PART_LINES)
    text = "".join(
        spoken.part.format(a=_word(number), b=_word(-number - 1)) for number in range(parts)
    )
    text += f"{spoken.filler.format()}\n" * rest
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(text.encode()) + packer.flush()
    return _Body(text.encode(), packed, parts * spoken.code + rest)


def _word(number: int) -> str:
    return blake2b(str(number).encode(), digest_size=8).hexdigest()


def _packed(number: int, lines: int, offset: int) -> tuple[bytes, bytes]:
    """A file, and its row in the directory at the end."""
    at = number % len(_LANGUAGES)
    spoken, body = _LANGUAGES[at], _body(at, lines - _HEAD_LINES)
    head = f"{spoken.comment} Cargo {number}.\n{spoken.first.format(n=number)}\n".encode()
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH) + body.packed
    name = f"src/{spoken.suffix}/dock{number // 100:03}/cargo{number:05}.{spoken.suffix}".encode()
    known = struct.pack(
        "<5H3I2H", _VERSION, _UTF8, _DEFLATED, _TIME, _DATE,
        zlib.crc32(body.text, zlib.crc32(head)), len(data), len(head) + len(body.text),
        len(name), 0,
    )  # fmt: skip
    more = struct.pack("<3H2I", 0, 0, 0, _PLAIN_FILE, offset)
    made_by = struct.pack("<H", _UNIX << 8 | _VERSION)
    return b"PK\3\4" + known + name + data, b"PK\1\2" + made_by + known + more + name
