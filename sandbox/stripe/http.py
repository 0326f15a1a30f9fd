"""`/stripe/v1/…` on the wire."""

import json
import secrets
from datetime import UTC, datetime

import stripe
from flask import Blueprint, Response, request

from sandbox.azure.faults import RESET

from .answering import answer_to
from .asking import Answer, Asked
from .desk import Desk
from .errors import StripeError
from .forms import decoded

PREFIX = "/stripe"
_METHODS = ["GET", "POST", "DELETE"]


def create_api(desk: Desk) -> Blueprint:
    api = Blueprint("stripe_api", __name__, url_prefix=PREFIX)

    @api.route("/v1/<path:_path>", methods=_METHODS)
    def answer(_path: str) -> Response:
        try:
            asked = _asked()
        except StripeError as error:
            return _response(Answer(error.status, {"error": error.error}), "req_unread")
        answer = answer_to(desk, asked)
        if not answer.status:
            request.environ[RESET] = True
        response = _response(answer, asked.id)
        # Who wants to know Stripe's time reads it here.
        response.date = datetime.fromtimestamp(desk.world.now(), UTC)
        return response

    return api


def _asked() -> Asked:
    sent = request.get_data() if request.method == "POST" else request.query_string
    return Asked(
        id=f"req_{secrets.token_hex(7)}",
        method=request.method,
        url=request.path.removeprefix(PREFIX),
        params=decoded(sent.decode("utf-8", "replace")),
        idempotency_key=request.headers.get("Idempotency-Key"),
        authorization=request.headers.get("Authorization", ""),
        version=request.headers.get("Stripe-Version", ""),
        site=request.host_url.rstrip("/"),
    )


def _response(answer: Answer, request_id: str) -> Response:
    body = json.dumps(answer.body, indent=2)
    response = Response(body, answer.status or 500, answer.headers, "application/json")
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version") or stripe.api_version
    return response
