"""The billing page: what is paid for, what comes next, and what was billed."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from billing.access import selling_to
from billing.links import PAY, PDF, invoice_link, portal_link
from billing.models import BillingAccount, Invoice, Operation, Subscription
from billing.money import in_words
from billing.plans import next_charge
from billing.showing import standing_of
from billing.standing import entitlements_for
from billing.trial_use import refused_trial
from billing.usage import lines_with_analyses
from billing.words import address_lines, card_in_words, moment, title_of
from bindings.views import frame_of
from core.errors import DomainError
from core.http import Request
from organizations.access import organization_for_member, organization_for_owner
from organizations.models import Organization

NEWEST = 24
# Attempts after which nobody sits and waits.
SEVERAL = 5
# What is said once a worker has done it.
DONE = {
    "checkout": "",
    "upgrade": "Your plan is changed.",
    "downgrade": "Planned: your plan changes with the next period. Until then it can be undone.",
    "undo": "Called off. Your plan stays as it is.",
    "cancel": "Cancelled. You keep everything until the period ends, and can resume till then.",
    "resume": "It goes on. Thank you for staying.",
    "details": "Saved.",
    "end": "Ended.",
}


@dataclass(frozen=True)
class Paid:
    """A row of the list of invoices."""

    invoice: Invoice
    total: str
    refunded: str

    @property
    def is_open(self) -> bool:
        return self.invoice.status in ("open", "uncollectible")


@never_cache
def detail(request: Request, key: str) -> HttpResponse:
    """The page; a panel of the overview; and, polled, the state of what was asked for."""
    organization = selling_to(organization_for_member(request.user, key))
    account = BillingAccount.objects.filter(organization=organization).first()
    context = _for_members(organization, account)
    for part in ("panel", "ending"):
        if request.htmx and part in request.GET:
            return render(request, f"billing/detail.html#{part}", context)
    if not context["can_administer"]:
        return render(request, "billing/detail.html", context)
    operation = _operation(account, request.GET.get("operation", ""))
    if operation and request.htmx:
        return _polled(request, organization, operation)
    if operation and _leads_away(operation) and is_first_time(request, operation):
        return lead_away(request, operation.url)
    context |= _for_owners(account, context) | _told(operation, context["subscription"])
    return render(request, "billing/detail.html", context)


def _for_members(organization: Organization, account: BillingAccount | None) -> dict[str, Any]:
    """Plan and usage; what is paid and by whom is for owners."""
    subscription = newest_of(account)
    entitlements = entitlements_for(organization.pk)
    owed = _owed(account)
    in_use = lines_with_analyses(organization.pk)
    return {
        **frame_of(organization, "billing"),
        "account": account,
        "subscription": subscription,
        "plan": title_of(subscription) if subscription and subscription.is_live else "Free",
        "entitlements": entitlements,
        "in_use": in_use,
        "over": max(0, in_use - (entitlements.loc_limit or in_use)),
        "owed": owed,
        "standing": standing_of(subscription, entitlements, account, owed),
    }


def newest_of(account: BillingAccount | None) -> Subscription | None:
    return account.subscriptions.newest_first().first() if account else None


def _owed(account: BillingAccount | None) -> Invoice | None:
    if account is None:
        return None
    unpaid = account.invoices.filter(status__in=("open", "uncollectible"))
    return unpaid.order_by("-created_at").first()


def _for_owners(account: BillingAccount | None, context: dict[str, Any]) -> dict[str, Any]:
    if account is None:
        return {"operation": None, "charge": None, "invoices": []}
    invoices = account.invoices.exclude(status__in=("draft", "void")).order_by("-created_at", "-id")
    waiting = account.operations.open().exclude(kind=Operation.Kind.REFUND).first()
    return {
        **_under_way(waiting),
        "open_checkout": _open_checkout(account),
        "no_trial": refused_trial(account),
        "charge": next_charge(context["subscription"], account),
        "invoices": [_paid(each) for each in invoices[:NEWEST]],
        "credit": in_words(account.credit, account.currency or "eur") if account.credit > 0 else "",
        "address": address_lines(account.address),
        "card": card_in_words(account.card),
    }


def _open_checkout(account: BillingAccount) -> Operation | None:
    if not account.checkout_is_open:
        return None
    checkouts = account.operations.filter(kind=Operation.Kind.CHECKOUT)
    return checkouts.filter(steps__session=account.checkout_id).first()


def _paid(invoice: Invoice) -> Paid:
    refunded = invoice.amount_refunded
    return Paid(
        invoice,
        in_words(invoice.total, invoice.currency),
        in_words(refunded, invoice.currency) if refunded else "",
    )


# What was asked for


def _operation(account: BillingAccount | None, named: str) -> Operation | None:
    """The one that the address names, if it is of this account."""
    try:
        identifier = uuid.UUID(named)
    except ValueError:
        return None
    return account.operations.filter(pk=identifier).first() if account else None


def _leads_away(operation: Operation) -> bool:
    """To a checkout that was opened just now."""
    is_checkout = operation.kind == Operation.Kind.CHECKOUT
    is_open = operation.account.checkout_id == operation.steps.get("session")
    return bool(is_checkout and operation.url and operation.state == "done" and is_open)


def _polled(request: Request, organization: Organization, operation: Operation) -> HttpResponse:
    """Once it is done, or has failed, the whole page is another one."""
    if operation.state == Operation.State.WAITING:
        context = {"organization": organization, **_under_way(operation)}
        return render(request, "billing/detail.html#waiting", context)
    here = reverse("billing:detail", args=[organization.key])
    address = f"{here}?operation={operation.pk}"
    if _leads_away(operation) and is_first_time(request, operation):
        address = operation.url
    return HttpResponse(status=204, headers={"HX-Redirect": address})


def _told(operation: Operation | None, subscription: Subscription | None) -> dict[str, Any]:
    if operation is None:
        return {}
    match operation.state:
        case Operation.State.FAILED:
            return {"failed": operation}
        case Operation.State.DONE if _is_had(operation, subscription):
            return {"done": DONE.get(operation.kind, "")}
    return {}


def _under_way(operation: Operation | None) -> dict[str, Any]:
    """What is being done, in words. While nobody answers it is not asked for each second."""
    if operation is None:
        return {"waiting": None}
    is_slow = operation.attempts > 1
    words = "Taking you to the checkout…" if operation.kind == "checkout" else "Under way…"
    if is_slow and operation.kind != "checkout":
        words = (
            "Our payment service is slow to answer. We keep trying; you need not wait here."
            if operation.tried_until is None or operation.error_code == "broken"
            else f"{operation.get_kind_display()}: this is not done yet, because our payment "
            f"service does not answer. We keep trying until {moment(operation.tried_until)}. You "
            "need not wait here, and are told if it does not work by then."
        )
    pace = "15s" if operation.attempts > SEVERAL else "1s"
    return {"waiting": operation, "waiting_words": words, "pace": pace}


def _is_had(operation: Operation, subscription: Subscription | None) -> bool:
    """An upgrade that had to be paid may have been called off or forgotten instead, and what is
    resumed stays paused until it is paid.
    """
    if operation.kind == Operation.Kind.RESUME:
        return bool(subscription and subscription.status != "paused")
    quote = operation.quote if operation.had_to_be_paid else None
    return quote is None or bool(subscription and subscription.price_id == quote.price.price_id)


# Elsewhere


def lead_away(request: Request, address: str) -> HttpResponse:
    """To another site by a page of our own: browsers let no form lead there, nor the redirect that
    answers it (form-action in our policy).
    """
    return render(request, "billing/leading.html", {"address": address})


def is_first_time(request: Request, checkout: Operation) -> bool:
    """Whether this browser is about to be taken there for the first time. Who comes back by its
    button isn't sent there again.
    """
    before = request.session.get("taken_to")
    request.session["taken_to"] = str(checkout.pk)
    return before != str(checkout.pk)


@require_POST
@never_cache
def portal(request: Request, key: str) -> HttpResponse:
    """To Stripe's portal, where cards are kept."""
    account = account_of_owner(request, key)
    back = f"{settings.SITE_URL}{reverse('billing:detail', args=[key])}"
    to_card = request.POST.get("to") == "card"
    return _away(request, key, lambda: portal_link(account, back=back, to_card=to_card))


