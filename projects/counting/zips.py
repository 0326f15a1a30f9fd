"""Reading a zip file of any size with little memory.

The standard library keeps an object for every entry, which for a hundred thousand files is more
than counting them takes. Here the directory is walked in pieces, and no entry is unpacked past
what the caller is ready to hold. Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from projects.counting.errors import NotAnArchive

_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_FILE_HEADER = struct.Struct("<4s22x2H")
_LONGEST_END = 22 + 0xFFFF
_PIECE = 1024 * 1024
_STORED, _DEFLATED = 0, 8
_IS_ENCRYPTED, _IS_UTF8 = 0x1, 0x800
_UNIX = 3
_IN_EXTRA = 0xFFFFFFFF


class DamagedEntry(Exception):
    """This one can't be unpacked; the others may."""


class Entry(NamedTuple):
    """A file, as the directory at the end tells of it. Sizes in bytes; `mode` is 0 if unknown."""

    path: str
    mode: int
    method: int
    flags: int
    crc: int
    packed_size: int
    size: int
    offset: int

    @property
    def is_folder(self) -> bool:
        return self.path.endswith("/")

    @property
    def is_symbolic_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


def entries(archive: BinaryIO) -> Iterator[Entry]:
    """Every entry in the order of the directory. Raises NotAnArchive."""
    position, left = _directory(archive)
    while left > 0:
        archive.seek(position)
        piece = archive.read(min(_PIECE, left))
        at = 0
        while (length := _length_of(piece, at)) and at + length <= len(piece):
            yield _entry(piece[at : at + length])
            at += length
        if not at:
            raise NotAnArchive
        position, left = position + at, left - at


def unpack(archive: BinaryIO, entry: Entry) -> bytes:
    """The content of an entry, which takes as much memory as its size says, whatever is in it.

    Raises DamagedEntry.
    """
    if entry.flags & _IS_ENCRYPTED or entry.method not in (_STORED, _DEFLATED):
        raise DamagedEntry
    header = _read_at(archive, entry.offset, 30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise DamagedEntry
    _, name_length, extra_length = _FILE_HEADER.unpack(header)
    archive.seek(name_length + extra_length, 1)
    packed = archive.read(min(entry.packed_size, entry.size + _PIECE))
    content = packed if entry.method == _STORED else _inflate(packed, entry.size)
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise DamagedEntry
    return content


def _inflate(packed: bytes, size: int) -> bytes:
    try:
        # One byte more than there should be shows that there would have been more.
        return zlib.decompressobj(-15).decompress(packed, size + 1)
    except zlib.error as error:
        raise DamagedEntry from error


def _read_at(archive: BinaryIO, place: int, length: int) -> bytes:
    """Nothing, from a place where no file can reach."""
    try:
        archive.seek(place)
    except (OSError, OverflowError, ValueError):
        return b""
    return archive.read(length)


def _directory(archive: BinaryIO) -> tuple[int, int]:
    """Where the directory starts, and its length in bytes."""
    end = archive.seek(0, 2)
    archive.seek(max(0, end - _LONGEST_END))
    tail = archive.read(_LONGEST_END)
    at = _last_record(tail)
    length, start = struct.unpack_from("<2L", tail, at + 12)
    if _IN_EXTRA in (length, start) or tail[at + 10 : at + 12] == b"\xff\xff":
        length, start = _directory_64(archive, tail[max(0, at - 20) : at]) or (length, start)
    if start + length > end:
        raise NotAnArchive
    return start, length


def _last_record(tail: bytes) -> int:
    """Where the record at the end begins: the one whose comment ends with the file, since a comment
    may have anything in it. Else the last that is whole, for what somebody hung on.
    """
    whole, at = -1, tail.rfind(_END, 0, len(tail) - 18)
    while at >= 0:
        (comment,) = struct.unpack_from("<H", tail, at + 20)
        if at + 22 + comment == len(tail):
            return at
        whole, at = max(whole, at), tail.rfind(_END, 0, at + 3)
    if whole < 0:
        raise NotAnArchive
    return whole


def _directory_64(archive: BinaryIO, locator: bytes) -> tuple[int, int] | None:
    if len(locator) < 20 or not locator.startswith(_LOCATOR_64):
        return None
    (place,) = struct.unpack_from("<Q", locator, 8)
    record = _read_at(archive, place, 56)
    if len(record) < 56 or not record.startswith(_END_64):
        raise NotAnArchive
    length, start = struct.unpack_from("<2Q", record, 40)
    return length, start


def _length_of(piece: bytes, at: int) -> int:
    """In bytes, of the record that starts there; 0 where it starts in the next piece."""
    if at + _ENTRY.size > len(piece):
        return 0
    if not piece.startswith(b"PK\x01\x02", at):
        raise NotAnArchive
    return _ENTRY.size + sum(struct.unpack_from("<3H", piece, at + 28))


def _entry(record: bytes) -> Entry:
    (_, _, system, _, _, flags, method, _, _, crc, packed, size, name_length, extra_length,
     _, _, _, attributes, offset) = _ENTRY.unpack_from(record)  # fmt: skip
    name = record[_ENTRY.size : _ENTRY.size + name_length]
    extra = record[_ENTRY.size + name_length : _ENTRY.size + name_length + extra_length]
    size, packed, offset = _in_full(extra, size, packed, offset)
    mode = attributes >> 16 if system == _UNIX else 0
    return Entry(_text(name, flags), mode, method, flags, crc, packed, size, offset)


def _in_full(extra: bytes, *values: int) -> tuple[int, ...]:
    """Numbers too long for their place are in the extra field, in this order."""
    if _IN_EXTRA not in values:
        return values
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == 1:
            numbers = extra[4 : 4 + length // 8 * 8]
            longer = (number for (number,) in struct.iter_unpack("<Q", numbers))
            return tuple(next(longer, v) if v == _IN_EXTRA else v for v in values)
        extra = extra[4 + length :]
    return values


def _text(name: bytes, flags: int) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("utf-8" if flags & _IS_UTF8 else "cp437", errors="replace")
