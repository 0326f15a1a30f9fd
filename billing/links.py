"""Addresses at Stripe, fetched when somebody wants to go there. Whoever has one may use it, so
they are kept and logged nowhere.
"""

from typing import Any

from billing import stripe_api
from billing.errors import NotSubscribed, StripeGone
from billing.models import BillingAccount, Invoice
from billing.portal import configuration_id

PDF, PAY = "invoice_pdf", "hosted_invoice_url"


def portal_link(account: BillingAccount, *, back: str, to_card: bool = False) -> str:
    """To the portal, or straight to the form for another card and back. Lasts for minutes."""
    if not account.customer_id:
        raise NotSubscribed
    params: dict[str, Any] = {"customer": account.customer_id, "return_url": back}
    if known := configuration_id():
        params["configuration"] = known
    if to_card:
        after = {"type": "redirect", "redirect": {"return_url": back}}
        params["flow_data"] = {"type": "payment_method_update", "after_completion": after}
    return str(stripe_api.ask(lambda v1: v1.billing_portal.sessions.create(params))["url"])


def invoice_link(invoice: Invoice, which: str) -> str:
    """To its PDF, or to the page where it is paid. Raises StripeGone where there is none."""
    said = stripe_api.ask(lambda v1: v1.invoices.retrieve(invoice.stripe_id))
    if not said.get(which):
        raise StripeGone("There is no such document.")
    return str(said[which])
