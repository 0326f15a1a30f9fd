"""Customers: who pays."""

from typing import Any

from sandbox.stripe.billing.discounts import take_from_customer
from sandbox.stripe.calls import Call, handles, includes
from sandbox.stripe.changing import change
from sandbox.stripe.errors import Missing, StripeError
from sandbox.stripe.listing import listed, whole
from sandbox.stripe.world import Object, StripeWorld

from .payment_methods import attach, method_for
from .tax_ids import add_tax_id

_FIELDS = (
    "address",
    "balance",
    "business_name",
    "description",
    "email",
    "individual_name",
    "invoice_prefix",
    "name",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
)
_SETTINGS = ("custom_fields", "default_payment_method", "footer", "rendering_options")


@handles("POST", "/v1/customers")
def create(call: Call) -> Object:
    world, params = call.world, dict(call.params)
    customer: Object = {
        **dict.fromkeys(_FIELDS),
        "id": world.new_id("cus"),
        "object": "customer",
        "balance": 0,
        "created": world.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": world.new_id("")[1:9].upper(),
        "invoice_settings": dict.fromkeys(_SETTINGS),
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(world, customer, params)
    world.put(customer)
    if "payment_method" in params:
        attach(world, method_for(world, params["payment_method"]), customer)
    for tax_id in params.get("tax_id_data", []):
        add_tax_id(world, customer, tax_id)
    world.emit("customer.created", customer)
    return customer


@handles("GET", "/v1/customers/{customer}")
def retrieve(call: Call) -> Object:
    """One that was deleted is still known by its id."""
    return call.world.get("customer", call["customer"])


@handles("POST", "/v1/customers/{customer}")
def update(call: Call) -> Object:
    world, customer = call.world, living(call.world, call["customer"])
    if before := _apply(world, customer, call.params):
        world.emit("customer.updated", customer, **before)
    return customer


@handles("DELETE", "/v1/customers/{customer}/discount")
def delete_discount(call: Call) -> Object:
    taken = take_from_customer(call.world, living(call.world, call["customer"]))
    if taken is None:
        raise StripeError("No active discount for customer.", code="resource_missing")
    return {"id": taken["id"], "object": "discount", "deleted": True} | taken


@handles("GET", "/v1/customers")
def list_customers(call: Call) -> Object:
    wanted = {name: call.params[name] for name in ("email",) if name in call.params}
    found = call.world.all("customer", **wanted)
    return listed(call, (each for each in found if not each.get("deleted")))


@handles("DELETE", "/v1/customers/{customer}")
def delete(call: Call) -> Object:
    world, customer = call.world, living(call.world, call["customer"])
    for bereave in on_deletion:
        bereave(world, customer)
    world.emit("customer.deleted", customer)
    return world.put({"id": customer["id"], "object": "customer", "deleted": True})


# What follows from it elsewhere: `on_deletion.append(cancel_subscriptions)`.
on_deletion: list[Any] = []


@includes("customer", "tax_ids")
def tax_ids(world: StripeWorld, customer: Object) -> Object:
    rows = world.all("tax_id", customer=customer["id"])
    return whole(f"/v1/customers/{customer['id']}/tax_ids", rows)


def living(world: StripeWorld, identifier: str, param: str = "id") -> Object:
    """A customer that was not deleted. Raises what Stripe says of others."""
    found = world.find("customer", identifier)
    if found is None or found.get("deleted"):
        missing = Missing("customer", identifier)
        missing.error["param"] = param
        raise missing
    return found


def _apply(world: StripeWorld, customer: Object, params: dict[str, Any]) -> Object:
    email = params.get("email")
    if email and "@" not in email:
        raise StripeError(f"Invalid email address: {email}", code="email_invalid", param="email")
    before = change(customer, params, *_FIELDS)
    sent = params.get("invoice_settings", {})
    if method := sent.get("default_payment_method"):
        held = world.find("payment_method", method)
        if held is None or held["customer"] != customer["id"]:
            raise StripeError(
                "The customer does not have a payment method with the ID "
                f"{method}. The payment method must be attached to the customer.",
                code="resource_missing",
                param="invoice_settings[default_payment_method]",
            )
    settings = dict(customer["invoice_settings"])
    if change(settings, sent, *_SETTINGS):
        before["invoice_settings"] = customer["invoice_settings"]
        customer["invoice_settings"] = settings
    return before
