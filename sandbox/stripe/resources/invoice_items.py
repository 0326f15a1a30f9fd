"""What staff put on a customer's next invoice, whatever that is for."""

from sandbox.stripe.billing.bare import refuse_others
from sandbox.stripe.billing.lines import keep_waiting_for_any
from sandbox.stripe.billing.standing import customer_of
from sandbox.stripe.calls import Call, handles
from sandbox.stripe.world import Object

from .prices import create as create_price
from .products import create as create_product

_KNOWN = {"amount", "currency", "customer", "description"}


@handles("POST", "/v1/invoiceitems")
def create(call: Call) -> Object:
    """Of an amount. It has a price and a product of its own, as at Stripe."""
    world, params = call.world, call.params
    refuse_others(params, _KNOWN)
    customer = customer_of(world, params["customer"])
    description = params.get("description", "Invoice item")
    product = create_product(Call(world, {"name": description, "active": False}))
    sold = {"product": product["id"], "currency": params["currency"], "active": False}
    price = create_price(Call(world, sold | {"unit_amount": abs(params["amount"])}))
    item = keep_waiting_for_any(world, customer, price, description, params["amount"])
    world.emit("invoiceitem.created", item)
    return item
