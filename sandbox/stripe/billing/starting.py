"""A new subscription: its first period or trial, and its first invoice."""

from typing import Any

from sandbox.stripe import cards
from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .bare import item_list, new_item, new_subscription, price_sold, refuse_others
from .discounts import give_discounts
from .drafting import Draft, invoice_of
from .invoicing import attempt, finalize, keep, require_location
from .lines import period_lines, trial_lines
from .paying import default_card
from .periods import DAY, next_boundary, same_rhythm
from .standing import ENDED, change, customer_of, items_of, period_of

Params = dict[str, Any]


_KNOWN = {
    "automatic_tax",
    "billing_mode",
    "cancel_at_period_end",
    "collection_method",
    "currency",
    "customer",
    "days_until_due",
    "default_payment_method",
    "description",
    "discounts",
    "invoice_settings",
    "items",
    "metadata",
    "off_session",
    "payment_behavior",
    "payment_settings",
    "proration_behavior",
    "trial_end",
    "trial_period_days",
    "trial_settings",
}


def create_subscription(
    world: StripeWorld, params: Params, *, card_authenticated: bool = False
) -> Object:
    """As `POST /v1/subscriptions` does. `card_authenticated` when its holder has just done so."""
    refuse_others(params, _KNOWN)
    customer = customer_of(world, _required(params, "customer"))
    subscription = prepared(world, customer, params)
    invoice = first_invoice(world, customer, subscription)
    _refuse_if_hopeless(world, customer, subscription, invoice, params)
    world.put(subscription)
    subscription["latest_invoice"] = invoice["id"]
    world.emit("customer.subscription.created", subscription)
    keep(world, invoice)
    _start(world, subscription, invoice, params, card_authenticated)
    return subscription


def prepared(world: StripeWorld, customer: Object, params: Params) -> Object:
    """The subscription as it will start, not kept yet."""
    subscription = new_subscription(world, customer, params)
    items = _items(world, subscription["id"], _required(params, "items"))
    subscription["currency"] = _currency(world, customer, items)
    subscription["items"] = item_list(subscription["id"], items)
    _check_collection(subscription)
    subscription["discounts"] = give_discounts(world, subscription, params.get("discounts") or [])
    trial_end = _trial_end(world, params)
    now = world.now()
    if trial_end:
        subscription.update(trial_start=now, trial_end=trial_end, billing_cycle_anchor=trial_end)
    subscription["status"] = "trialing" if trial_end else "incomplete"
    end = trial_end or next_boundary(now, items[0]["price"]["recurring"], now)
    for item in items:
        item.update(current_period_start=now, current_period_end=end)
    if params.get("cancel_at_period_end"):
        subscription.update(cancel_at_period_end=True, cancel_at=end, canceled_at=now)
    return subscription


def first_invoice(world: StripeWorld, customer: Object, subscription: Object) -> Object:
    start, end = period_of(subscription)
    write = trial_lines if subscription["status"] == "trialing" else period_lines
    lines = write(world, subscription["id"], items_of(subscription), start, end)
    draft = Draft(customer, subscription, lines, "subscription_create", start, None, (start, start))
    return invoice_of(world, draft)


def _start(
    world: StripeWorld, subscription: Object, invoice: Object, params: Params, authenticated: bool
) -> None:
    finalize(world, invoice)
    if invoice["status"] == "paid" or subscription["status"] == "trialing":
        return
    if subscription["collection_method"] == "send_invoice":
        change(world, subscription, status="active")
        world.emit("invoice.sent", invoice)
    elif params.get("payment_behavior") != "default_incomplete":
        present = not params.get("off_session")
        attempt(world, invoice, asked=authenticated, present=present)


def _required(params: Params, name: str) -> Any:
    if not params.get(name):
        raise StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return params[name]


def _items(world: StripeWorld, subscription: str, wanted: list[Params]) -> list[Object]:
    items = []
    for number, each in enumerate(wanted):
        price = price_sold(world, each.get("price", ""), f"items[{number}][price]")
        quantity, metadata = each.get("quantity", 1), each.get("metadata") or {}
        items.append(new_item(world, subscription, price, quantity, metadata))
    rhythm = items[0]["price"]["recurring"]
    if any(not same_rhythm(rhythm, item["price"]["recurring"]) for item in items):
        raise StripeError(
            "Currently, all prices on a subscription must have the same `recurring.interval` and "
            "`recurring.interval_count`."
        )
    return items


def _currency(world: StripeWorld, customer: Object, items: list[Object]) -> str:
    currencies = {item["price"]["currency"] for item in items}
    if len(currencies) > 1:
        raise StripeError("All prices on a subscription must use the same currency.")
    currency: str = currencies.pop()
    fixed = customer.get("currency") or _currency_in_use(world, customer)
    if fixed and fixed != currency:
        raise StripeError(
            "You cannot combine currencies on a single customer. This customer has an active "
            "subscription, subscription schedule, discount, quote, or invoice item with currency "
            f"{fixed}"
        )
    return currency


def _currency_in_use(world: StripeWorld, customer: Object) -> str | None:
    for subscription in world.all("subscription", customer=customer["id"]):
        if subscription["status"] not in ENDED:
            return str(subscription["currency"])
    return None


def _check_collection(subscription: Object) -> None:
    sends = subscription["collection_method"] == "send_invoice"
    if sends and subscription["days_until_due"] is None:
        raise StripeError(
            "You must provide `days_until_due` when `collection_method` is `send_invoice`.",
            param="days_until_due",
        )
    if not sends and subscription["days_until_due"] is not None:
        raise StripeError(
            "You can only specify `days_until_due` if `collection_method` is `send_invoice`.",
            param="days_until_due",
        )


def _trial_end(world: StripeWorld, params: Params) -> int | None:
    if days := params.get("trial_period_days"):
        return world.now() + int(days) * DAY
    end = params.get("trial_end")
    if not isinstance(end, int):
        return None
    if end <= world.now():
        raise StripeError("`trial_end` must be in the future.", param="trial_end")
    return end


def _refuse_if_hopeless(
    world: StripeWorld, customer: Object, subscription: Object, invoice: Object, params: Params
) -> None:
    """Before anything is kept: what can't be taxed, has no card, or must be paid and isn't."""
    require_location(invoice)
    behavior = params.get("payment_behavior", "allow_incomplete")
    sends = subscription["collection_method"] == "send_invoice"
    if not invoice["amount_due"] or sends or behavior == "default_incomplete":
        return
    card = default_card(world, customer["id"], subscription)
    if card is None:
        raise StripeError(
            "This customer has no attached payment source or default payment method. Please "
            "consider adding a default payment method.",
            code="resource_missing",
        )
    if behavior == "error_if_incomplete":
        refuse_unless_paid(cards.charge(world, card))


def refuse_unless_paid(outcome: cards.Outcome) -> None:
    if outcome.status == "requires_action":
        raise StripeError(
            "Your card was declined. This transaction requires authentication.",
            status=402,
            kind="card_error",
            code="subscription_payment_intent_requires_action",
        )
    if outcome.status == "failed":
        raise outcome.refusal()
