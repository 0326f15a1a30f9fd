"""Giving a second purchase back: the subscription ends, and whatever was taken for it returns."""

from billing import stripe_api
from billing.errors import StripeGone, StripeRefused
from billing.invoices import intents_of
from billing.models import Operation, Subscription
from billing.running import Run, performs

_ALREADY = "charge_already_refunded"


@performs(Operation.Kind.REFUND)
def give_back(run: Run) -> None:
    subscription_id = run.operation.params["subscription_id"]
    _cancel(run, subscription_id)
    params = {"subscription": subscription_id, "limit": 100, "expand": ["data.payments"]}
    for invoice in stripe_api.every(lambda v1: v1.invoices.list(params)):
        if invoice["status"] == "open":
            _void(run, invoice["id"])
        for intent in intents_of(invoice) if invoice["amount_paid"] else []:
            _refund(run, intent)


def _cancel(run: Run, subscription_id: str) -> None:
    """At once and without a last invoice. One that is over or gone needs nothing."""
    try:
        said = stripe_api.ask(lambda v1: v1.subscriptions.retrieve(subscription_id))
        if said["status"] not in Subscription.ENDED:
            run.once("cancel", lambda v1, options: v1.subscriptions.cancel(said["id"], {}, options))
    except StripeGone:
        return


def _void(run: Run, invoice_id: str) -> None:
    step = f"void-{invoice_id}"
    run.once(step, lambda v1, options: v1.invoices.void_invoice(invoice_id, {}, options))


def _refund(run: Run, intent: str) -> None:
    params = {"payment_intent": intent, "reason": "duplicate"}
    try:
        run.once(f"refund-{intent}", lambda v1, options: v1.refunds.create(params, options))
    except StripeRefused as refusal:
        if refusal.reason != _ALREADY:
            raise
