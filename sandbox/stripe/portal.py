"""The customer portal without its pages: who may come in, and what a new card changes."""

from .calls import Call
from .resources import customers
from .resources.payment_methods import attach
from .world import Object, StripeWorld

KIND = "billing_portal.session"
_UNUSED = 5 * 60
_IDLE = 60 * 60
# Subscriptions that will still be paid.
_LIVE = ("trialing", "active", "past_due", "unpaid", "incomplete", "paused")


def enter(world: StripeWorld, token: str) -> Object | None:
    """The session behind an address, if it still opens; it does so for longer once it was used."""
    session = session_at(world, token)
    if session is None or not _opens(world, session):
        return None
    session["_used_at"] = world.now()
    return session


def session_at(world: StripeWorld, token: str) -> Object | None:
    return next(world.all(KIND, _token=token), None)


def _opens(world: StripeWorld, session: Object) -> bool:
    customer = world.find("customer", session["customer"])
    if customer is None or customer.get("deleted"):
        return False
    if session["_used_at"] is None:
        return world.now() - session["created"] <= _UNUSED
    return bool(world.now() - session["_used_at"] <= _IDLE)


def make_default(world: StripeWorld, customer: Object, method: Object) -> None:
    """Pay with this card from now on: the customer, and the subscriptions that had one of their
    own. Raises StripeError when its bank won't give it.
    """
    attach(world, method, customer)
    settings = {"invoice_settings": {"default_payment_method": method["id"]}}
    customers.update(Call(world, settings, {"customer": customer["id"]}))
    for subscription in world.all("subscription", customer=customer["id"]):
        before = subscription["default_payment_method"]
        if subscription["status"] in _LIVE and before:
            subscription["default_payment_method"] = method["id"]
            world.emit("customer.subscription.updated", subscription, default_payment_method=before)
