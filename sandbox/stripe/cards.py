"""Stripe's test cards: what each does when it is kept and when it is charged.

They are told apart by their last four digits, which is all that a payment method shows.
"""

from dataclasses import dataclass

from .errors import StripeError
from .world import Object, StripeWorld

MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": (
        "An error occurred while processing your card. Try again in a little bit."
    ),
    "authentication_required": (
        "Your card was declined. This transaction requires authentication."
    ),
}


@dataclass(frozen=True)
class Card:
    """`fails_with` is what it says when charged, empty if it pays; `kept` whether a customer may
    have it at all; `asks` when the bank wants its holder to authenticate: never, the first time,
    or always.
    """

    number: str
    brand: str
    token: str
    does: str
    fails_with: str = ""
    kept: bool = True
    asks: str = "never"

    @property
    def last4(self) -> str:
        return self.number[-4:]


CARDS = (
    Card("4242424242424242", "visa", "pm_card_visa", "Pays"),
    Card("5555555555554444", "mastercard", "pm_card_mastercard", "Pays"),
    Card("378282246310005", "amex", "pm_card_amex", "Pays"),
    Card(
        "4000000000000002", "visa", "pm_card_visa_chargeDeclined", "Is declined",
        "generic_decline", kept=False,
    ),
    Card(
        "4000000000009995", "visa", "pm_card_visa_chargeDeclinedInsufficientFunds",
        "Has insufficient funds", "insufficient_funds", kept=False,
    ),
    Card(
        "4000000000009987", "visa", "pm_card_visa_chargeDeclinedLostCard", "Was lost",
        "lost_card", kept=False,
    ),
    Card(
        "4000000000000069", "visa", "pm_card_chargeDeclinedExpiredCard", "Has expired",
        "expired_card", kept=False,
    ),
    Card(
        "4000000000000127", "visa", "pm_card_chargeDeclinedIncorrectCvc",
        "Has another security code", "incorrect_cvc", kept=False,
    ),
    Card(
        "4000000000000119", "visa", "pm_card_chargeDeclinedProcessingError",
        "Fails while it is processed", "processing_error", kept=False,
    ),
    Card(
        "4000000000000341", "visa", "pm_card_chargeCustomerFail",
        "Can be kept, is declined when charged", "generic_decline",
    ),
    Card(
        "4000002500003155", "visa", "pm_card_authenticationRequiredOnSetup",
        "Asks for 3-D Secure the first time", asks="first",
    ),
    Card(
        "4000002760003184", "visa", "pm_card_authenticationRequired",
        "Asks for 3-D Secure every time", asks="always",
    ),
    Card(
        "4000000000003220", "visa", "pm_card_threeDSecure2Required",
        "Asks for 3-D Secure every time", asks="always",
    ),
    Card(
        "4000008400001629", "visa", "pm_card_threeDSecureRequiredChargeDeclined",
        "Asks for 3-D Secure, then is declined", "generic_decline", asks="always",
    ),
    Card(
        "4000008260003178", "visa", "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "Asks for 3-D Secure, then has insufficient funds", "insufficient_funds", asks="always",
    ),
)  # fmt: skip
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS}
_BY_LAST4 = {card.last4: card for card in CARDS}
# What the desk may make of any card from now on.
BEHAVIOURS = {
    "pays": Card("", "", "", ""),
    "declined": _BY_LAST4["0341"],
    "insufficient_funds": _BY_LAST4["9995"],
    "expired": _BY_LAST4["0069"],
    "asks": _BY_LAST4["3184"],
}


@dataclass(frozen=True)
class Outcome:
    """Of one charge: `succeeded`, `requires_action` or `failed`."""

    status: str
    code: str = ""
    decline_code: str = ""
    message: str = ""

    @property
    def error(self) -> Object:
        """As a payment intent keeps it and an answer says it."""
        said = {"type": "card_error", "code": self.code, "message": self.message}
        return said | ({"decline_code": self.decline_code} if self.decline_code else {})

    def refusal(self, **more: object) -> StripeError:
        named = {"code": self.code, **more}
        if self.decline_code:
            named["decline_code"] = self.decline_code
        return StripeError(self.message, status=402, kind="card_error", **named)


PAID = Outcome("succeeded")
ASKED = Outcome("requires_action", "authentication_required")
NOT_AUTHENTICATED = Outcome(
    "failed",
    "payment_intent_authentication_failure",
    "",
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data "
    "or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
)
NO_CARD = Outcome(
    "failed",
    "payment_intent_unexpected_state",
    "",
    "This customer has no default payment method.",
)


def behave(payment_method: Object, behaviour: str) -> None:
    """Make a card do from now on what one of `BEHAVIOURS` does, whatever its number."""
    payment_method["_behaviour"] = behaviour


def replace(world: StripeWorld, payment_method: Object) -> None:
    """The bank sent a new card, and the network told Stripe: three more years."""
    before = dict(payment_method["card"])
    payment_method["card"]["exp_year"] += 3
    world.emit("payment_method.automatically_updated", payment_method, card=before)


def card_of(payment_method: Object) -> Card:
    if changed := payment_method.get("_behaviour"):
        return BEHAVIOURS[changed]
    return _BY_LAST4.get(payment_method["card"]["last4"], CARDS[0])


def refuse_unless_kept(card: Card) -> None:
    """A card is asked before a customer may have it."""
    if not card.kept:
        raise _declined(card.fails_with).refusal()


def charge(world: StripeWorld, payment_method: Object | None, *, asked: bool = False) -> Outcome:
    """What comes of charging this card now. `asked` when its holder has just authenticated."""
    if payment_method is None or world.find("payment_method", payment_method["id"]) is None:
        return NO_CARD
    card = card_of(payment_method)
    if asked:
        payment_method["_authenticated"] = True
    elif card.asks == "always" or card.asks == "first" and not payment_method.get("_authenticated"):
        return ASKED
    return _declined(card.fails_with) if card.fails_with else PAID


def _declined(reason: str) -> Outcome:
    if reason in ("expired_card", "incorrect_cvc", "processing_error"):
        return Outcome("failed", reason, "", MESSAGES[reason])
    message = MESSAGES.get(reason, MESSAGES["card_declined"])
    return Outcome("failed", "card_declined", reason, message)
