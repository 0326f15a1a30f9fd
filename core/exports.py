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


def json_document_response(
    name: str, sections: Iterable[tuple[str, Iterable[dict[str, Any]]]]
) -> StreamingHttpResponse:
    """One JSON object, in which each title has its list of rows."""
    return _attachment(name, "application/json", _json_document(sections))


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
    return "".join(f"{_dumped(row)}\n" for row in rows)


def _json_document(sections: Iterable[tuple[str, Iterable[dict[str, Any]]]]) -> Iterator[str]:
    before_section = "{"
    for title, rows in sections:
        yield f"{before_section}\n{_dumped(title)}: ["
        before_section, before_row = ",", ""
        for row in rows:
            yield f"{before_row}\n{_dumped(row)}"
            before_row = ","
        yield "\n]"
    yield "\n}\n"


def _dumped(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def _attachment(name: str, kind: str, text: Iterator[str]) -> StreamingHttpResponse:
    disposition = f'attachment; filename="{name}"'
    return StreamingHttpResponse(
        text, content_type=kind, headers={"Content-Disposition": disposition}
    )
