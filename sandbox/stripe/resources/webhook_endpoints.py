"""Where events are sent to."""

from typing import Any

from sandbox.stripe.calls import Call, handles
from sandbox.stripe.changing import change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object

_FIELDS = ("description", "enabled_events", "url")


@handles("POST", "/v1/webhook_endpoints")
def create(call: Call) -> Object:
    """The secret is told this once."""
    world, params = call.world, call.params
    _check_url(params["url"])
    secret = world.new_id("whsec")
    endpoint = world.put(
        {
            "id": world.new_id("we"),
            "object": "webhook_endpoint",
            # The newest last; an older one still signs while both are here.
            "_secrets": [secret],
            "api_version": params.get("api_version"),
            "application": None,
            "created": world.now(),
            "description": params.get("description") or None,
            "enabled_events": params["enabled_events"],
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "status": "enabled",
            "url": params["url"],
        }
    )
    return {**endpoint, "secret": secret}


@handles("GET", "/v1/webhook_endpoints/{webhook_endpoint}")
def retrieve(call: Call) -> Object:
    return call.world.get("webhook_endpoint", call["webhook_endpoint"])


@handles("POST", "/v1/webhook_endpoints/{webhook_endpoint}")
def update(call: Call) -> Object:
    endpoint = call.world.get("webhook_endpoint", call["webhook_endpoint"])
    _check_url(call.params.get("url", endpoint["url"]))
    change(endpoint, call.params, *_FIELDS)
    if "disabled" in call.params:
        endpoint["status"] = "disabled" if call.params["disabled"] else "enabled"
    return endpoint


@handles("GET", "/v1/webhook_endpoints")
def list_endpoints(call: Call) -> Object:
    return listed(call, call.world.all("webhook_endpoint"))


@handles("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}")
def delete(call: Call) -> Object:
    endpoint = call.world.get("webhook_endpoint", call["webhook_endpoint"])
    call.world.remove("webhook_endpoint", endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def _check_url(url: Any) -> None:
    if not str(url).startswith(("http://", "https://")):
        raise StripeError("Invalid URL: An explicit scheme must be provided.", param="url")
