"""The desk's page about one customer, with all that may happen to them."""

from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe.billing import invoicing
from sandbox.stripe.billing.discounts import give_customer
from sandbox.stripe.billing.returning import close_dispute, dispute, refund
from sandbox.stripe.calls import Call
from sandbox.stripe.cards import BEHAVIOURS, behave, card_of
from sandbox.stripe.errors import StripeError
from sandbox.stripe.resources import checkout_sessions, coupons, customers, subscriptions, tax_ids
from sandbox.stripe.world import Object, StripeWorld

from .desk_acts import acted
from .showing import page, said

_PATH = "/stripe/customers/<identifier>"
# Per cent.
_OFF = 25


def add_customer_pages(pages: Blueprint, world: StripeWorld) -> None:
    @pages.get(_PATH)
    def desk_customer(identifier: str) -> Response:
        with world.lock:
            customer = world.find("customer", identifier)
            if customer is None or customer.get("deleted"):
                return said("No such customer", "Perhaps it was deleted.", 404)
            return page("desk_customer.html", **_shown(world, customer))

    @pages.post(f"{_PATH}/delete")
    def delete_customer(identifier: str) -> AnyResponse:
        call = Call(world, {}, {"customer": identifier})
        return acted(world, lambda: customers.delete(call), "/stripe/")

    _add_discounts(pages, world)
    _add_cards(pages, world)
    _add_subscriptions(pages, world)
    _add_invoices(pages, world)
    _add_charges(pages, world)
    _add_disputes(pages, world)


def _add_discounts(pages: Blueprint, world: StripeWorld) -> None:
    @pages.post(f"{_PATH}/discount")
    def give_discount(identifier: str) -> AnyResponse:
        def act() -> None:
            off = {"percent_off": _OFF, "duration": "forever"}
            coupon = coupons.create_coupon(Call(world, off, {}))
            give_customer(world, customers.living(world, identifier), coupon["id"])

        return acted(world, act, f"/stripe/customers/{identifier}")

    @pages.post(f"{_PATH}/discount/end")
    def take_discount(identifier: str) -> AnyResponse:
        call, to = Call(world, {}, {"customer": identifier}), f"/stripe/customers/{identifier}"
        return acted(world, lambda: customers.delete_discount(call), to)


def _add_cards(pages: Blueprint, world: StripeWorld) -> None:
    @pages.post("/stripe/cards/<identifier>/behave")
    def change_behaviour(identifier: str) -> AnyResponse:
        def act() -> None:
            method, behaviour = world.get("payment_method", identifier), request.form["behaviour"]
            if behaviour not in BEHAVIOURS:
                raise StripeError("There is no such behaviour.")
            behave(method, behaviour)

        return acted(world, act, _of(world, "payment_method", identifier))

    @pages.post("/stripe/tax-ids/verify")
    def verify_tax_ids() -> AnyResponse:
        return acted(world, lambda: tax_ids.verify_tax_ids(world), "/stripe/")


def _add_subscriptions(pages: Blueprint, world: StripeWorld) -> None:
    @pages.post("/stripe/subscriptions/<identifier>/cancel")
    def cancel_subscription(identifier: str) -> AnyResponse:
        call = Call(world, {}, {"subscription_exposed_id": identifier})
        to = _of(world, "subscription", identifier)
        return acted(world, lambda: subscriptions.cancel_now(call), to)

    @pages.post("/stripe/sessions/<identifier>/expire")
    def expire_session(identifier: str) -> AnyResponse:
        call = Call(world, {}, {"session": identifier})
        return acted(world, lambda: checkout_sessions.expire_session(call), "/stripe/")


def _add_invoices(pages: Blueprint, world: StripeWorld) -> None:
    acts = {
        "void": invoicing.void,
        "uncollectible": invoicing.mark_uncollectible,
        "paid": lambda world, invoice: invoicing.pay(world, invoice, {"paid_out_of_band": True}),
        "attempt": lambda world, invoice: invoicing.attempt(world, invoice, present=False),
    }

    @pages.post("/stripe/invoices/<identifier>/<act>")
    def act_on_invoice(identifier: str, act: str) -> AnyResponse:
        def do() -> None:
            if act not in acts:
                raise StripeError("There is no such act.")
            invoice = world.get("invoice", identifier)
            if act == "attempt" and invoice["status"] != "open":
                raise StripeError("Only an open invoice can be charged.")
            acts[act](world, invoice)

        return acted(world, do, _of(world, "invoice", identifier))


def _add_charges(pages: Blueprint, world: StripeWorld) -> None:
    @pages.post("/stripe/charges/<identifier>/refund")
    def refund_charge(identifier: str) -> AnyResponse:
        def act() -> None:
            charge = world.get("charge", identifier)
            left = charge["amount"] - charge["amount_refunded"]
            half = request.form.get("part") == "half"
            refund(world, {"charge": identifier, "amount": max(1, left // 2) if half else left})

        return acted(world, act, _of(world, "charge", identifier))

    @pages.post("/stripe/charges/<identifier>/dispute")
    def dispute_charge(identifier: str) -> AnyResponse:
        to = _of(world, "charge", identifier)
        return acted(world, lambda: dispute(world, world.get("charge", identifier)), to)


def _add_disputes(pages: Blueprint, world: StripeWorld) -> None:
    @pages.post("/stripe/disputes/<identifier>/<outcome>")
    def end_dispute(identifier: str, outcome: str) -> AnyResponse:
        def act() -> None:
            if outcome not in ("lost", "won"):
                raise StripeError("A dispute is lost or won.")
            close_dispute(world, world.get("dispute", identifier), outcome)

        found = world.find("dispute", identifier) or {}
        return acted(world, act, _of(world, "charge", found.get("charge", "")))


def _of(world: StripeWorld, kind: str, identifier: str) -> str:
    """The page of the customer whose thing this is."""
    owner = (world.find(kind, identifier) or {}).get("customer")
    return f"/stripe/customers/{owner}" if owner else "/stripe/"


def _discount(world: StripeWorld, customer: Object) -> str:
    discount = customer["discount"]
    if discount is None:
        return ""
    coupon = world.get("coupon", discount["source"]["coupon"])
    if coupon["percent_off"]:
        return f"{coupon['percent_off']} %"
    return f"{coupon['amount_off']} {coupon['currency']}"


def _shown(world: StripeWorld, customer: Object) -> dict[str, Any]:
    mine = {"customer": customer["id"]}
    settings = customer["invoice_settings"]
    bought = list(world.all("subscription", **mine))
    return {
        "customer": customer,
        "discount": _discount(world, customer),
        "off": _OFF,
        "cards": [(each, card_of(each).does) for each in world.all("payment_method", **mine)],
        "defaults": {each["default_payment_method"] for each in [settings, *bought]},
        "behaviours": BEHAVIOURS,
        "subscriptions": bought[::-1],
        "invoices": list(world.all("invoice", **mine))[::-1],
        "charges": [
            (each, next(world.all("dispute", charge=each["id"]), None))
            for each in list(world.all("charge", **mine))[::-1]
        ],
        "tax_ids": list(world.all("tax_id", **mine)),
    }
