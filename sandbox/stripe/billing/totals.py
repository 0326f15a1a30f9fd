"""From lines to what is due: discounts, tax, and the customer's balance."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe.world import Object, StripeWorld

from .lines import Line

# Stripe charges nothing smaller, in minor units; it is carried over instead.
SMALLEST_CHARGE = 50
# In per cent. Countries that aren't here are not taxed.
TAX: dict[str, Decimal | int] = {
    "AT": 20, "BE": 21, "CH": Decimal("8.1"), "DE": 19, "DK": 25, "ES": 21, "FR": 20, "GB": 20,
    "IE": 23, "IT": 22, "NL": 21, "PL": 23, "PT": 23, "SE": 25,
}  # fmt: skip
UNION = {"AT", "BE", "DE", "DK", "ES", "FR", "IE", "IT", "NL", "PL", "PT", "SE"}
HOME = "IE"


@dataclass(frozen=True)
class Taxation:
    """How a customer is taxed; `percent` is None where it can't be known."""

    percent: Decimal | None
    reason: str


def half_up(value: Decimal) -> int:
    """Away from zero at the half, so that a credit mirrors its charge."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def taxation_of(world: StripeWorld, customer: Object) -> Taxation:
    country = (customer.get("address") or {}).get("country")
    if not country:
        return Taxation(None, "not_available")
    if customer.get("tax_exempt") == "exempt":
        return Taxation(Decimal(0), "customer_exempt")
    if customer.get("tax_exempt") == "reverse" or _charged_in_reverse(world, customer, country):
        return Taxation(Decimal(0), "reverse_charge")
    if country not in TAX:
        return Taxation(Decimal(0), "not_collecting")
    return Taxation(Decimal(TAX[country]), "standard_rated")


def _charged_in_reverse(world: StripeWorld, customer: Object, country: str) -> bool:
    return (
        country in UNION
        and country != HOME
        and any(
            tax_id["type"] == "eu_vat" and tax_id["verification"]["status"] != "unverified"
            for tax_id in world.all("tax_id", customer=customer["id"])
        )
    )


# Discounts


def discounted(world: StripeWorld, lines: list[Line], discounts: list[Object]) -> list[list[int]]:
    """For each line, what each discount takes off; a share of a credit is negative."""
    taken: list[list[int]] = [[] for _ in lines]
    left = [line.amount for line in lines]
    for discount in discounts:
        coupon = world.get("coupon", discount["source"]["coupon"])
        parts = (
            _percent_off(left, coupon["percent_off"])
            if coupon["percent_off"]
            else _amount_off(left, coupon["amount_off"])
        )
        for number, part in enumerate(parts):
            taken[number].append(part)
            left[number] -= part
    return taken


def _percent_off(amounts: list[int], percent: float) -> list[int]:
    return [half_up(amount * Decimal(str(percent)) / 100) for amount in amounts]


def _amount_off(amounts: list[int], off: int) -> list[int]:
    off = max(0, min(off, sum(amounts)))
    parts = []
    for amount in amounts:
        parts.append(max(0, min(off, amount)))
        off -= parts[-1]
    return parts


# Tax


def tax_on(amount: int, taxation: Taxation, behavior: str) -> int:
    percent = taxation.percent or Decimal(0)
    if behavior == "inclusive":
        return half_up(amount * percent / (100 + percent))
    return half_up(amount * percent / 100)


def behavior_of(price: Object) -> str:
    return "inclusive" if price.get("tax_behavior") == "inclusive" else "exclusive"


# Balance


@dataclass(frozen=True)
class Due:
    """What a card is charged, and the customer's balance then: below zero it is credit."""

    amount: int
    balance: int


def due(total: int, balance: int) -> Due:
    """A total below zero becomes credit, credit is used up first, and what is too small to be
    charged waits for the next invoice. `amount` + the change of the balance is the total.
    """
    open_amount = total + balance
    if open_amount < SMALLEST_CHARGE:
        return Due(0, open_amount)
    return Due(open_amount, 0)