@never_cache
def invoice(request: Request, key: str, invoice_id: str) -> HttpResponse:
    return _to_invoice(request, key, invoice_id, PDF)


@never_cache
def pay(request: Request, key: str, invoice_id: str) -> HttpResponse:
    """To the page where an open invoice is paid, or a payment confirmed."""
    return _to_invoice(request, key, invoice_id, PAY)


def _to_invoice(request: Request, key: str, invoice_id: str, which: str) -> HttpResponse:
    account = account_of_owner(request, key)
    found = get_object_or_404(account.invoices, stripe_id=invoice_id)
    return _away(request, key, lambda: invoice_link(found, which))


def _away(request: Request, key: str, fetch: Callable[[], str]) -> HttpResponse:
    """To an address at Stripe, or back to the page, which says why not."""
    try:
        address = fetch()
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("billing:detail", key)
    is_form = request.method == "POST"
    return lead_away(request, address) if is_form else HttpResponseRedirect(address)


def account_of_owner(request: Request, key: str) -> BillingAccount:
    organization = selling_to(organization_for_owner(request.user, key))
    return get_object_or_404(BillingAccount, organization=organization)


def to_page(key: str, operation: Operation) -> HttpResponse:
    """To the page, which shows how it goes on."""
    return redirect(f"{reverse('billing:detail', args=[key])}?operation={operation.pk}")
