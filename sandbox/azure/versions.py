"""What the service makes of `api-version`, in the query or in `Accept`."""

import re

from .call import Call
from .refusals import Page, invalid_argument
from .routing import RELEASED, Route

_NEWEST = (7, 2)
_NOT_FOUND = "<!DOCTYPE html><html><head><title>The resource cannot be found.</title></head><body>Page not found.</body></html>"  # noqa: E501  # one line on the wire


def negotiate(call: Call, route: Route) -> str:
    """The version that answers. Raises 404 HTML or 400 as the real one does."""
    asked = _asked_for(call)
    if not asked:
        return _default(call.request.method, route)
    match = re.fullmatch(r"(\d+)\.(\d+)(-preview(?:\.\d+)?)?", asked)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    if version < (1, 0) or not match:
        raise Page(404, _NOT_FOUND)
    if version > _NEWEST:
        raise _out_of_range(asked)
    if version > route.released and not match[3]:
        raise _preview_required(asked)
    return asked


def _default(method: str, route: Route) -> str:
    """Reading needs no version, writing does."""
    if method == "OPTIONS":
        return ""
    if method not in ("GET", "HEAD"):
        raise _not_specified(method)
    return "7.1" if route.released >= RELEASED else "7.1-preview.1"


def _asked_for(call: Call) -> str:
    in_query = call.request.args.get("api-version", "")
    in_accept = re.search(
        r"api-version\s*=\s*([^;,\s]+)", call.request.headers.get("Accept", ""), re.IGNORECASE
    )
    return in_query or (in_accept[1] if in_accept else "")


def _out_of_range(asked: str) -> Exception:
    newest = ".".join(map(str, _NEWEST))
    return invalid_argument(
        f'The requested version "{asked}" of the resource is out of range. The latest version '
        f"is {newest}.",
        "VssVersionOutOfRangeException",
    )


def _preview_required(asked: str) -> Exception:
    return invalid_argument(
        f'The requested version "{asked}" of the resource is under preview. The -preview flag '
        f'must be supplied in the api-version for such requests. For example: "{asked}-preview"',
        "VssInvalidPreviewVersionException",
    )


def _not_specified(method: str) -> Exception:
    return invalid_argument(
        f'No api-version was supplied for the "{method}" request. The version must be supplied '
        'either as part of the Accept header (e.g. "application/json; api-version=1.0") or as a '
        'query parameter (e.g. "?api-version=1.0").',
        "VssVersionNotSpecifiedException",
    )
