"""What a Checkout session asks for: today, and for each period after that."""

import copy
from dataclasses import dataclass

from sandbox.stripe.billing.previewing import preview
from sandbox.stripe.resources.payment_methods import make_method
from sandbox.stripe.typed_cards import ANY_CARD
from sandbox.stripe.world import Object, StripeWorld

from .settling import Details, settle

# All that a subscription follows from: what is sold, and what its customer has.
_SOLD = ("product", "price", "coupon", "promotion_code")
_HAD = ("tax_id", "discount", "subscription")


@dataclass(frozen=True)
class Line:
    """`amount` is for a whole period, and the rest is of what is due now."""

    name: str
    price: Object
    quantity: int
    amount: int
    subtotal: int
    discount: int
    tax: int


@dataclass(frozen=True)
class Bill:
    """`due` is charged now: the total less the customer's credit. `renewal` is what each period
    costs after that, or after the trial. `tax` is None as long as nobody can tell.
    """

    currency: str
    lines: list[Line]
    subtotal: int
    discount: int
    tax: int | None
    total: int
    due: int
    renewal: int
    interval: str
    trial_ends_at: int | None


def first_bill(world: StripeWorld, session: Object, details: Details | None = None) -> Bill:
    """Read off a subscription that is made in a world of its own, as the real one will be."""
    scratch = _scratch(world, session["customer"])
    subscription = settle(scratch, session, details or {}, make_method(scratch, ANY_CARD))
    invoice = scratch.get("invoice", subscription["latest_invoice"])
    lines = [
        _line(world, item, billed)
        for item, billed in zip(
            session["_params"]["line_items"], invoice["lines"]["data"], strict=True
        )
    ]
    return Bill(
        currency=lines[0].price["currency"],
        lines=lines,
        subtotal=invoice["subtotal"],
        discount=sum(each["amount"] for each in invoice["total_discount_amounts"] or []),
        tax=_tax(session, subscription, invoice),
        total=invoice["total"],
        due=invoice["amount_due"],
        renewal=preview(scratch, {"subscription": subscription["id"]})["total"],
        interval=lines[0].price["recurring"]["interval"],
        trial_ends_at=subscription["trial_end"],
    )


def _tax(session: Object, subscription: Object, invoice: Object) -> int | None:
    if session["automatic_tax"]["enabled"] and not subscription["automatic_tax"]["enabled"]:
        return None
    return sum(each["amount"] for each in invoice["total_taxes"] or [])


def put_totals(session: Object, bill: Bill) -> None:
    session.update(
        currency=bill.currency,
        amount_subtotal=bill.subtotal,
        amount_total=bill.total,
        total_details={
            "amount_discount": bill.discount,
            "amount_shipping": 0,
            "amount_tax": bill.tax or 0,
        },
    )


def _scratch(world: StripeWorld, customer: str | None) -> StripeWorld:
    scratch = StripeWorld()
    scratch.ahead, scratch.pinned, scratch.site = world.ahead, world.pinned, world.site
    things = [thing for kind in _SOLD for thing in world.all(kind)]
    if customer:
        things.append(world.get("customer", customer))
        things += [thing for kind in _HAD for thing in world.all(kind, customer=customer)]
    for thing in things:
        scratch.put(copy.deepcopy(thing))
    return scratch


def _line(world: StripeWorld, item: Object, billed: Object) -> Line:
    price = world.get("price", item["price"])
    quantity = int(item.get("quantity") or 1)
    return Line(
        name=world.get("product", price["product"])["name"],
        price=price,
        quantity=quantity,
        amount=price["unit_amount"] * quantity,
        subtotal=billed["subtotal"],
        discount=sum(each["amount"] for each in billed["discount_amounts"]),
        tax=sum(each["amount"] for each in billed["taxes"]),
    )
