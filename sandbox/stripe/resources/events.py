"""What happened in the last thirty days."""

from fnmatch import fnmatchcase

from sandbox.stripe.calls import Call, handles
from sandbox.stripe.errors import Missing, StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import EVENTS_KEPT, Object, StripeWorld

MOST_TYPES = 20


@handles("GET", "/v1/events/{id}")
def retrieve(call: Call) -> Object:
    event = call.world.get("event", call["id"])
    if not _is_kept(call.world, event):
        raise Missing("event", event["id"])
    return event


@handles("GET", "/v1/events")
def list_events(call: Call) -> Object:
    wanted = call.params.get("types") or [call.params.get("type", "*")]
    if len(wanted) > MOST_TYPES:
        raise StripeError(f"You may name up to {MOST_TYPES} types.", param="types")
    found = (each for each in call.world.all("event") if _is_kept(call.world, each))
    return listed(
        call, (each for each in found if any(fnmatchcase(each["type"], one) for one in wanted))
    )


def _is_kept(world: StripeWorld, event: Object) -> bool:
    return bool(event["created"] > world.now() - EVENTS_KEPT)
