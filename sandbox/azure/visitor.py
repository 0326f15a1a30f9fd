"""Who looks at the pages, and what every page shows of them."""

import re
from urllib.parse import quote

from flask import Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from .model import Person
from .people import PEOPLE, SIGNED_IN_AS

_COOKIE = "sandbox-person"
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def signed_in() -> Person:
    """Who the visitor says they are: there is nothing to prove here."""
    key = request.cookies.get(_COOKIE, "")
    return PEOPLE[key if key in SIGNED_IN_AS else SIGNED_IN_AS[0]]


def become() -> AnyResponse:
    """Sign in as the person of the form, if it is one, and go back to where it was sent from."""
    back, key = request.form.get("back", ""), request.form.get("person", "")
    answer = make_response(redirect(back if _is_of_our_own(back) else "/", 303))
    if key in SIGNED_IN_AS:
        answer.set_cookie(_COOKIE, key, httponly=True, samesite="Lax")
    return answer


def _is_of_our_own(address: str) -> bool:
    # Browsers drop tabs and line ends from an address and take a backslash for a slash,
    # so "/\t/host" and "/\host" would lead away as "//host" does.
    return re.fullmatch(r"/(?!/)[!-\[\]-~]*", address) is not None


def frame() -> dict[str, object]:
    """What `base.html` needs."""
    query = request.query_string.decode("ascii", "ignore")
    here = quote(request.path) + (f"?{query}" if query else "")
    return {"me": signed_in(), "people": [PEOPLE[key] for key in SIGNED_IN_AS], "here": here}


def protect(answer: Response) -> Response:
    """Names and mails come from anywhere, so nothing on a page may run."""
    if answer.mimetype == "text/html":
        answer.headers.setdefault("Content-Security-Policy", _CONTENT_POLICY)
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer
