"""Prices: what it costs. An amount never changes; a lookup key may move on."""

from typing import Any

from sandbox.stripe.calls import Call, handles
from sandbox.stripe.changing import change, exactly_one
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object, StripeWorld

from .products import create as create_product


@handles("POST", "/v1/prices")
def create(call: Call) -> Object:
    world, params = call.world, call.params
    product = _product(call)
    amount = _amount(params)
    key = params.get("lookup_key")
    _take_key(world, key, transfer=params.get("transfer_lookup_key", False))
    price = world.put(
        {
            "id": world.new_id("price"),
            "object": "price",
            "active": params.get("active", True),
            "billing_scheme": params.get("billing_scheme", "per_unit"),
            "created": world.now(),
            "currency": params["currency"].lower(),
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": key,
            "metadata": params.get("metadata") or {},
            "nickname": params.get("nickname"),
            "product": product,
            "recurring": _recurring(params.get("recurring")),
            "tax_behavior": params.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "recurring" if "recurring" in params else "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        }
    )
    world.emit("price.created", price)
    return price


@handles("GET", "/v1/prices/{price}")
def retrieve(call: Call) -> Object:
    return call.world.get("price", call["price"])


@handles("POST", "/v1/prices/{price}")
def update(call: Call) -> Object:
    world, params = call.world, dict(call.params)
    price = world.get("price", call["price"])
    if params.get("lookup_key") and params["lookup_key"] != price["lookup_key"]:
        _take_key(world, params["lookup_key"], transfer=params.get("transfer_lookup_key", False))
    if before := change(price, params, "active", "lookup_key", "nickname", "tax_behavior"):
        world.emit("price.updated", price, **before)
    return price


@handles("GET", "/v1/prices")
def list_prices(call: Call) -> Object:
    params = call.params
    keys = params.get("lookup_keys")
    if keys and len(keys) > 10:
        raise StripeError("You may only specify up to 10 lookup keys.", param="lookup_keys")
    names = ("active", "currency", "product", "type")
    found = call.world.all("price", **{name: params[name] for name in names if name in params})
    rows = (each for each in found if keys is None or each["lookup_key"] in keys)
    return listed(call, (each for each in rows if _recurs(each, params.get("recurring", {}))))


def _product(call: Call) -> str:
    sent = exactly_one(call.params, "product", "product_data")
    if sent == "product":
        product = call.world.get("product", call.params["product"])
        return str(product["id"])
    made = create_product(Call(call.world, call.params["product_data"]))
    return str(made["id"])


def _amount(params: dict[str, Any]) -> int:
    sent = exactly_one(params, "unit_amount", "unit_amount_decimal")
    amount = int(params[sent]) if str(params[sent]).isdigit() else -1
    if amount < 0:
        raise StripeError(
            "Invalid non-negative integer", code="parameter_invalid_integer", param=sent
        )
    return amount


def _recurring(sent: dict[str, Any] | None) -> Object | None:
    if sent is None:
        return None
    return {
        "interval": sent["interval"],
        "interval_count": sent.get("interval_count", 1),
        "meter": None,
        "trial_period_days": None,
        "usage_type": sent.get("usage_type", "licensed"),
    }


def _take_key(world: StripeWorld, key: str | None, *, transfer: bool) -> None:
    """Lookup keys are unique; whoever asks for it takes one away from the price that has it."""
    holder = next(world.all("price", lookup_key=key), None) if key else None
    if holder is None:
        return
    if not transfer:
        raise StripeError(
            f"A price (`{holder['id']}`) already uses that lookup key.",
            code="resource_already_exists",
            param="lookup_key",
        )
    holder["lookup_key"] = None
    world.emit("price.updated", holder, lookup_key=key)


def _recurs(price: Object, wanted: dict[str, Any]) -> bool:
    recurring = price["recurring"] or {}
    return all(recurring.get(name) == value for name, value in wanted.items())
