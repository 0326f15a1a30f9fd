"""A way into the portal: an address for one customer, for a short time."""

import secrets
from typing import Any

from sandbox.stripe.calls import Call, handles
from sandbox.stripe.errors import StripeError
from sandbox.stripe.portal import KIND
from sandbox.stripe.world import Object

from .customers import living
from .portal_configurations import configuration_for

_FLOWS = (
    "customer_update",
    "subscription_cancel",
    "subscription_pause",
    "subscription_update",
    "subscription_update_confirm",
)


@handles("POST", "/v1/billing_portal/sessions")
def create(call: Call) -> Object:
    world, params = call.world, call.params
    if "customer" not in params:
        raise StripeError(
            "Missing required param: customer.", code="parameter_missing", param="customer"
        )
    customer = living(world, params["customer"], "customer")
    configuration = configuration_for(world, params.get("configuration"))
    token = f"test_{secrets.token_urlsafe(24)}"
    return world.put(
        {
            "id": world.new_id("bps"),
            "object": KIND,
            "after_expiration": None,
            "configuration": configuration["id"],
            "created": world.now(),
            "customer": customer["id"],
            "customer_account": None,
            "flow": _flow(configuration, params.get("flow_data")),
            "livemode": False,
            "locale": params.get("locale"),
            "on_behalf_of": None,
            "return_url": params.get("return_url") or configuration["default_return_url"],
            "url": f"{call.site}/stripe/portal/{token}",
            "_token": token,
            "_used_at": None,
        }
    )


def _flow(configuration: Object, data: dict[str, Any] | None) -> Object | None:
    if not data:
        return None
    kind = data["type"]
    if kind != "payment_method_update":
        raise StripeError(f"This sandbox's portal has no flow `{kind}`.", param="flow_data[type]")
    if not configuration["features"][kind]["enabled"]:
        raise StripeError(
            f"This feature is disabled in your portal configuration: {kind}.",
            param="flow_data[type]",
        )
    return {
        **dict.fromkeys(_FLOWS),
        "after_completion": _after(data.get("after_completion") or {}),
        "type": kind,
    }


def _after(sent: dict[str, Any]) -> Object:
    kind = sent.get("type", "portal_homepage")
    if kind == "redirect" and not (sent.get("redirect") or {}).get("return_url"):
        raise StripeError(
            "Missing required param: flow_data[after_completion][redirect][return_url].",
            code="parameter_missing",
            param="flow_data[after_completion][redirect][return_url]",
        )
    confirmation = {"custom_message": (sent.get("hosted_confirmation") or {}).get("custom_message")}
    return {
        "hosted_confirmation": confirmation if kind == "hosted_confirmation" else None,
        "redirect": dict(sent["redirect"]) if kind == "redirect" else None,
        "type": kind,
    }
