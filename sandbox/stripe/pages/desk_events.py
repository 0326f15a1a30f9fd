"""The desk's page about events: what happened, who was told, and what is to go wrong on the way."""

from dataclasses import replace

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe.desk import Desk
from sandbox.stripe.errors import StripeError
from sandbox.stripe.faults import StripeFault
from sandbox.stripe.webhooks import Switches
from sandbox.stripe.world import StripeWorld

from .desk_acts import acted
from .showing import page

_HOME = "/stripe/events"
_MOST = 200


def add_event_pages(pages: Blueprint, desk: Desk) -> None:
    world = desk.world

    @pages.get(_HOME)
    def desk_events() -> Response:
        with world.lock:
            return page(
                "desk_events.html",
                events=list(world.all("event"))[: -_MOST - 1 : -1],
                endpoints=list(world.all("webhook_endpoint")),
                deliveries=list(desk.webhooks.deliveries)[:-51:-1],
                switches=desk.webhooks.switches,
                waiting=desk.webhooks.waiting,
                faults=list(StripeFault),
            )

    @pages.post("/stripe/events/<identifier>/send")
    def send_event(identifier: str) -> AnyResponse:
        def act() -> None:
            for _ in range(2 if request.form.get("times") == "2" else 1):
                desk.webhooks.send(world.get("event", identifier))

        return acted(world, act, _HOME)

    _add_switches(pages, desk, world)


def _add_switches(pages: Blueprint, desk: Desk, world: StripeWorld) -> None:
    @pages.post("/stripe/webhooks")
    def set_switches() -> AnyResponse:
        def act() -> None:
            desk.webhooks.switches = _switches(desk.webhooks.switches)

        return acted(world, act, _HOME)

    @pages.post("/stripe/webhooks/release")
    def release_events() -> AnyResponse:
        order = request.form.get("order", "kept")
        return acted(world, lambda: desk.webhooks.release(order), _HOME)

    @pages.post("/stripe/faults")
    def wish_fault() -> AnyResponse:
        return acted(world, lambda: _wish(desk), _HOME)


def _wish(desk: Desk) -> None:
    try:
        fault, times = StripeFault(request.form["fault"]), int(request.form["times"])
    except ValueError:
        raise StripeError("Choose a fault, and how many requests it is for.") from None
    desk.faults.wish(fault, times, method="", url="")


def _switches(before: Switches) -> Switches:
    form = request.form
    try:
        delay, drop = float(form.get("delay") or 0), int(form.get("drop") or 0)
    except ValueError:
        raise StripeError("The delay and what is dropped are numbers.") from None
    if not (0 <= delay <= 3600 and 0 <= drop <= 1000):
        raise StripeError("The delay is 0 to 3600 seconds, and 0 to 1000 events are dropped.")
    return replace(
        before,
        delay=delay,
        drop=drop,
        hold="hold" in form,
        double="double" in form,
        reorder="reorder" in form,
        wrong_signature="wrong_signature" in form,
    )
