"""`/stripe/v1/…`: who asks, what, and the answer."""

import json
import re
import secrets
import traceback
from typing import Any

import stripe
from flask import Blueprint, Response, request

from . import resources
from .calls import Call, handler_of
from .checking import checked
from .contract import endpoint
from .errors import StripeError
from .expanding import expanded
from .forms import decoded
from .keys import check_key
from .world import StripeWorld, shown

PREFIX = "/stripe"
_METHODS = ["GET", "POST", "DELETE"]
resources.load()


def create_api(world: StripeWorld) -> Blueprint:
    api = Blueprint("stripe_api", __name__, url_prefix=PREFIX)

    @api.route("/v1/<path:_path>", methods=_METHODS)
    def answer(_path: str) -> Response:
        request_id = f"req_{secrets.token_hex(7)}"
        try:
            return _rendered(_done(world, request_id), 200, request_id)
        except StripeError as error:
            return _refused(error, request_id)
        except Exception:  # a mistake of the sandbox, which must not look like the asker's
            traceback.print_exc()
            mistake = StripeError("An unknown error occurred", status=500, kind="api_error")
            return _refused(mistake, request_id)

    return api


def _done(world: StripeWorld, request_id: str) -> Any:
    check_key(request.headers.get("Authorization", ""), request.method)
    url = request.path.removeprefix(PREFIX)
    found = handler_of(request.method, url)
    known = endpoint(request.method, found[1]) if found else None
    if found is None or known is None:
        raise _unrecognized(url)
    handler, _, path = found
    sent = request.query_string if request.method == "GET" else request.get_data()
    params = checked(known, decoded(sent.decode("utf-8", "replace")))
    paths = params.pop("expand", [])
    with world.lock:
        key = request.headers.get("Idempotency-Key")
        world.request = {"id": request_id, "idempotency_key": key}
        try:
            world.site = request.host_url.rstrip("/")
            thing = handler(Call(world, params, path, url, world.site))
            return shown(expanded(world, thing, paths))
        finally:
            world.request = {"id": None, "idempotency_key": None}


def _rendered(answer: Any, status: int, request_id: str) -> Response:
    response = Response(json.dumps(answer, indent=2), status, mimetype="application/json")
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", stripe.api_version)
    return response


def _refused(error: StripeError, request_id: str) -> Response:
    said = dict(error.error)
    if code := said.get("code"):
        address = re.sub("_", "-", code)
        said.setdefault("doc_url", f"https://stripe.com/docs/error-codes/{address}")
    return _rendered({"error": said}, error.status, request_id)


def _unrecognized(url: str) -> StripeError:
    return StripeError(
        f"Unrecognized request URL ({request.method}: {url}). Please see "
        "https://stripe.com/docs or we can help at https://support.stripe.com/.",
        status=404,
    )
