"""Who pays, where, and with which tax ids: what owners type, given to Stripe."""

from typing import Any

from billing import stripe_api
from billing.customers import ensure_customer
from billing.errors import StripeGone, StripeRefused, TaxIdInvalid
from billing.models import Operation
from billing.running import OURS_TO_MEND, Run, performs

ADDRESS = ("line1", "line2", "postal_code", "city", "state", "country")


@performs(Operation.Kind.DETAILS)
def write_details(run: Run) -> None:
    """First the tax id, which alone can be refused: then nothing has changed."""
    asked = run.operation.params
    customer = ensure_customer(run)
    if asked.get("tax_id"):
        _add_tax_id(run, customer, asked["tax_id"])
    if asked.get("remove_tax_id"):
        _remove_tax_id(run, customer, asked["remove_tax_id"])
    changes: dict[str, Any] = {name: asked[name] for name in ("email", "name") if name in asked}
    if "address" in asked:
        known = asked["address"]
        changes["address"] = {part: known[part] for part in ADDRESS if known.get(part)}
    if changes:
        run.once("details", lambda v1, options: v1.customers.update(customer, changes, options))
        _finish_invoices(run, customer)


def _add_tax_id(run: Run, customer: str, tax_id: dict[str, str]) -> None:
    """A tax id that is there already needs no second one."""
    known = stripe_api.every(lambda v1: v1.customers.tax_ids.list(customer, {"limit": 100}))
    if any((each["type"], each["value"]) == (tax_id["type"], tax_id["value"]) for each in known):
        return
    try:
        run.once("tax-id", lambda v1, o: v1.customers.tax_ids.create(customer, tax_id, o))
    except StripeRefused as refusal:
        if refusal.reason == TaxIdInvalid.code:
            raise TaxIdInvalid from refusal
        raise


def _remove_tax_id(run: Run, customer: str, tax_id: str) -> None:
    try:
        run.once("tax-id-gone", lambda v1, o: v1.customers.tax_ids.delete(customer, tax_id, {}, o))
    except StripeGone:
        return


def _finish_invoices(run: Run, customer: str) -> None:
    """Those that could not be finished because nobody knew where the customer is."""
    drafts = {"customer": customer, "status": "draft", "limit": 100}
    for invoice in stripe_api.every(lambda v1: v1.invoices.list(drafts)):
        if invoice.get("last_finalization_error"):
            _finalize(run, invoice["id"])


def _finalize(run: Run, invoice: str) -> None:
    try:
        run.once(f"final-{invoice}", lambda v1, o: v1.invoices.finalize_invoice(invoice, {}, o))
    except OURS_TO_MEND:
        raise
    except StripeRefused:
        # The address is saved, and is still not enough; the page says so.
        return
