"""A zip on its way into a file: bounded in size and time, and never left there by half."""

import time
import zipfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from bindings.providers.base import CodeTooLarge, NoAnswer, Verdict

LONGEST_TRANSFER = 600.0
# How a zip begins: with a file, or with its end where it holds none.
BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")


def pour(pieces: Iterable[bytes], into: BinaryIO, *, limit: int, until: float) -> None:
    """Fill `into` and rewind it. Raises CodeTooLarge past `limit` bytes, and NoAnswer for what is
    no zip, for one that breaks off and where `until` (on the monotonic clock) is over; then `into`
    is empty.
    """
    empty(into)
    try:
        _write(pieces, into, limit=limit, until=until)
        # Its end stands at the end, so this tells a whole one from a half.
        if not zipfile.is_zipfile(into):
            raise NoAnswer(Verdict.UNAVAILABLE)
    except BaseException:
        empty(into)
        raise
    into.seek(0)


def empty(into: BinaryIO) -> None:
    into.seek(0)
    into.truncate()


def _write(pieces: Iterable[bytes], into: BinaryIO, *, limit: int, until: float) -> None:
    written = 0
    for piece in _only_of_a_zip(pieces):
        written += len(piece)
        if written > limit:
            raise CodeTooLarge(limit)
        if time.monotonic() > until:
            raise NoAnswer(Verdict.UNAVAILABLE)
        into.write(piece)


def _only_of_a_zip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces, up to where they can't be a zip's."""
    beginning = b""
    for piece in pieces:
        if len(beginning) < 4:
            beginning = (beginning + piece[:4])[:4]
            if not any(each.startswith(beginning) for each in BEGINNINGS):
                raise NoAnswer(Verdict.UNREADABLE_ANSWER)
        yield piece
    if len(beginning) < 4:
        raise NoAnswer(Verdict.UNREADABLE_ANSWER)
