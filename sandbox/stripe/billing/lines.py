"""What is charged and credited, line by line, before it stands on an invoice."""

from dataclasses import dataclass

from sandbox.stripe.world import Object, StripeWorld

from .periods import day_of


@dataclass(frozen=True)
class Line:
    """`item` and `subscription` are ids; `invoice_item` is the waiting item it was, if it was. What
    staff billed has no item.
    """

    amount: int
    description: str
    price: Object
    quantity: int
    start: int
    end: int
    subscription: str
    item: str | None
    proration: bool = False
    invoice_item: str | None = None


def amount_of(item: Object) -> int:
    return int(item["price"]["unit_amount"] or 0) * int(item.get("quantity", 1))


def share(amount: int, part: int, whole: int) -> int:
    """Of an amount for `whole` seconds, what `part` of them cost; half a cent goes up."""
    return (2 * amount * part + whole) // (2 * whole)


def product_name(world: StripeWorld, price: Object) -> str:
    product = world.find("product", price["product"])
    return product["name"] if product else str(price["product"])


def period_lines(
    world: StripeWorld, subscription: str, items: list[Object], start: int, end: int
) -> list[Line]:
    """A whole period, in advance."""
    return [
        Line(
            amount=amount_of(item),
            description=_described(world, item),
            price=item["price"],
            quantity=item["quantity"],
            start=start,
            end=end,
            subscription=subscription,
            item=item["id"],
        )
        for item in items
    ]


def trial_lines(
    world: StripeWorld, subscription: str, items: list[Object], start: int, end: int
) -> list[Line]:
    """A trial, which costs nothing."""
    return [
        Line(
            amount=0,
            description=f"Trial period for {product_name(world, item['price'])}",
            price=item["price"],
            quantity=item["quantity"],
            start=start,
            end=end,
            subscription=subscription,
            item=item["id"],
        )
        for item in items
    ]


def unused_time(world: StripeWorld, subscription: str, item: Object, at: int) -> Line:
    """The credit for what was paid of a period and won't be used."""
    return _part(world, subscription, item, at, -1)


def remaining_time(world: StripeWorld, subscription: str, item: Object, at: int) -> Line:
    """The charge for what is left of a period that is already going on."""
    return _part(world, subscription, item, at, 1)


def _part(world: StripeWorld, subscription: str, item: Object, at: int, sign: int) -> Line:
    start, end = item["current_period_start"], item["current_period_end"]
    word = "Unused" if sign < 0 else "Remaining"
    name = product_name(world, item["price"])
    times = f"{item['quantity']} × " if item["quantity"] > 1 else ""
    return Line(
        amount=sign * share(amount_of(item), end - at, end - start),
        description=f"{word} time on {times}{name} after {day_of(at)}",
        price=item["price"],
        quantity=item["quantity"],
        start=at,
        end=end,
        subscription=subscription,
        item=item["id"],
        proration=True,
    )


def _described(world: StripeWorld, item: Object) -> str:
    price = item["price"]
    recurring = price["recurring"]
    each = f"{price['unit_amount'] / 100:.2f} {price['currency'].upper()}"
    return (
        f"{item['quantity']} × {product_name(world, price)} (at {each} / {recurring['interval']})"
    )


# Lines that wait for the next invoice


def keep_waiting(world: StripeWorld, customer: Object, line: Line) -> Object:
    """For the next invoice of its subscription."""
    return world.put(
        {
            "id": world.new_id("ii"),
            "object": "invoiceitem",
            "amount": line.amount,
            "currency": line.price["currency"],
            "customer": customer["id"],
            "customer_account": None,
            "date": world.now(),
            "description": line.description,
            "discountable": not line.proration,
            "discounts": [],
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "net_amount": line.amount,
            "parent": _parent(line),
            "period": {"start": line.start, "end": line.end},
            "pricing": pricing(line.price),
            "proration": line.proration,
            "quantity": line.quantity,
            "quantity_decimal": str(line.quantity),
            "tax_rates": [],
            "test_clock": None,
            "_subscription": line.subscription,
            "_price": line.price,
        }
    )


def _parent(line: Line) -> Object | None:
    if line.item is None:
        return None
    details = {"subscription": line.subscription, "subscription_item": line.item}
    return {"subscription_details": details, "type": "subscription_details"}


def keep_waiting_for_any(
    world: StripeWorld, customer: Object, price: Object, description: str, amount: int
) -> Object:
    """For the customer's next invoice, of whichever subscription."""
    now = world.now()
    line = Line(amount, description, price, 1, now, now, "", None)
    return keep_waiting(world, customer, line)


def waiting(world: StripeWorld, subscription: str, also_on: str | None = None) -> list[Line]:
    """What the next invoice takes along, and what an invoice has that won't be."""
    customer = world.get("subscription", subscription)["customer"]
    return [
        Line(
            amount=each["amount"],
            description=each["description"],
            price=each["_price"],
            quantity=each["quantity"],
            start=each["period"]["start"],
            end=each["period"]["end"],
            subscription=subscription,
            item=(each["parent"] or _OF_NONE)["subscription_details"]["subscription_item"],
            proration=each["proration"],
            invoice_item=each["id"],
        )
        for each in world.all("invoiceitem", customer=customer)
        if each["_subscription"] in (subscription, "") and each["invoice"] in (None, also_on)
    ]


_OF_NONE: Object = {"subscription_details": {"subscription_item": None}}


def pricing(price: Object) -> Object:
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": str(price["unit_amount"]),
    }
