"""Payment intents and charges: what happens when an invoice meets a card."""

from sandbox.stripe import cards
from sandbox.stripe.cards import Outcome
from sandbox.stripe.world import Object, StripeWorld

# What is there and says nothing, unless somebody fills it.
_EMPTY_INTENT = (
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "customer_account",
    "excluded_payment_method_types",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "processing",
    "receipt_email",
    "review",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)
_EMPTY_CHARGE = (
    "application",
    "application_fee",
    "application_fee_amount",
    "failure_balance_transaction",
    "on_behalf_of",
    "outcome",
    "receipt_email",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)


def intend(world: StripeWorld, invoice: Object) -> Object:
    """The payment that a finalized invoice waits for."""
    intent = world.put(_new_intent(world, invoice))
    payment = world.put(
        {
            "id": world.new_id("inpay"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_due"],
            "created": world.now(),
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
    )
    invoice["_payment"], invoice["_intent"] = payment["id"], intent["id"]
    world.emit("payment_intent.created", intent)
    return intent


def intent_of(world: StripeWorld, invoice: Object) -> Object | None:
    return world.find("payment_intent", invoice.get("_intent"))


def default_card(world: StripeWorld, customer: str, subscription: Object | None) -> Object | None:
    """The card that pays: the subscription's, else the customer's."""
    settings = world.get("customer", customer).get("invoice_settings") or {}
    for identifier in (
        (subscription or {}).get("default_payment_method"),
        settings.get("default_payment_method"),
    ):
        card = world.find("payment_method", identifier)
        if card and card["customer"] == customer:
            return card
    return None


def try_card(
    world: StripeWorld, intent: Object, card: Object | None, *, asked: bool = False
) -> Outcome:
    """Charge once and write down what came of it."""
    outcome = cards.charge(world, card, asked=asked)
    intent["payment_method"] = card["id"] if card else None
    if outcome.status == "succeeded":
        _succeed(world, intent, card)
    elif outcome.status == "requires_action":
        intent.update(status="requires_action", next_action=_authentication(world, intent))
        world.emit("payment_intent.requires_action", intent)
    else:
        fail(world, intent, outcome)
    return outcome


def fail(world: StripeWorld, intent: Object, outcome: Outcome) -> None:
    card = world.find("payment_method", intent["payment_method"])
    declined = card is not None and outcome is not cards.NOT_AUTHENTICATED
    if declined and card:
        charge = world.put(_new_charge(world, intent, card, outcome))
        intent["latest_charge"] = charge["id"]
        world.emit("charge.failed", charge)
    error = dict(outcome.error)
    if card:
        error["payment_method"] = card
    intent.update(
        status="requires_payment_method",
        next_action=None,
        last_payment_error=error,
        payment_method=None,
    )
    if card:
        world.emit("payment_intent.payment_failed", intent)


def drop(world: StripeWorld, invoice: Object, reason: str) -> None:
    """Nobody will pay this any more, or did so elsewhere."""
    intent = intent_of(world, invoice)
    if intent is None or intent["status"] in ("succeeded", "canceled"):
        return
    intent.update(
        status="canceled",
        canceled_at=world.now(),
        cancellation_reason=reason,
        next_action=None,
    )
    payment = world.get("invoice_payment", invoice["_payment"])
    payment["status"] = "canceled"
    payment["status_transitions"]["canceled_at"] = world.now()
    world.emit("payment_intent.canceled", intent)


def _succeed(world: StripeWorld, intent: Object, card: Object | None) -> None:
    charge = world.put(_new_charge(world, intent, card or {}, cards.PAID))
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
    )
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)


def _authentication(world: StripeWorld, intent: Object) -> Object:
    url = f"{world.site}/stripe/authenticate/{intent['id']}"
    return {"redirect_to_url": {"return_url": None, "url": url}, "type": "redirect_to_url"}


def _new_intent(world: StripeWorld, invoice: Object) -> Object:
    identifier = world.new_id("pi")
    return {
        **dict.fromkeys(_EMPTY_INTENT),
        "id": identifier,
        "object": "payment_intent",
        "amount": invoice["amount_due"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_secret_{world.new_id('s')[2:]}",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": _DESCRIPTIONS.get(invoice["billing_reason"], "Subscription update"),
        "livemode": False,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "setup_future_usage": "off_session",
        "status": "requires_payment_method",
        "_invoice": invoice["id"],
    }


def _new_charge(world: StripeWorld, intent: Object, card: Object, outcome: Outcome) -> Object:
    paid = outcome.status == "succeeded"
    return {
        **dict.fromkeys(_EMPTY_CHARGE),
        "id": world.new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "balance_transaction": world.new_id("txn") if paid else None,
        "billing_details": card.get("billing_details") or _NOBODY,
        "calculated_statement_descriptor": "MOORING",
        "captured": paid,
        "created": world.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": outcome.code or None,
        "failure_message": outcome.message or None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": card.get("id"),
        "payment_method_details": {"card": _card_details(card), "type": "card"},
        "radar_options": {},
        "refunded": False,
        "status": "succeeded" if paid else "failed",
    }


_DESCRIPTIONS = {"subscription_create": "Subscription creation"}
_CARD_FIELDS = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
_NOBODY = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}


def _card_details(payment_method: Object) -> Object:
    card = payment_method.get("card") or {}
    return {name: card.get(name) for name in _CARD_FIELDS}
