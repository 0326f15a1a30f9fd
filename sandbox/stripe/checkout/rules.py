"""What Stripe refuses in a new Checkout session, beyond what the types of its parameters say."""

import re
from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

Params = dict[str, Any]
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LONGEST_TRIAL = 730
_LONGEST_REFERENCE = 200
# A clock may differ by this much from ours, and Stripe forgives it.
_SLACK = 30


def check_session(world: StripeWorld, params: Params) -> None:
    """Raises StripeError for the first thing that Stripe would not take."""
    _check_kind(params)
    _check_addresses(params)
    _check_customer(world, params)
    _check_reference(params)
    _check_expiry(world, params)
    _check_trial(world, params.get("subscription_data") or {})
    _check_choices(params)
    _check_items(world, params)
    _check_collection(world, params)


def price_of(world: StripeWorld, item: Params, param: str) -> Object:
    """The price of a line item, which must be on sale."""
    price = world.find("price", item.get("price"))
    if price is None:
        raise StripeError(
            f"No such price: '{item.get('price')}'",
            code="resource_missing",
            param=f"{param}[price]",
        )
    if not price["active"]:
        raise _no(
            "The price specified is inactive. This field only accepts active prices.",
            f"{param}[price]",
        )
    product = world.find("product", price["product"])
    if product is None or not product["active"]:
        raise _no(
            f"Price `{price['id']}` is not available to be purchased because its product is not "
            "active.",
            f"{param}[price]",
        )
    return price


