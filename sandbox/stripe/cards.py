"""Test cards, by number, and what each does when it is charged."""

from dataclasses import dataclass
from enum import Enum

from .errors import StripeError


class Authentication(Enum):
    """When the bank asks the cardholder. ONCE: not again for a card that was set up with it."""

    NEVER = "never"
    ONCE = "once"
    ALWAYS = "always"


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str
    message: str

    def error(self, **more: object) -> StripeError:
        return StripeError(
            self.message,
            status=402,
            kind="card_error",
            code=self.code,
            decline_code=self.decline_code or None,
            **more,
        )


@dataclass(frozen=True)
class Card:
    """`token` is the name of its ready-made payment method. A card with `attaches` is taken from
    its holder even though each charge is declined.
    """

    number: str
    token: str
    shows: str
    brand: str = "visa"
    declines: Decline | None = None
    attaches: bool = True
    asks: Authentication = Authentication.NEVER
    country: str = "US"


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
EXPIRED = Decline("expired_card", "", "Your card has expired.")
CVC = Decline("incorrect_cvc", "", "Your card's security code is incorrect.")
PROCESSING = Decline(
    "processing_error",
    "",
    "An error occurred while processing your card. Try again in a little bit.",
)
NOT_AUTHENTICATED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
UNKNOWN_NUMBER = Decline("incorrect_number", "", "Your card number is incorrect.")


def _refused(number: str, token: str, shows: str, decline: Decline) -> Card:
    return Card(number, token, shows, declines=decline, attaches=False)


def _asked_and_refused(number: str, token: str, decline: Decline) -> Card:
    return Card(number, token, "asks its holder, in vain", declines=decline, asks=ALWAYS)


ONCE, ALWAYS = Authentication.ONCE, Authentication.ALWAYS
_DECLINED, _SECURE = "pm_card_chargeDeclined", "pm_card_threeDSecure"
_NO_FUNDS = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"

CARDS = [
    Card("4242424242424242", "pm_card_visa", "is paid with"),
    Card("5555555555554444", "pm_card_mastercard", "is paid with", brand="mastercard"),
    Card("4000002760000016", "pm_card_de", "is paid with, from Germany", country="DE"),
    _refused("4000000000000002", _DECLINED, "is declined", GENERIC),
    _refused("4000000000009995", f"{_DECLINED}InsufficientFunds", "has no funds", FUNDS),
    _refused("4000000000000069", f"{_DECLINED}ExpiredCard", "has expired", EXPIRED),
    _refused("4000000000000127", f"{_DECLINED}IncorrectCvc", "has another security code", CVC),
    _refused("4000000000000119", f"{_DECLINED}ProcessingError", "can't be processed", PROCESSING),
    Card("4000000000000341", "pm_card_chargeCustomerFail", "is declined later", declines=GENERIC),
    Card("4000002500003155", "pm_card_authenticationRequired", "asks its holder once", asks=ONCE),
    Card("4000002760003184", f"{_SECURE}Always", "asks its holder each time", asks=ALWAYS),
    Card("4000000000003220", f"{_SECURE}2Required", "asks its holder each time", asks=ALWAYS),
    _asked_and_refused("4000008400001629", f"{_SECURE}RequiredChargeDeclined", GENERIC),
    _asked_and_refused("4000008260003178", _NO_FUNDS, FUNDS),
]
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS} | {
    "pm_card_visa_chargeDeclined": BY_NUMBER["4000000000000002"],
    "pm_card_visa_chargeDeclinedInsufficientFunds": BY_NUMBER["4000000000009995"],
}


def card_numbered(text: str) -> Card:
    """Spaces and hyphens don't matter. Raises what Stripe says to a number it doesn't know."""
    number = "".join(sign for sign in text if sign.isdigit())
    if number not in BY_NUMBER:
        raise UNKNOWN_NUMBER.error(param="number")
    return BY_NUMBER[number]
