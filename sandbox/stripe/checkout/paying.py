"""Paying a session: all of it happens, or nothing does and the session stays open."""

from sandbox.stripe.typed_cards import refuse_if_declined
from sandbox.stripe.world import Object, StripeWorld

from .bill import Bill, first_bill, put_totals
from .sessions import is_open
from .settling import Details, settle


def pay(
    world: StripeWorld,
    session: Object,
    details: Details,
    method: Object | None,
    *,
    authenticated: bool = False,
) -> None:
    """Raises StripeError for a card that is declined. Paying twice is paying once."""
    if not is_open(world, session):
        return
    bill = first_bill(world, session, details)
    if method is not None:
        refuse_if_declined(world, method, bill.due)
    subscription = settle(world, session, details, method, authenticated=authenticated)
    _complete(world, session, subscription, bill)


def needs_card(session: Object, bill: Bill) -> bool:
    return session["payment_method_collection"] == "always" or bill.due > 0


def _complete(world: StripeWorld, session: Object, subscription: Object, bill: Bill) -> None:
    put_totals(session, bill)
    session.update(
        status="complete",
        payment_status="paid" if bill.due else "no_payment_required",
        url=None,
        customer=subscription["customer"],
        customer_details=_customer_details(world, subscription["customer"]),
        subscription=subscription["id"],
        invoice=subscription["latest_invoice"],
    )
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"] = session["automatic_tax"] | {"status": "complete"}
    world.put(session)
    world.emit("checkout.session.completed", session)


def _customer_details(world: StripeWorld, identifier: str) -> Object:
    customer = world.get("customer", identifier)
    return {
        "address": customer["address"],
        "business_name": None,
        "email": customer["email"],
        "individual_name": None,
        "name": customer["name"],
        "phone": customer["phone"],
        "tax_exempt": customer["tax_exempt"],
        "tax_ids": [
            {"type": each["type"], "value": each["value"]}
            for each in world.all("tax_id", customer=identifier)
        ],
    }