def _check_kind(params: Params) -> None:
    if not params.get("mode"):
        raise _missing("mode")
    if params["mode"] != "subscription":
        raise _no("This sandbox only has Checkout sessions in `subscription` mode.", "mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise _no("This sandbox only has Checkout sessions with `ui_mode: hosted_page`.", "ui_mode")
    if params.get("customer_creation"):
        raise _no(
            "`customer_creation` can only be used in `payment` or `setup` mode.",
            "customer_creation",
        )
    if params.get("payment_intent_data"):
        raise _no(
            "You can not pass `payment_intent_data` in `subscription` mode.", "payment_intent_data"
        )


def _check_addresses(params: Params) -> None:
    if not params.get("success_url"):
        raise _missing("success_url")
    for name in ("success_url", "cancel_url"):
        address = params.get(name)
        if address and not re.match(r"https?://[^/\s]+", address):
            raise StripeError("Not a valid URL", code="url_invalid", param=name)
    if params.get("return_url"):
        raise _no("`return_url` can't be used with `ui_mode: hosted_page`.", "return_url")


def _check_customer(world: StripeWorld, params: Params) -> None:
    if params.get("customer_update") and not params.get("customer"):
        raise _no("`customer_update` can only be used with `customer`.", "customer_update")
    if params.get("customer") and params.get("customer_email"):
        raise _only_one("customer", "customer_email")
    if params.get("customer"):
        customer_of(world, params)


def customer_of(world: StripeWorld, params: Params) -> Object:
    found = world.find("customer", params["customer"])
    if found is None or found.get("deleted"):
        raise StripeError(
            f"No such customer: '{params['customer']}'", code="resource_missing", param="customer"
        )
    return found


def _check_reference(params: Params) -> None:
    reference = params.get("client_reference_id") or ""
    if len(reference) > _LONGEST_REFERENCE:
        raise _no(
            f"Invalid string: {reference[:10]}...; must be at most {_LONGEST_REFERENCE} characters",
            "client_reference_id",
        )
    if not re.fullmatch(r"[\w-]*", reference, re.ASCII):
        raise _no(
            "`client_reference_id` may only contain alphanumeric characters, dashes and "
            "underscores.",
            "client_reference_id",
        )


def _check_expiry(world: StripeWorld, params: Params) -> None:
    if "expires_at" not in params:
        return
    ahead = int(params["expires_at"]) - world.now()
    if ahead < 30 * _MINUTE - _SLACK:
        raise _no(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            "expires_at",
        )
    if ahead > 24 * _HOUR + _SLACK:
        raise _no(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            "expires_at",
        )


def _check_trial(world: StripeWorld, data: Params) -> None:
    days, end = data.get("trial_period_days"), data.get("trial_end")
    if days is not None and end is not None:
        raise _only_one("subscription_data[trial_period_days]", "subscription_data[trial_end]")
    if days is not None and int(days) < 1:
        raise _no(
            "The minimum number of trial period days is 1.", "subscription_data[trial_period_days]"
        )
    if days is not None and int(days) > _LONGEST_TRIAL:
        raise _no(
            f"The maximum number of trial period days is {_LONGEST_TRIAL} (2 years).",
            "subscription_data[trial_period_days]",
        )
    if end is not None and int(end) < world.now() + 2 * _DAY - _SLACK:
        raise _no(
            "The `trial_end` date has to be at least 2 days in the future.",
            "subscription_data[trial_end]",
        )


def _check_choices(params: Params) -> None:
    if params.get("allow_promotion_codes") is not None and params.get("discounts"):
        raise _only_one("allow_promotion_codes", "discounts")
    if len(params.get("discounts") or []) > 1:
        raise _no("You can only provide up to 1 discount.", "discounts")


def _check_items(world: StripeWorld, params: Params) -> None:
    items = params.get("line_items")
    if not items:
        raise _missing("line_items")
    prices = [_checked_item(world, item, at) for at, item in enumerate(items)]
    if not any(price.get("recurring") for price in prices):
        raise _no(
            "You must provide at least one recurring price in `subscription` mode when using "
            "prices.",
            "line_items",
        )
    if not all(price.get("recurring") for price in prices):
        raise _no("This sandbox only sells what recurs.", "line_items")
    if len({price["currency"] for price in prices}) > 1:
        raise _no("All line items must use the same currency.", "line_items")
    rhythms = [price["recurring"] for price in prices]
    if len({(each["interval"], each["interval_count"]) for each in rhythms}) > 1:
        raise _no(
            "Checkout does not support multiple prices with different billing intervals.",
            "line_items",
        )
    _check_currency(world, params, prices[0]["currency"])


def _checked_item(world: StripeWorld, item: Params, at: int) -> Object:
    param = f"line_items[{at}]"
    if not item.get("price"):
        raise _no(f"This sandbox needs a `price` in `{param}`.", f"{param}[price]")
    price = price_of(world, item, param)
    if int(item.get("quantity") or 0) < 1:
        raise _no(f"Quantity is required. Add `quantity` to `{param}`", f"{param}[quantity]")
    return price


def _check_currency(world: StripeWorld, params: Params, currency: str) -> None:
    """A customer who has been billed keeps the currency of that bill."""
    settled = customer_of(world, params).get("currency") if params.get("customer") else None
    if settled and settled != currency:
        raise _no(
            "You cannot combine currencies on a single customer. This customer has an active "
            "subscription, subscription schedule, discount, quote, or invoice item with currency "
            f"{settled}.",
            "line_items",
        )


def _check_collection(world: StripeWorld, params: Params) -> None:
    """What is asked for on the page must have where to go."""
    if not params.get("customer"):
        return
    updates = params.get("customer_update") or {}
    if (params.get("tax_id_collection") or {}).get("enabled") and updates.get("name") != "auto":
        raise _no(
            "Tax ID collection requires updating business name on the customer. To enable tax ID "
            "collection for an existing customer, please set `customer_update[name]` to `auto`.",
            "tax_id_collection",
        )
    taxed = (params.get("automatic_tax") or {}).get("enabled")
    address = customer_of(world, params).get("address") or {}
    if taxed and updates.get("address") != "auto" and not address.get("country"):
        raise StripeError(
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add "
            "a valid address to the Customer or set either `customer_update[address]` to 'auto' "
            "or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to "
            "the Customer.",
            code="customer_tax_location_invalid",
            param="automatic_tax",
        )


def _no(message: str, param: str) -> StripeError:
    return StripeError(message, param=param)


def _missing(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def _only_one(first: str, second: str) -> StripeError:
    return StripeError(
        f"You may only specify one of these parameters: {first}, {second}.", param=second
    )
