"""The life of an invoice: draft, open, and paid, void or uncollectible."""

from typing import Any

from sandbox.stripe import cards
from sandbox.stripe.cards import Outcome
from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .balance import settle
from .discounts import end_discount
from .drafting import add_tax, owe
from .paying import default_card, drop, fail, intend, intent_of, try_card
from .periods import DAY
from .standing import after_failure, after_giving_up, after_payment, subscription_of

_NOT_PAYABLE = {
    "paid": "Invoice is already paid",
    "void": "Invoice is void and cannot be paid",
}
# In days, each counted from the attempt before.
RETRIES = (3, 5, 7)
NO_LOCATION = (
    "The customer's location isn't recognized. Set a valid customer address in order to "
    "automatically calculate tax."
)


def keep(world: StripeWorld, invoice: Object) -> Object:
    """A draft from now on. What waited for it is on it."""
    world.put(invoice)
    for line in invoice["lines"]["data"]:
        details = line["parent"][line["parent"]["type"]]
        if waiting := world.find("invoiceitem", details["invoice_item"]):
            waiting["invoice"] = invoice["id"]
    customer = world.get("customer", invoice["customer"])
    if not customer.get("currency"):
        customer["currency"] = invoice["currency"]
    world.emit("invoice.created", invoice)
    return invoice


def require_location(invoice: Object) -> None:
    """For what is finalized at once, which is refused rather than left a draft."""
    if invoice["automatic_tax"]["status"] == "requires_location_inputs":
        raise StripeError(NO_LOCATION, code="customer_tax_location_invalid")


def finalize(world: StripeWorld, invoice: Object) -> None:
    """Number it and settle it with the customer's balance. Nothing due is paid."""
    if invoice["status"] != "draft":
        raise StripeError("This invoice is already finalized, you can't re-finalize it.")
    if not _can_be_taxed(world, invoice):
        return
    customer = world.get("customer", invoice["customer"])
    settle(world, customer, owe(invoice, customer), "applied_to_invoice", invoice)
    _open(world, invoice, customer)
    if invoice["amount_due"]:
        intend(world, invoice)
    world.emit("invoice.finalized", invoice)
    if not invoice["amount_due"]:
        mark_paid(world, invoice)


def _can_be_taxed(world: StripeWorld, invoice: Object) -> bool:
    if invoice["automatic_tax"]["status"] == "requires_location_inputs":
        add_tax(world, invoice, world.get("customer", invoice["customer"]))
    if invoice["automatic_tax"]["status"] == "requires_location_inputs":
        invoice["last_finalization_error"] = {
            "code": "customer_tax_location_invalid",
            "message": NO_LOCATION,
            "type": "invalid_request_error",
        }
        world.emit("invoice.finalization_failed", invoice)
        return False
    invoice["last_finalization_error"] = None
    return True


def _open(world: StripeWorld, invoice: Object, customer: Object) -> None:
    number = customer.get("next_invoice_sequence", 1)
    prefix = customer.get("invoice_prefix") or customer["id"][-8:].upper()
    customer["next_invoice_sequence"] = number + 1
    invoice.update(
        status="open",
        number=f"{prefix}-{number:04d}",
        ending_balance=customer.get("balance", 0),
        effective_at=world.now(),
        automatically_finalizes_at=None,
        hosted_invoice_url=f"{world.site}/stripe/invoices/{invoice['id']}",
        invoice_pdf=f"{world.site}/stripe/invoices/{invoice['id']}/pdf",
    )
    invoice["status_transitions"]["finalized_at"] = world.now()
    subscription = subscription_of(world, invoice)
    if invoice["collection_method"] == "send_invoice" and subscription:
        invoice["due_date"] = world.now() + (subscription["days_until_due"] or 0) * DAY


def _end_single_discounts(world: StripeWorld, invoice: Object) -> None:
    """A coupon for one invoice has done its work."""
    for identifier in invoice["discounts"]:
        discount = world.get("discount", identifier)
        if world.get("coupon", discount["source"]["coupon"])["duration"] == "once":
            end_discount(world, discount)


# Payment


def mark_paid(world: StripeWorld, invoice: Object, *, elsewhere: bool = False) -> None:
    paid = invoice["amount_due"]
    invoice.update(
        status="paid",
        amount_paid=0 if elsewhere else paid,
        amount_paid_off_stripe=paid if elsewhere else 0,
        amount_remaining=0,
        attempted=True,
        auto_advance=False,
        next_payment_attempt=None,
    )
    invoice["status_transitions"]["paid_at"] = world.now()
    _end_single_discounts(world, invoice)
    if elsewhere:
        drop(world, invoice, "automatic")
    elif payment := world.find("invoice_payment", invoice.get("_payment")):
        payment.update(status="paid", amount_paid=paid)
        payment["status_transitions"]["paid_at"] = world.now()
    world.emit("invoice.paid", invoice)
    if not elsewhere:
        world.emit("invoice.payment_succeeded", invoice)
    after_payment(world, invoice)


