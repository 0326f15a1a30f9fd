"""Where events are sent to."""

from typing import Any

from sandbox.stripe.calls import Call, handles
from sandbox.stripe.changing import change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object, StripeWorld

_FIELDS = ("description", "enabled_events", "url")


@handles("POST", "/v1/webhook_endpoints")
def create(call: Call) -> Object:
    """The secret is told this once."""
    params = call.params
    _check_url(params["url"])
    endpoint = make_endpoint(call.world, params["url"], params["enabled_events"])
    endpoint["api_version"] = params.get("api_version")
    change(endpoint, params, "description")
    return {**endpoint, "secret": endpoint["_secrets"][0]}


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


def make_endpoint(world: StripeWorld, url: str, events: list[str]) -> Object:
    return world.put(
        {
            "id": world.new_id("we"),
            "object": "webhook_endpoint",
            # All of them sign: more than one while a secret is rotated.
            "_secrets": [world.new_id("whsec")],
            "api_version": None,
            "application": None,
            "created": world.now(),
            "description": None,
            "enabled_events": events,
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
        }
    )


def _check_url(url: Any) -> None:
    if not str(url).startswith(("http://", "https://")):
        raise StripeError("Invalid URL: An explicit scheme must be provided.", param="url")
