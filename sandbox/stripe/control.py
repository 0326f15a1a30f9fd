"""`/_sandbox/stripe/…`: what `sandbox.testing` offers in Python, for programs elsewhere."""

from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, jsonify, request

from .billing.clock import after_next_renewal, next_due
from .desk import Desk
from .faults import StripeFault
from .resources.tax_ids import verify_tax_ids
from .world import shown


def create_control(desk: Desk) -> Blueprint:
    control = Blueprint("stripe_control", __name__, url_prefix="/_sandbox/stripe")
    control.register_error_handler(KeyError, _bad_request)
    control.register_error_handler(ValueError, _bad_request)
    control.register_error_handler(TypeError, _bad_request)
    _add_wire(control, desk)
    _add_webhooks(control, desk)
    _add_deliveries(control, desk)
    _add_objects(control, desk)
    return control


def _add_wire(control: Blueprint, desk: Desk) -> None:
    @control.post("/reset")
    def reset() -> Response:
        desk.reset()
        return _done()

    @control.get("/requests")
    def requests() -> Response:
        return jsonify(
            [
                {
                    "method": each.asked.method,
                    "url": each.asked.url,
                    "params": each.asked.params,
                    "idempotency_key": each.asked.idempotency_key,
                    "status": each.status,
                    "replayed": each.replayed,
                }
                for each in list(desk.log)
            ]
        )

    @control.post("/faults")
    def fail_next() -> Response:
        body = _body()
        fault, times = StripeFault(body["fault"]), int(body.get("times", 1))
        desk.faults.wish(
            fault, times, method=str(body.get("method", "")), url=str(body.get("url", ""))
        )
        return _done()

    @control.delete("/faults")
    def mend() -> Response:
        desk.faults.reset()
        return _done()

    @control.post("/faults/patience")
    def patience() -> Response:
        desk.faults.patience = float(_body()["seconds"])
        return _done()


def _add_webhooks(control: Blueprint, desk: Desk) -> None:
    @control.put("/webhook")
    def register() -> Response:
        """An endpoint with a secret that is known before; the same address is changed."""
        body = _body()
        endpoint = desk.register_webhook(str(body["url"]), list(body["secrets"]))
        with desk.world.lock:
            # Whoever moved to another address is not at the old one any more.
            for other in desk.world.all("webhook_endpoint", _registered=True):
                desk.world.remove("webhook_endpoint", other["id"])
            desk.world.put(endpoint)["_registered"] = True
        return jsonify(shown(endpoint))

    @control.get("/webhooks")
    def webhooks() -> Response:
        return jsonify(
            switches=asdict(desk.webhooks.switches),
            waiting=desk.webhooks.waiting,
            deliveries=[asdict(each) for each in list(desk.webhooks.deliveries)],
        )

    @control.patch("/webhooks")
    def switch() -> Response:
        desk.webhooks.switches = replace(desk.webhooks.switches, **_body())
        return jsonify(asdict(desk.webhooks.switches))


def _add_deliveries(control: Blueprint, desk: Desk) -> None:
    @control.post("/webhooks/release")
    def release() -> Response:
        desk.webhooks.release(str(_body().get("order", "kept")))
        return _done()

    @control.post("/webhooks/deliver")
    def deliver() -> Response:
        desk.webhooks.deliver_all()
        return _done()

    @control.post("/events/<identifier>/resend")
    def resend(identifier: str) -> Response:
        with desk.world.lock:
            desk.webhooks.send(desk.world.get("event", identifier))
        return _done()


def _add_objects(control: Blueprint, desk: Desk) -> None:
    @control.get("/objects/<kind>")
    def objects(kind: str) -> Response:
        with desk.world.lock:
            return jsonify([shown(each) for each in desk.world.all(kind)])

    @control.get("/clock")
    def clock() -> Response:
        due = next_due(desk.world)
        return jsonify(now=desk.world.now(), next_due=due[0] if due else None)

    @control.post("/clock")
    def move_clock() -> Response:
        """`seconds` ahead, or to just after the next renewal."""
        seconds, world = _body().get("seconds"), desk.world
        desk.move_clock(
            after_next_renewal(world) if seconds is None else world.now() + int(seconds)
        )
        return jsonify(now=world.now())

    @control.post("/tax-ids/verify")
    def verify() -> Response:
        with desk.world.lock:
            verify_tax_ids(desk.world)
        return _done()


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise TypeError("a JSON object is needed")
    return body


def _done() -> Response:
    return Response(status=204)


def _bad_request(error: Exception) -> tuple[Response, int]:
    return jsonify(error=f"{type(error).__name__}: {error}"), 400