def attempt(
    world: StripeWorld,
    invoice: Object,
    card: Object | None = None,
    *,
    asked: bool = False,
    present: bool = True,
) -> Outcome:
    """Charge what is due: this card or the default one. `present` when the customer is there and
    can authenticate at once.
    """
    intent = intent_of(world, invoice) or intend(world, invoice)
    card = card or default_card(world, invoice["customer"], subscription_of(world, invoice))
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    outcome = try_card(world, intent, card, asked=asked)
    if outcome.status == "succeeded":
        mark_paid(world, invoice)
    else:
        _was_not_paid(world, invoice, outcome, present)
    return outcome


def _was_not_paid(world: StripeWorld, invoice: Object, outcome: Outcome, present: bool) -> None:
    asks = outcome.status == "requires_action"
    if not asks or not present:
        world.emit("invoice.payment_failed", invoice)
    if asks:
        world.emit("invoice.payment_action_required", invoice)
    if not asks or not present:
        after_failure(world, invoice)


def authenticate(world: StripeWorld, intent: Object, *, passed: bool) -> Outcome:
    """The card's holder said yes or no on the bank's page."""
    if intent["status"] != "requires_action":
        raise StripeError("This PaymentIntent does not require authentication.")
    invoice = world.get("invoice", intent["_invoice"])
    if passed:
        card = world.get("payment_method", intent["payment_method"])
        return attempt(world, invoice, card, asked=True)
    fail(world, intent, cards.NOT_AUTHENTICATED)
    _was_not_paid(world, invoice, cards.NOT_AUTHENTICATED, True)
    return cards.NOT_AUTHENTICATED


def retry_later(world: StripeWorld, invoice: Object) -> bool:
    """Plan the next attempt, unless this was the last."""
    done = invoice.get("_retries", 0)
    if done == len(RETRIES):
        invoice["next_payment_attempt"] = None
        return False
    invoice["_retries"] = done + 1
    invoice["next_payment_attempt"] = world.now() + RETRIES[done] * DAY
    return True


def pay(world: StripeWorld, invoice: Object, params: dict[str, Any]) -> None:
    """As somebody asked, who is told when it fails."""
    if invoice["status"] in ("paid", "void"):
        raise StripeError(_NOT_PAYABLE[invoice["status"]])
    if invoice["status"] == "draft":
        finalize(world, invoice)
    if invoice["status"] in ("paid", "draft"):
        return
    if params.get("paid_out_of_band"):
        mark_paid(world, invoice, elsewhere=True)
        return
    chosen = params.get("payment_method")
    card = world.get("payment_method", chosen) if chosen else None
    outcome = attempt(world, invoice, card, present=not params.get("off_session", True))
    _refuse_unless_paid(outcome)


def _refuse_unless_paid(outcome: Outcome) -> None:
    if outcome.status == "requires_action":
        raise StripeError(
            "This payment requires additional user action before it can be completed "
            "successfully. Payment can be completed using the PaymentIntent associated with the "
            "invoice.",
            status=402,
            kind="card_error",
            code="invoice_payment_intent_requires_action",
        )
    if outcome.status == "failed":
        raise outcome.refusal()


# Giving up


def void(world: StripeWorld, invoice: Object) -> None:
    """As if it had never been: what it took of the balance goes back."""
    if invoice["status"] not in ("open", "uncollectible"):
        raise StripeError(
            f"You can only void open or uncollectible invoices. This invoice is "
            f"{invoice['status']}."
        )
    customer = world.get("customer", invoice["customer"])
    taken = invoice["ending_balance"] - invoice["starting_balance"]
    balance = customer.get("balance", 0) - taken
    settle(world, customer, balance, "unapplied_from_invoice", invoice)
    invoice.update(status="void", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = world.now()
    drop(world, invoice, "void_invoice")
    world.emit("invoice.voided", invoice)
    after_giving_up(world, invoice)


def mark_uncollectible(world: StripeWorld, invoice: Object) -> None:
    if invoice["status"] != "open":
        raise StripeError("You can only mark open invoices as uncollectible.")
    invoice.update(status="uncollectible", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["marked_uncollectible_at"] = world.now()
    world.emit("invoice.marked_uncollectible", invoice)
    after_giving_up(world, invoice)
