"""Invoices, their lines and their payments."""

from typing import Any

from sandbox.stripe.billing import cycling, invoicing
from sandbox.stripe.billing.paying import intent_of
from sandbox.stripe.billing.previewing import preview
from sandbox.stripe.calls import Call, handles, includes
from sandbox.stripe.changing import change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed, whole
from sandbox.stripe.world import Object, StripeWorld

_PLACE = "/v1/invoices/{invoice}"


@handles("POST", "/v1/invoices/create_preview")
def create_preview(call: Call) -> Object:
    return preview(call.world, call.params)


@handles("GET", _PLACE)
def retrieve(call: Call) -> Object:
    return _asked(call)


@handles("GET", "/v1/invoices")
def list_invoices(call: Call) -> Object:
    names = ("customer", "status", "collection_method")
    wanted = {name: call.params[name] for name in names if name in call.params}
    rows = call.world.all("invoice", **wanted)
    return listed(call, (each for each in rows if _is_of(each, call.params.get("subscription"))))


@handles("GET", "/v1/invoices/{invoice}/lines")
def list_lines(call: Call) -> Object:
    return listed(call, _asked(call)["lines"]["data"][::-1])


@handles("POST", _PLACE)
def update(call: Call) -> Object:
    names = ("auto_advance", "default_payment_method", "description", "footer")
    if before := change(_asked(call), call.params, *names):
        call.world.emit("invoice.updated", _asked(call), **before)
    return _asked(call)


@handles("DELETE", _PLACE)
def delete_draft(call: Call) -> Object:
    invoice = _asked(call)
    if invoice["status"] != "draft" or invoice["parent"]:
        raise StripeError("You can only delete draft invoices that no subscription made.")
    call.world.remove("invoice", invoice["id"])
    return {"id": invoice["id"], "object": "invoice", "deleted": True}


@handles("POST", f"{_PLACE}/finalize")
def finalize(call: Call) -> Object:
    """What is charged by itself is charged when it is final."""
    cycling.finalize_draft(call.world, _asked(call), asked=True)
    if error := _asked(call)["last_finalization_error"]:
        raise StripeError(error["message"], code=error["code"])
    return _asked(call)


@handles("POST", f"{_PLACE}/pay")
def pay(call: Call) -> Object:
    invoicing.pay(call.world, _asked(call), call.params)
    return _asked(call)


@handles("POST", f"{_PLACE}/send")
def send(call: Call) -> Object:
    invoice = _asked(call)
    if invoice["status"] == "draft":
        invoicing.finalize(call.world, invoice)
    call.world.emit("invoice.sent", invoice)
    return invoice


@handles("POST", f"{_PLACE}/void")
def void(call: Call) -> Object:
    invoicing.void(call.world, _asked(call))
    return _asked(call)


@handles("POST", f"{_PLACE}/mark_uncollectible")
def mark_uncollectible(call: Call) -> Object:
    invoicing.mark_uncollectible(call.world, _asked(call))
    return _asked(call)


@handles("GET", "/v1/invoice_payments")
def list_payments(call: Call) -> Object:
    names = ("invoice", "status")
    wanted = {name: call.params[name] for name in names if name in call.params}
    intent = (call.params.get("payment") or {}).get("payment_intent")
    rows = call.world.all("invoice_payment", **wanted)
    return listed(
        call,
        (each for each in rows if not intent or each["payment"]["payment_intent"] == intent),
    )


@handles("GET", "/v1/invoice_payments/{invoice_payment}")
def retrieve_payment(call: Call) -> Object:
    return call.world.get("invoice_payment", call["invoice_payment"])


@includes("invoice", "payments")
def payments(world: StripeWorld, invoice: Object) -> Object:
    rows = world.all("invoice_payment", invoice=invoice["id"])
    return whole(f"/v1/invoice_payments?invoice={invoice['id']}", rows)


@includes("invoice", "confirmation_secret")
def confirmation_secret(world: StripeWorld, invoice: Object) -> Object | None:
    intent = intent_of(world, invoice)
    return intent and {"client_secret": intent["client_secret"], "type": "payment_intent"}


def _asked(call: Call) -> Object:
    return call.world.get("invoice", call["invoice"])


def _is_of(invoice: Object, subscription: Any) -> bool:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return subscription is None or details.get("subscription") == subscription
