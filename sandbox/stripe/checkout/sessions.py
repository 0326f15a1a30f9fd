"""A Checkout session from its creation to its end, without HTTP and pages."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sandbox.stripe.billing.clock import also_due
from sandbox.stripe.world import Object, StripeWorld

Params = dict[str, Any]
DAY = 86400


def new_session(world: StripeWorld, params: Params, site: str) -> Object:
    """Of parameters that were checked. `site` is where its page will be."""
    identifier = world.new_id("cs_test")
    return world.put(
        {
            "id": identifier,
            "object": "checkout.session",
            "url": f"{site}/stripe/checkout/{identifier}",
            "created": world.now(),
            "expires_at": int(params.get("expires_at") or world.now() + DAY),
            "livemode": False,
            "status": "open",
            "payment_status": "unpaid",
            "mode": params["mode"],
            "ui_mode": "hosted_page",
            **_as_sent(params),
            **_choices(params),
            **_NOT_YET,
            "_params": params,
        }
    )


_SENT = ("client_reference_id", "customer", "customer_email", "success_url", "cancel_url", "locale")
_SENT_CHOICES = ("allow_promotion_codes", "billing_address_collection", "submit_type")
_PLACES = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
_NOT_YET: Object = {
    "after_expiration": None,
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "customer_creation": None,
    "customer_details": None,
    "invoice": None,
    "invoice_creation": None,
    "origin_context": None,
    "payment_intent": None,
    "payment_link": None,
    "payment_method_configuration_details": None,
    "permissions": None,
    "recovered_from": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "subscription": None,
}


def _as_sent(params: Params) -> Object:
    sent: Object = {name: params.get(name) for name in (*_SENT, *_SENT_CHOICES)}
    return sent | {"metadata": dict(params.get("metadata") or {})}


def _choices(params: Params) -> Object:
    taxed = bool((params.get("automatic_tax") or {}).get("enabled"))
    return {
        # As a new account's dashboard has it.
        "adaptive_pricing": params.get("adaptive_pricing") or {"enabled": True},
        "payment_method_types": params.get("allowed_payment_method_types") or ["card", "link"],
        "automatic_tax": {
            "enabled": taxed,
            "liability": {"type": "self"} if taxed else None,
            "provider": "stripe" if taxed else None,
            "status": "requires_location_inputs" if taxed else None,
        },
        "custom_text": {
            place: (params.get("custom_text") or {}).get(place) or None for place in _PLACES
        },
        "discounts": [
            {"coupon": each.get("coupon"), "promotion_code": each.get("promotion_code")}
            for each in params.get("discounts") or []
        ],
        "payment_method_collection": params.get("payment_method_collection", "always"),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "phone_number_collection": {"enabled": False},
        "saved_payment_method_options": {
            "allow_redisplay_filters": ["always"],
            "payment_method_remove": "disabled",
            "payment_method_save": None,
        },
        "tax_id_collection": {
            "enabled": bool((params.get("tax_id_collection") or {}).get("enabled")),
            "required": (params.get("tax_id_collection") or {}).get("required", "never"),
        },
        "wallet_options": None,
    }


def is_open(world: StripeWorld, session: Object) -> bool:
    """Expires it first if its time has come."""
    if session["status"] == "open" and world.now() >= session["expires_at"]:
        expire(world, session)
    return bool(session["status"] == "open")


def expire(world: StripeWorld, session: Object) -> None:
    session.update(status="expired", url=None)
    world.put(session)
    world.emit("checkout.session.expired", session)


@also_due
def _expiries(world: StripeWorld) -> Iterator[tuple[int, Callable[[], object]]]:
    for session in world.all("checkout.session", status="open"):
        yield session["expires_at"], partial(expire, world, session)


def success_address(session: Object) -> str:
    address: str = session["success_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"])
