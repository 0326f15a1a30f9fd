"""The desk: what there is, and the clock that moves it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe.billing.clock import after_next_renewal, next_due
from sandbox.stripe.billing.periods import DAY, boundary
from sandbox.stripe.desk import Desk
from sandbox.stripe.world import Object, StripeWorld

from .desk_acts import acted
from .desk_customers import add_customer_pages
from .desk_events import add_event_pages
from .showing import page

# Where each button moves the clock to.
_MOVES: dict[str, Callable[[StripeWorld], int]] = {
    "hour": lambda world: world.now() + DAY // 24,
    "day": lambda world: world.now() + DAY,
    "renewal": after_next_renewal,
    "month": lambda world: boundary(world.now(), {"interval": "month"}, 1),
}
_MOST = 200


def add_desk_pages(pages: Blueprint, desk: Desk) -> None:
    world = desk.world

    @pages.get("/stripe/")
    def desk_home() -> Response:
        with world.lock:
            return page("desk.html", **_shown(world))

    @pages.post("/stripe/clock")
    def move_clock() -> AnyResponse:
        move = _MOVES.get(request.form.get("to", ""))
        if move is None:
            abort(404)
        return acted(world, lambda: desk.move_clock(move(world)), "/stripe/")

    add_customer_pages(pages, world)
    add_event_pages(pages, desk)


def _shown(world: StripeWorld) -> dict[str, Any]:
    due = next_due(world)
    return {
        "now": world.now(),
        "due": due[0] if due else None,
        "customers": _newest(world, "customer"),
        "subscriptions": [(each, _names(world, each)) for each in _newest(world, "subscription")],
        "invoices": _newest(world, "invoice"),
        "sessions": _newest(world, "checkout.session"),
    }


def _newest(world: StripeWorld, kind: str) -> list[Object]:
    rows = [each for each in world.all(kind) if not each.get("deleted")]
    return rows[: -_MOST - 1 : -1]


def _names(world: StripeWorld, subscription: Object) -> str:
    prices = [item["price"] for item in subscription["items"]["data"]]
    return ", ".join(world.get("product", each["product"])["name"] for each in prices)
