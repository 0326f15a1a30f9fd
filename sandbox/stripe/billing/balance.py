"""A customer's balance: below zero it is credit, above it waits for the next invoice."""

from sandbox.stripe.world import Object, StripeWorld


def settle(
    world: StripeWorld, customer: Object, balance: int, kind: str, invoice: Object | None = None
) -> Object | None:
    """Leave the customer with this balance, on the record."""
    before = customer.get("balance", 0)
    if balance == before:
        return None
    customer["balance"] = balance
    currency = invoice["currency"] if invoice else customer["currency"]
    made = world.put(
        {
            "id": world.new_id("cbtxn"),
            "object": "customer_balance_transaction",
            "amount": balance - before,
            "checkout_session": None,
            "created": world.now(),
            "credit_note": None,
            "currency": currency,
            "customer": customer["id"],
            "customer_account": None,
            "description": None,
            "ending_balance": balance,
            "invoice": invoice["id"] if invoice else None,
            "livemode": False,
            "metadata": {},
            "type": kind,
        }
    )
    world.emit("customer.updated", customer, balance=before)
    return made
