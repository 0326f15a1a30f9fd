"""Coupons, the promotion codes people type for them, and customers' balances."""

from sandbox.stripe.billing.balance import settle
from sandbox.stripe.calls import Call, handles
from sandbox.stripe.changing import change, exactly_one
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object

from .customers import living


@handles("POST", "/v1/coupons")
def create_coupon(call: Call) -> Object:
    world, params = call.world, call.params
    kind = exactly_one(params, "percent_off", "amount_off")
    if kind == "amount_off" and "currency" not in params:
        raise StripeError(
            "You must pass `currency` when passing `amount_off`.",
            code="parameter_missing",
            param="currency",
        )
    duration = params.get("duration", "once")
    if (duration == "repeating") != ("duration_in_months" in params):
        raise StripeError(
            "`duration_in_months` is for, and only for, a duration of `repeating`.",
            param="duration_in_months",
        )
    coupon = world.put(
        {
            "id": params.get("id") or world.new_id("")[1:9],
            "object": "coupon",
            "amount_off": params.get("amount_off"),
            "created": world.now(),
            "currency": params.get("currency"),
            "duration": duration,
            "duration_in_months": params.get("duration_in_months"),
            "livemode": False,
            "max_redemptions": params.get("max_redemptions"),
            "metadata": params.get("metadata") or {},
            "name": params.get("name"),
            "percent_off": params.get("percent_off"),
            "redeem_by": params.get("redeem_by"),
            "times_redeemed": 0,
            "valid": True,
        }
    )
    world.emit("coupon.created", coupon)
    return coupon


@handles("GET", "/v1/coupons/{coupon}")
def retrieve_coupon(call: Call) -> Object:
    return call.world.get("coupon", call["coupon"])


@handles("GET", "/v1/coupons")
def list_coupons(call: Call) -> Object:
    return listed(call, call.world.all("coupon"))


@handles("POST", "/v1/promotion_codes")
def create_promotion_code(call: Call) -> Object:
    world, params = call.world, call.params
    coupon = world.get("coupon", params["promotion"].get("coupon", ""))
    code = params.get("code") or world.new_id("")[1:9].upper()
    if next(world.all("promotion_code", code=code, active=True), None):
        raise StripeError(f"An active promotion code with `code: {code}` already exists.")
    made = world.put(
        {
            "id": world.new_id("promo"),
            "object": "promotion_code",
            "active": params.get("active", True),
            "code": code,
            "created": world.now(),
            "customer": params.get("customer"),
            "customer_account": None,
            "expires_at": params.get("expires_at"),
            "livemode": False,
            "max_redemptions": params.get("max_redemptions"),
            "metadata": params.get("metadata") or {},
            "promotion": {"coupon": coupon["id"], "type": "coupon"},
            "restrictions": {
                "first_time_transaction": False,
                "minimum_amount": None,
                "minimum_amount_currency": None,
            },
            "times_redeemed": 0,
        }
    )
    world.emit("promotion_code.created", made)
    return made


@handles("GET", "/v1/promotion_codes/{promotion_code}")
def retrieve_promotion_code(call: Call) -> Object:
    return call.world.get("promotion_code", call["promotion_code"])


@handles("POST", "/v1/promotion_codes/{promotion_code}")
def update_promotion_code(call: Call) -> Object:
    found = call.world.get("promotion_code", call["promotion_code"])
    if before := change(found, call.params, "active"):
        call.world.emit("promotion_code.updated", found, **before)
    return found


@handles("GET", "/v1/promotion_codes")
def list_promotion_codes(call: Call) -> Object:
    wanted = {name: call.params[name] for name in ("code", "active") if name in call.params}
    return listed(call, call.world.all("promotion_code", **wanted))


# Balances


@handles("POST", "/v1/customers/{customer}/balance_transactions")
def create_balance_transaction(call: Call) -> Object:
    """Credit is below zero."""
    world, customer = call.world, living(call.world, call["customer"])
    balance = customer["balance"] + call.params["amount"]
    customer["currency"] = customer["currency"] or call.params["currency"]
    made = settle(world, customer, balance, "adjustment")
    if made is None:
        raise StripeError("Invalid non-zero integer", param="amount")
    change(made, call.params, "description")
    return made


@handles("GET", "/v1/customers/{customer}/balance_transactions")
def list_balance_transactions(call: Call) -> Object:
    rows = call.world.all("customer_balance_transaction", customer=call["customer"])
    return listed(call, rows)
