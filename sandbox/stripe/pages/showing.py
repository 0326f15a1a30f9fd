"""How the pages spell money and time, and how they are sent."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, render_template

_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}
_WITHOUT_CENTS = {"jpy", "krw", "vnd", "clp", "isk"}


def money(amount: int, currency: str) -> str:
    """1234, "usd" is $12.34; a credit is −$12.34."""
    whole = f"{abs(amount):,}" if currency in _WITHOUT_CENTS else f"{abs(amount) / 100:,.2f}"
    sign = _SIGNS.get(currency)
    text = f"{sign}{whole}" if sign else f"{whole} {currency.upper()}"
    return f"−{text}" if amount < 0 else text


def day(moment: int) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%A} {at.day} {at:%B %Y}"


def minute(moment: int) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M:%S} UTC"


def page(
    template: str, status: int = 200, *, leads_to: tuple[str, ...] = (), **values: Any
) -> Response:
    """`leads_to` are addresses that its form may end at: a browser holds redirects to the policy of
    the page they started from.
    """
    answer = make_response(render_template(f"stripe/{template}", **values), status)
    origins = " ".join(sorted({origin(each) for each in leads_to if each}))
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        f"form-action 'self' {origins}".rstrip()
        + "; base-uri 'none'; frame-ancestors 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    # They show what was typed and who owes what, under addresses that anybody may open.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def said(
    title: str, text: str, status: int = 200, *, address: str = "", label: str = ""
) -> Response:
    return page("said.html", status, title=title, text=text, address=address, label=label)


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
