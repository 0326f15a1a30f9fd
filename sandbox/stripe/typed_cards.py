"""A card that somebody types on a page: taken, and perhaps asked about first."""

from typing import Any

from .cards import BY_NUMBER, CARDS, Card, card_of, charge, refuse_unless_kept
from .resources.payment_methods import make_method
from .world import Object, StripeWorld

AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again."
)
TEST_CARDS: tuple[Card, ...] = CARDS
ANY_CARD = CARDS[0]


def is_test_card(number: str) -> bool:
    return number in BY_NUMBER


def take_card(
    world: StripeWorld, number: str, expires: tuple[int, int] | None, details: dict[str, Any]
) -> Object:
    """A payment method that belongs to nobody yet. `expires` is checked to be there."""
    assert expires is not None
    month, year = expires
    return make_method(
        world, BY_NUMBER[number], exp_month=month, exp_year=year, billing_details=details
    )


def asks_its_holder(method: Object) -> bool:
    """Whether 3-D Secure comes before the first payment."""
    return card_of(method).asks != "never"


def refuse_if_declined(world: StripeWorld, method: Object, amount: int) -> None:
    """Raises what the bank says of this card, whose holder it knows: at once, or because of what
    is to be charged.
    """
    refuse_unless_kept(card_of(method))
    outcome = charge(world, method, asked=True)
    if amount and outcome.status == "failed":
        raise outcome.refusal()


def default_card(world: StripeWorld, customer: Object) -> Object | None:
    """The card that pays: the newest subscription's, or else the customer's."""
    subscriptions = list(world.all("subscription", customer=customer["id"]))[::-1]
    chosen = [each["default_payment_method"] for each in subscriptions]
    chosen.append(customer["invoice_settings"]["default_payment_method"])
    return next((world.get("payment_method", each) for each in chosen if each), None)
