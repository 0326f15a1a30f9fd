"""Payments: intents, charges, refunds and disputes."""

from collections.abc import Iterable

from sandbox.stripe.billing.returning import close_dispute, refund
from sandbox.stripe.calls import Call, handles
from sandbox.stripe.changing import change
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object


@handles("GET", "/v1/payment_intents/{intent}")
def retrieve_intent(call: Call) -> Object:
    return call.world.get("payment_intent", call["intent"])


@handles("GET", "/v1/payment_intents")
def list_intents(call: Call) -> Object:
    return listed(call, _found(call, "payment_intent", "customer"))


@handles("GET", "/v1/charges/{charge}")
def retrieve_charge(call: Call) -> Object:
    return call.world.get("charge", call["charge"])


@handles("GET", "/v1/charges")
def list_charges(call: Call) -> Object:
    return listed(call, _found(call, "charge", "customer", "payment_intent"))


@handles("POST", "/v1/refunds")
def create_refund(call: Call) -> Object:
    return refund(call.world, call.params)


@handles("GET", "/v1/refunds/{refund}")
def retrieve_refund(call: Call) -> Object:
    return call.world.get("refund", call["refund"])


@handles("POST", "/v1/refunds/{refund}")
def update_refund(call: Call) -> Object:
    found = call.world.get("refund", call["refund"])
    if before := change(found, call.params):
        call.world.emit("refund.updated", found, **before)
    return found


@handles("GET", "/v1/refunds")
def list_refunds(call: Call) -> Object:
    return listed(call, _found(call, "refund", "charge", "payment_intent"))


@handles("GET", "/v1/disputes/{dispute}")
def retrieve_dispute(call: Call) -> Object:
    return call.world.get("dispute", call["dispute"])


@handles("POST", "/v1/disputes/{dispute}/close")
def give_up_dispute(call: Call) -> Object:
    return close_dispute(call.world, call.world.get("dispute", call["dispute"]))


@handles("GET", "/v1/disputes")
def list_disputes(call: Call) -> Object:
    return listed(call, _found(call, "dispute", "charge", "payment_intent"))


def _found(call: Call, kind: str, *names: str) -> Iterable[Object]:
    wanted = {name: call.params[name] for name in names if name in call.params}
    return call.world.all(kind, **wanted)
