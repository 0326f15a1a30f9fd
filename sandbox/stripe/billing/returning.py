"""Money that goes back: refunds, and disputes that a cardholder's bank raises."""

from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .periods import DAY

Params = dict[str, Any]
# In seconds, how long the bank waits for evidence.
EVIDENCE_WITHIN = 9 * DAY
_NO_EVIDENCE: Object = {
    **dict.fromkeys(
        (
            "access_activity_log",
            "billing_address",
            "cancellation_policy",
            "cancellation_policy_disclosure",
            "cancellation_rebuttal",
            "customer_communication",
            "customer_email_address",
            "customer_name",
            "customer_purchase_ip",
            "customer_signature",
            "duplicate_charge_documentation",
            "duplicate_charge_explanation",
            "duplicate_charge_id",
            "product_description",
            "receipt",
            "refund_policy",
            "refund_policy_disclosure",
            "refund_refusal_explanation",
            "service_date",
            "service_documentation",
            "shipping_address",
            "shipping_carrier",
            "shipping_date",
            "shipping_documentation",
            "shipping_tracking_number",
            "uncategorized_file",
            "uncategorized_text",
        )
    ),
    "enhanced_evidence": {},
}


def refund(world: StripeWorld, params: Params) -> Object:
    """A charge, or what is left of it."""
    charge = _charge_of(world, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    _check(charge, left, amount)
    before = {name: charge[name] for name in ("amount_refunded", "refunded")}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    made = world.put(_new_refund(world, charge, amount, params))
    world.emit("charge.refunded", charge, **before)
    world.emit("refund.created", made)
    return made


def dispute(world: StripeWorld, charge: Object, reason: str = "fraudulent") -> Object:
    """The cardholder's bank takes the money back, and asks for evidence."""
    if not charge["paid"] or charge["disputed"]:
        raise StripeError("Only a charge that was paid can be disputed, and only once.")
    charge["disputed"] = True
    made = world.put(_new_dispute(world, charge, reason))
    world.emit("charge.dispute.created", made)
    world.emit("charge.dispute.funds_withdrawn", made)
    return made


def close_dispute(world: StripeWorld, found: Object, outcome: str = "lost") -> Object:
    """`lost` or `won`."""
    if found["status"] in ("lost", "won"):
        raise StripeError("This dispute is already closed.")
    before, found["status"] = found["status"], outcome
    if outcome == "won":
        world.emit("charge.dispute.funds_reinstated", found)
    world.emit("charge.dispute.closed", found, status=before)
    return found


def _charge_of(world: StripeWorld, params: Params) -> Object:
    identifier = params.get("charge")
    if intent := params.get("payment_intent"):
        identifier = world.get("payment_intent", intent)["latest_charge"]
    if not identifier:
        raise StripeError(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            code="parameter_missing",
        )
    charge = world.get("charge", identifier)
    if not charge["paid"]:
        raise StripeError(f"Charge {identifier} was not paid and cannot be refunded.")
    return charge


def _check(charge: Object, left: int, amount: int) -> None:
    if not left:
        raise StripeError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if charge["disputed"]:
        raise StripeError(
            "This charge has been charged back. You cannot issue a refund.",
            code="charge_disputed",
        )
    if not 0 < amount <= left:
        raise StripeError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )


def _new_refund(world: StripeWorld, charge: Object, amount: int, params: Params) -> Object:
    return {
        "id": world.new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": world.new_id("txn"),
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": dict(params.get("metadata") or {}),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _new_dispute(world: StripeWorld, charge: Object, reason: str) -> Object:
    return {
        "id": world.new_id("du"),
        "object": "dispute",
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": _NO_EVIDENCE,
        "evidence_details": {
            "due_by": world.now() + EVIDENCE_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "chargeback",
                "network": "visa",
                "network_reason_code": "10",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
