"""What all pages of the portal share: who may come in, and where each of them leads."""

from collections.abc import Callable

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe.portal import enter, session_at
from sandbox.stripe.world import Object, StripeWorld

from .showing import said

PATH = "/stripe/portal/<token>"


def inside(
    world: StripeWorld, token: str, feature: str, show: Callable[[Object], AnyResponse]
) -> AnyResponse:
    """The page, for a session that is open and has this feature; empty asks for none."""
    with world.lock:
        session = enter(world, token)
        if session is None:
            return _closed(world, token)
        if feature and not features_of(world, session)[feature]["enabled"]:
            return said("Nothing here", "This portal does not offer that.", 404)
        return show(session)


def features_of(world: StripeWorld, session: Object) -> Object:
    configuration = world.get("billing_portal.configuration", session["configuration"])
    features: Object = configuration["features"]
    return features


def address_of(session: Object, page: str = "") -> str:
    return f"/stripe/portal/{session['_token']}{page}"


def _closed(world: StripeWorld, token: str) -> Response:
    session = session_at(world, token)
    if session is None:
        return said("Nothing here", "There is no portal at this address.", 404)
    return said(
        "This link has expired",
        "A link to the portal works for a few minutes. Go back and ask for a new one.",
        403,
        address=session["return_url"] or "",
        label="Go back",
    )
