"""Subscription schedules: changes that are to come."""

from sandbox.stripe.billing import scheduling
from sandbox.stripe.calls import Call, handles
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object

_PLACE = "/v1/subscription_schedules/{schedule}"


@handles("POST", "/v1/subscription_schedules")
def create(call: Call) -> Object:
    params = call.params
    if "from_subscription" not in params:
        raise StripeError("The sandbox makes schedules of subscriptions only.")
    if others := sorted(params.keys() - {"from_subscription", "billing_mode"}):
        raise StripeError(
            f"You cannot set `{others[0]}` if `from_subscription` is set. Please create the "
            "schedule first, and then update it.",
            param=others[0],
        )
    subscription = call.world.get("subscription", params["from_subscription"])
    return scheduling.schedule_from(call.world, subscription)


@handles("GET", _PLACE)
def retrieve(call: Call) -> Object:
    return _asked(call)


@handles("POST", _PLACE)
def update(call: Call) -> Object:
    return scheduling.update_schedule(call.world, _asked(call), call.params)


@handles("GET", "/v1/subscription_schedules")
def list_schedules(call: Call) -> Object:
    wanted = {name: call.params[name] for name in ("customer",) if name in call.params}
    return listed(call, call.world.all("subscription_schedule", **wanted))


@handles("POST", f"{_PLACE}/release")
def release(call: Call) -> Object:
    return scheduling.release(call.world, _asked(call))


@handles("POST", f"{_PLACE}/cancel")
def cancel(call: Call) -> Object:
    return scheduling.cancel_schedule(call.world, _asked(call), call.params)


def _asked(call: Call) -> Object:
    return call.world.get("subscription_schedule", call["schedule"])
