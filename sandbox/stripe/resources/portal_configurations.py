"""What the customer portal offers: a configuration, made once."""

import copy
from typing import Any

from sandbox.stripe.calls import Call, handles
from sandbox.stripe.changing import change, merged
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object, StripeWorld

KIND = "billing_portal.configuration"
_NOTHING: Object = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "feedback_options": None, "options": []},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {
        "duration": {
            "interval_options": [{"interval": "month", "interval_count": 1}],
            "type": "interval_options",
        },
        "enabled": False,
    },
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "products": None,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
_PROFILE = ("headline", "privacy_policy_url", "terms_of_service_url")
# What the sandbox's portal has no page for.
_MISSING = ("subscription_cancel", "subscription_pause", "subscription_update")


@handles("POST", "/v1/billing_portal/configurations")
def create(call: Call) -> Object:
    world, params = call.world, call.params
    features = _features(_NOTHING, params.get("features") or {})
    return world.put(
        {
            "id": world.new_id("bpc"),
            "object": KIND,
            "active": True,
            "application": None,
            "business_profile": _profile(dict.fromkeys(_PROFILE), params),
            "created": world.now(),
            "default_return_url": params.get("default_return_url") or None,
            "features": features,
            "is_default": False,
            "livemode": False,
            "login_page": {"enabled": False, "url": None},
            "metadata": merged({}, params.get("metadata") or {}),
            "name": params.get("name") or None,
            "updated": world.now(),
        }
    )


@handles("GET", "/v1/billing_portal/configurations/{configuration}")
def retrieve(call: Call) -> Object:
    return call.world.get(KIND, call["configuration"])


@handles("POST", "/v1/billing_portal/configurations/{configuration}")
def update(call: Call) -> Object:
    world, params = call.world, call.params
    configuration = world.get(KIND, call["configuration"])
    features = _features(configuration["features"], params.get("features") or {})
    change(configuration, params, "active", "default_return_url", "name")
    configuration.update(
        features=features,
        business_profile=_profile(configuration["business_profile"], params),
        updated=world.now(),
    )
    world.emit("billing_portal.configuration.updated", configuration)
    return configuration


@handles("GET", "/v1/billing_portal/configurations")
def list_configurations(call: Call) -> Object:
    wanted = {name: call.params[name] for name in ("active", "is_default") if name in call.params}
    return listed(call, call.world.all(KIND, **wanted))


def configuration_for(world: StripeWorld, identifier: str | None) -> Object:
    """Of a new portal session. There is no default one, as nobody has saved it in a dashboard."""
    if not identifier:
        raise StripeError(
            "No configuration provided and your test mode default configuration has not been "
            "created. Provide a configuration or create your default by saving your customer "
            "portal settings in test mode at "
            "https://dashboard.stripe.com/test/settings/billing/portal."
        )
    configuration = world.find(KIND, identifier)
    if configuration is None:
        raise StripeError(
            f"No such configuration: '{identifier}'",
            code="resource_missing",
            param="configuration",
        )
    if not configuration["active"]:
        raise StripeError(
            "The configuration is inactive. Activate it, or use an active one.",
            param="configuration",
        )
    return configuration


def _profile(before: Object, params: dict[str, Any]) -> Object:
    sent = params.get("business_profile") or {}
    return {name: sent.get(name, before[name]) or None for name in _PROFILE}


def _features(before: Object, sent: dict[str, Any]) -> Object:
    features = copy.deepcopy(before)
    for name, wanted in sent.items():
        features[name] = {**features[name], **wanted}
        if features[name]["enabled"] and name in _MISSING:
            raise StripeError(
                f"This sandbox's portal has no page for `{name}`.",
                param=f"features[{name}][enabled]",
            )
    details = features["customer_update"]
    details["allowed_updates"] = details["allowed_updates"] or []
    if details["enabled"] and not details["allowed_updates"]:
        raise StripeError(
            "You must provide `features[customer_update][allowed_updates]` when "
            "`features[customer_update][enabled]` is true.",
            code="parameter_missing",
            param="features[customer_update][allowed_updates]",
        )
    return features
