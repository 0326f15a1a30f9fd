"""Checkout sessions over the API: made, read, listed and expired. Their page pays them."""

import copy

from sandbox.stripe.calls import Call, handles, includes
from sandbox.stripe.changing import change
from sandbox.stripe.checkout.bill import first_bill, put_totals
from sandbox.stripe.checkout.rules import check_session
from sandbox.stripe.checkout.sessions import expire, is_open, new_session
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed, whole
from sandbox.stripe.world import Object, StripeWorld

_FILTERS = ("customer", "subscription", "status")


@handles("POST", "/v1/checkout/sessions")
def create_session(call: Call) -> Object:
    check_session(call.world, call.params)
    session = new_session(call.world, copy.deepcopy(call.params), call.site)
    put_totals(session, first_bill(call.world, session))
    return session


@handles("GET", "/v1/checkout/sessions")
def list_sessions(call: Call) -> Object:
    asked = {name: call.params[name] for name in _FILTERS if call.params.get(name)}
    email = (call.params.get("customer_details") or {}).get("email")
    sessions = list(call.world.all("checkout.session"))
    for session in sessions:
        is_open(call.world, session)
    return listed(
        call,
        [
            each
            for each in sessions
            if all(each[name] == value for name, value in asked.items())
            and (email is None or (each["customer_details"] or {}).get("email") == email)
        ],
    )


@handles("GET", "/v1/checkout/sessions/{session}")
def retrieve_session(call: Call) -> Object:
    session = call.world.get("checkout.session", call["session"])
    is_open(call.world, session)
    return session


@handles("POST", "/v1/checkout/sessions/{session}")
def update_session(call: Call) -> Object:
    session = call.world.get("checkout.session", call["session"])
    if set(call.params) - {"metadata"}:
        raise StripeError("This sandbox changes nothing of a Checkout session but its metadata.")
    change(session, call.params)
    return session


@handles("POST", "/v1/checkout/sessions/{session}/expire")
def expire_session(call: Call) -> Object:
    session = call.world.get("checkout.session", call["session"])
    if not is_open(call.world, session):
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    expire(call.world, session)
    return session


@handles("GET", "/v1/checkout/sessions/{session}/line_items")
def list_line_items(call: Call) -> Object:
    session = call.world.get("checkout.session", call["session"])
    return listed(call, _line_items(call.world, session)[::-1])


@includes("checkout.session", "line_items")
def line_items(world: StripeWorld, session: Object) -> Object:
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return whole(url, _line_items(world, session)[::-1])


def _line_items(world: StripeWorld, session: Object) -> list[Object]:
    bill = first_bill(world, session)
    return [
        {
            "id": f"li_{session['id'][8:26]}{at:06}",
            "object": "item",
            "amount_discount": line.discount,
            "amount_subtotal": line.subtotal,
            "amount_tax": line.tax,
            "amount_total": line.subtotal - line.discount + line.tax,
            "currency": bill.currency,
            "description": line.name,
            "price": line.price,
            "quantity": line.quantity,
        }
        for at, line in enumerate(bill.lines)
    ]
