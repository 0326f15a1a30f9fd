"""Cards, as a customer has them on file."""

import hashlib
from typing import Any

from sandbox.stripe.calls import Call, handles
from sandbox.stripe.cards import BY_NUMBER, BY_TOKEN, Card, card_of, refuse_unless_kept
from sandbox.stripe.changing import change
from sandbox.stripe.errors import Missing, StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object, StripeWorld

_NOBODY = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
_NOWHERE = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


@handles("POST", "/v1/payment_methods")
def create(call: Call) -> Object:
    params = call.params
    if params.get("type") != "card" or "card" not in params:
        raise StripeError("The sandbox knows cards only.", code="parameter_missing", param="card")
    sent = params["card"]
    if token := sent.get("token"):
        card = card_of_token(token.replace("tok_", "pm_card_", 1))
        return make_method(call.world, card, billing_details=params.get("billing_details"))
    return make_method(
        call.world,
        card_numbered(sent.get("number", "")),
        exp_month=sent.get("exp_month", 12),
        exp_year=sent.get("exp_year", 2040),
        billing_details=params.get("billing_details"),
        metadata=params.get("metadata"),
    )


@handles("GET", "/v1/payment_methods/{payment_method}")
def retrieve(call: Call) -> Object:
    return method_for(call.world, call["payment_method"])


@handles("POST", "/v1/payment_methods/{payment_method}")
def update(call: Call) -> Object:
    method = call.world.get("payment_method", call["payment_method"])
    before = change(method, {**call.params}, "allow_redisplay")
    if details := call.params.get("billing_details"):
        before["billing_details"] = method["billing_details"]
        method["billing_details"] = _details({**method["billing_details"], **details})
    for name in ("exp_month", "exp_year"):
        if name in call.params.get("card", {}):
            before["card"] = {**method["card"]}
            method["card"][name] = call.params["card"][name]
    call.world.emit("payment_method.updated", method, **before)
    return method


@handles("POST", "/v1/payment_methods/{payment_method}/attach")
def attach_to_customer(call: Call) -> Object:
    world = call.world
    customer = world.get("customer", call.params.get("customer", ""))
    if customer.get("deleted"):
        raise Missing("customer", customer["id"])
    return attach(world, method_for(world, call["payment_method"]), customer)


@handles("POST", "/v1/payment_methods/{payment_method}/detach")
def detach(call: Call) -> Object:
    world, method = call.world, call.world.get("payment_method", call["payment_method"])
    if method["customer"] is None:
        raise StripeError(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible."
        )
    customer = world.find("customer", method["customer"])
    if customer and not customer.get("deleted"):
        settings = customer["invoice_settings"]
        if settings["default_payment_method"] == method["id"]:
            settings["default_payment_method"] = None
    before, method["customer"], method["_detached"] = method["customer"], None, True
    world.emit("payment_method.detached", method, customer=before)
    return method


@handles("GET", "/v1/payment_methods")
def list_methods(call: Call) -> Object:
    return _of_customer(call, call.params.get("customer", ""))


@handles("GET", "/v1/customers/{customer}/payment_methods")
def list_of_customer(call: Call) -> Object:
    return _of_customer(call, call["customer"])


def make_method(
    world: StripeWorld,
    card: Card,
    *,
    exp_month: int = 12,
    exp_year: int = 2040,
    billing_details: dict[str, Any] | None = None,
    metadata: dict[str, str] | None = None,
) -> Object:
    """A card on file with nobody yet. Its number is for the sandbox alone, under `_number`."""
    return world.put(
        {
            "id": world.new_id("pm"),
            "object": "payment_method",
            "_number": card.number,
            "allow_redisplay": "unspecified",
            "billing_details": _details(billing_details or {}),
            "card": _face(card, exp_month, exp_year),
            "created": world.now(),
            "customer": None,
            "livemode": False,
            "metadata": metadata or {},
            "type": "card",
        }
    )


def method_for(world: StripeWorld, identifier: str) -> Object:
    """A payment method by its id, or a new one by the name of a test card: `pm_card_visa`."""
    card = _ready_made(identifier)
    return make_method(world, card) if card else world.get("payment_method", identifier)


def attach(world: StripeWorld, method: Object, customer: Object) -> Object:
    """Put a card on a customer's file. Raises the decline of one that its bank won't give."""
    if method.get("_detached") or method["customer"] not in (None, customer["id"]):
        raise StripeError(
            "The payment method you provided has already been attached to a customer, or was "
            "previously used without being attached to a customer or was detached from a "
            "customer, and may not be used again.",
            code="payment_method_unexpected_state",
        )
    refuse_unless_kept(card_of(method))
    if method["customer"] is None:
        method["customer"] = customer["id"]
        world.emit("payment_method.attached", method)
    return method


def card_of_token(token: str) -> Card:
    card = _ready_made(token)
    if card is None:
        raise Missing("token", token)
    return card


def card_numbered(text: str) -> Card:
    """Spaces and hyphens don't matter. Raises what Stripe says to a number it doesn't know."""
    number = "".join(sign for sign in text if sign.isdigit())
    if number not in BY_NUMBER:
        raise StripeError(
            "Your card number is incorrect.",
            status=402,
            kind="card_error",
            code="incorrect_number",
            param="number",
        )
    return BY_NUMBER[number]


def _ready_made(token: str) -> Card | None:
    """`_visa` is left out of some names, and may be of all."""
    return BY_TOKEN.get(token) or BY_TOKEN.get(token.replace("pm_card_", "pm_card_visa_", 1))


def _of_customer(call: Call, customer: str) -> Object:
    found = call.world.all("payment_method", customer=customer)
    kind = call.params.get("type", "card")
    return listed(call, (each for each in found if each["type"] == kind))


def _details(sent: dict[str, Any]) -> Object:
    details = {**_NOBODY, **{name: value or None for name, value in sent.items()}}
    details["address"] = {**_NOWHERE, **(details["address"] or {})}
    return details


def _face(card: Card, exp_month: int, exp_year: int) -> Object:
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "unchecked",
        },
        "country": "US",
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        # The same number is the same card, whoever holds it.
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": "credit",
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
