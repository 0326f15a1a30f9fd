"""The customer portal: card, address, tax ids and invoices, for whoever has the address."""

from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe.typed_cards import default_card
from sandbox.stripe.world import Object, StripeWorld

from .portal_card import add_card_pages
from .portal_details import add_details_pages
from .portal_frame import PATH, address_of, features_of, inside
from .showing import page

_OVER = ("canceled", "incomplete_expired")


def add_portal_pages(pages: Blueprint, world: StripeWorld) -> None:
    @pages.get(PATH)
    def portal(token: str) -> AnyResponse:
        return inside(world, token, "", lambda session: _home(world, session))

    add_card_pages(pages, world)
    add_details_pages(pages, world)


def _home(world: StripeWorld, session: Object) -> AnyResponse:
    if session["flow"] and "home" not in request.args:
        return redirect(address_of(session, "/card"), 303)
    return page("portal.html", **_shown(world, session))


def _shown(world: StripeWorld, session: Object) -> dict[str, Any]:
    customer = world.get("customer", session["customer"])
    features = features_of(world, session)
    invoices = list(world.all("invoice", customer=customer["id"]))[::-1]
    return {
        "session": session,
        "here": address_of(session),
        "customer": customer,
        "features": features,
        "allowed": features["customer_update"]["allowed_updates"],
        "card": default_card(world, customer),
        "subscriptions": [
            _subscription(world, each)
            for each in world.all("subscription", customer=customer["id"])
            if each["status"] not in _OVER
        ],
        "tax_ids": list(world.all("tax_id", customer=customer["id"])),
        "invoices": [each for each in invoices if each["status"] != "draft"],
    }


def _subscription(world: StripeWorld, subscription: Object) -> Object:
    item = subscription["items"]["data"][0]
    price = item["price"]
    return {
        "name": world.get("product", price["product"])["name"],
        "status": subscription["status"].replace("_", " "),
        "amount": price["unit_amount"] * item["quantity"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "until": item["current_period_end"],
        "ends_at": subscription["cancel_at"],
    }
