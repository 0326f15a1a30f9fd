"""Tables that go out piece by piece, so that no export is too large for a process."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import StreamingHttpResponse

# A spreadsheet computes what begins like this, and some see past the spaces in front.
FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r")


def csv_response(
    name: str, header: list[str], pieces: Iterable[list[list[str]]]
) -> StreamingHttpResponse:
    """A file of this name, whose pieces are asked for one after the other."""
    return _attachment(name, "text/csv; charset=utf-8", _csv(header, pieces))


def json_lines_response(name: str, pieces: Iterable[list[dict[str, Any]]]) -> StreamingHttpResponse:
    """The same with one JSON object a line."""
    return _attachment(name, "application/jsonl; charset=utf-8", map(_json_lines, pieces))


def harmless(text: str) -> str:
    """A cell that a spreadsheet shows and doesn't compute."""
    begins = text[:1] + text.lstrip()[:1]
    return f"'{text}" if any(mark in begins for mark in FORMULA) else text


def _csv(header: list[str], pieces: Iterable[list[list[str]]]) -> Iterator[str]:
    yield _csv_lines([header])
    yield from map(_csv_lines, pieces)


def _csv_lines(rows: list[list[str]]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerows([[harmless(cell) for cell in row] for row in rows])
    return buffer.getvalue()


def _json_lines(rows: list[dict[str, Any]]) -> str:
    dumped = (json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in dumped)


def _attachment(name: str, kind: str, text: Iterator[str]) -> StreamingHttpResponse:
    disposition = f'attachment; filename="{name}"'
    return StreamingHttpResponse(
        text, content_type=kind, headers={"Content-Disposition": disposition}
    )
