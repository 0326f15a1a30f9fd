"""Changing what is paid for: choosing, quotes, undoing, cancelling, and who pays."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from billing.access import selling_to
from billing.allowed import way_to
from billing.catalogue import catalogue
from billing.changes import (
    accept_quote,
    cancel_subscription,
    change_details,
    open_account,
    plan_change,
    resume_subscription,
    undo_change,
)
from billing.directions import Way
from billing.discounts import after_discounts
from billing.forms import CancelForm, ChoiceForm, DetailsForm, known_details
from billing.models import BillingAccount, CatalogPrice, Operation, Subscription
from billing.money import in_words
from billing.operations import start_checkout
from billing.plans import amounts_of, currencies_for, tiers_of
from billing.prices import price_named, sold, tier_that_fits
from billing.quotes import quote_resumption, quote_upgrade
from billing.showing import charge_to_come, named
from billing.trial_use import external_of, refused_trial, trial_days
from billing.usage import lines_with_analyses
from billing.views import account_of_owner, newest_of, to_page
from billing.words import plus_tax, title_of
from bindings.views import frame_of
from core.errors import DomainError
from core.http import Request, errors_on, render_form
from organizations.access import organization_for_owner
from organizations.models import Organization


@never_cache
def change(request: Request, key: str) -> HttpResponse:
    """Choose another tier or rhythm, and see what it costs before anything happens. Where nothing
    was bought yet, a choice leads to the checkout.
    """
    organization, account = _of_owner(request, key)
    subscription = _live(account)
    form = _choice_form(request, organization, account, subscription)
    context = _picker(organization, account, subscription, form)
    if form.is_valid():
        with errors_on(form):
            price = form.price()
            if subscription is None:
                return _buy(request, organization, price)
            context |= _offer(request, subscription, price, context["in_use"])
    template = "billing/change.html#offer" if request.htmx else "billing/change.html"
    return render_form(request, template, form, **context)


def _of_owner(request: Request, key: str) -> tuple[Organization, BillingAccount | None]:
    organization = selling_to(organization_for_owner(request.user, key))
    return organization, BillingAccount.objects.filter(organization=organization).first()


def _live(account: BillingAccount | None) -> Subscription | None:
    newest = newest_of(account)
    return newest if newest and newest.is_live else None


def _choice_form(
    request: Request,
    organization: Organization,
    account: BillingAccount | None,
    subscription: Subscription | None,
) -> ChoiceForm:
    fit = tier_that_fits(lines_with_analyses(organization.pk))
    currencies = currencies_for(account, subscription)
    asked = request.GET.get("currency", "")
    initial = {
        "loc_limit": subscription.loc_limit if subscription else fit.loc_limit,
        "interval": subscription.interval if subscription else "month",
        "currency": asked if asked in currencies else currencies[0],
    }
    return ChoiceForm(request.POST or None, currencies=currencies, initial=initial)


def _picker(
    organization: Organization,
    account: BillingAccount | None,
    subscription: Subscription | None,
    form: ChoiceForm,
) -> dict[str, Any]:
    in_use = lines_with_analyses(organization.pk)
    fit = tier_that_fits(in_use)
    currency = form.shown_currency
    chosen = str(form["loc_limit"].value())
    return {
        **frame_of(organization, "billing"),
        "account": account,
        "subscription": subscription,
        "current": title_of(subscription) if subscription else "Free",
        "awaited": _awaited(subscription),
        "in_use": in_use,
        "fit": fit,
        "tiers": tiers_of(
            sold("team", currency=currency),
            int(chosen) if chosen.isdecimal() else 0,
            subscription,
            fit,
        ),
        "currency": currency,
        "currencies": currencies_for(account, subscription),
        "no_trial": refused_trial(account),
        "trial_days": 0 if subscription else trial_days(account, external_of(organization)),
    }


def _awaited(subscription: Subscription | None) -> str:
    """What waits for its payment, in words."""
    is_awaited = subscription is not None and subscription.awaits_payment
    return named(subscription.pending_lookup_key) if subscription and is_awaited else ""


def _buy(request: Request, organization: Organization, price: CatalogPrice) -> HttpResponse:
    account = open_account(organization, by=request.user)
    return to_page(organization.key, start_checkout(account, price=price, by=request.user))


def _offer(
    request: Request, subscription: Subscription, price: CatalogPrice, in_use: int
) -> dict[str, Any]:
    """What would change, from when on, and for how much."""
    common = {
        "before": title_of(subscription),
        "after": title_of(price),
        "price": price,
        "price_words": _each_time(price, subscription),
        "too_few": max(0, in_use - price.loc_limit),
    }
    if way_to(subscription, price) == Way.LATER:
        return common | {"later": True, "starts_at": subscription.period_end}
    quote = quote_upgrade(subscription.account, price, by=request.user)
    return common | {"quote": quote, "amounts": amounts_of(quote)}


def _each_time(price: CatalogPrice, subscription: Subscription) -> str:
    """From the next period on."""
    at, account = subscription.period_end, subscription.account
    amount = after_discounts(price.amount, subscription, account, at, once=False)
    return f"{in_words(amount, price.currency)}{plus_tax()}"


@require_POST
def accept(request: Request, key: str) -> HttpResponse:
    """Do what was quoted. A quote that no longer holds leads to a new one."""
    account = account_of_owner(request, key)
    try:
        quote_id = uuid.UUID(request.POST.get("quote", ""))
        operation = accept_quote(account, quote_id, by=request.user)
    except ValueError:
        return redirect("billing:change", key)
    except DomainError as error:
        messages.error(request, error.message)
        is_paused = account.subscriptions.live().filter(status="paused").exists()
        return redirect("billing:detail" if is_paused else "billing:change", key)
    return to_page(key, operation)


@require_POST
def later(request: Request, key: str) -> HttpResponse:
    """Have another plan with the next period."""
    account = account_of_owner(request, key)
    try:
        operation = plan_change(
            account,
            price_named(request.POST.get("price", "")),
            by=request.user,
            confirmed=request.POST.get("confirmed") == "on",
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("billing:change", key)
    return to_page(key, operation)


@require_POST
def undo(request: Request, key: str) -> HttpResponse:
    return _act(request, key, undo_change)


@require_POST
def resume(request: Request, key: str) -> HttpResponse:
    """What is paused costs something, which is shown first."""
    organization, account = _of_owner(request, key)
    subscription = _live(account)
    if account and subscription and subscription.status == "paused":
        return _show_resumption(request, organization, account)
    return _act(request, key, resume_subscription)


def _show_resumption(
    request: Request, organization: Organization, account: BillingAccount
) -> HttpResponse:
    try:
        quote = quote_resumption(account, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("billing:detail", organization.key)
    context = {
        **frame_of(organization, "billing"),
        "plan": title_of(quote.price),
        "quote": quote,
        "amounts": amounts_of(quote),
    }
    return render(request, "billing/resume.html", context)


def _act(request: Request, key: str, ask: Any) -> HttpResponse:
    account = account_of_owner(request, key)
    try:
        return to_page(key, ask(account, by=request.user))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("billing:detail", key)


@never_cache
def cancel(request: Request, key: str) -> HttpResponse:
    """What ends when, before one says so."""
    organization, account = _of_owner(request, key)
    subscription = _live(account)
    if account is None or subscription is None or subscription.cancels_at:
        return redirect("billing:detail", key)
    form = CancelForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            return to_page(key, cancel_subscription(account, by=request.user, **form.cleaned_data))
    in_use, free = lines_with_analyses(organization.pk), catalogue().free.loc_limit or 0
    context = {
        **frame_of(organization, "billing"),
        "subscription": subscription,
        "plan": title_of(subscription),
        "free": free,
        "too_few": max(0, in_use - free),
        "in_use": in_use,
        "begun": charge_to_come(subscription, account),
    }
    return render_form(request, "billing/cancel.html", form, **context)


@never_cache
def details(request: Request, key: str) -> HttpResponse:
    """Who pays, where, and with which tax ids."""
    organization, account = _of_owner(request, key)
    refused = _refused_before(account, request.GET.get("operation", ""))
    form = DetailsForm(
        request.POST or None,
        initial=known_details(organization, account, refused.params if refused else {}),
    )
    if form.is_valid():
        with errors_on(form):
            account = open_account(organization, by=request.user)
            return to_page(key, change_details(account, by=request.user, **form.details()))
    context = {**frame_of(organization, "billing"), "account": account, "refused": refused}
    return render_form(request, "billing/details.html", form, **context)


def _refused_before(account: BillingAccount | None, named: str) -> Operation | None:
    try:
        identifier = uuid.UUID(named)
    except ValueError:
        return None
    if account is None:
        return None
    failed = account.operations.filter(kind=Operation.Kind.DETAILS, state=Operation.State.FAILED)
    return failed.filter(pk=identifier).first()


@require_POST
def remove_tax_id(request: Request, key: str) -> HttpResponse:
    """One of those that are known; any other is none of theirs."""
    account = account_of_owner(request, key)
    named = request.POST.get("tax_id", "")
    if named not in [each["id"] for each in account.tax_ids]:
        return redirect("billing:details", key)
    return to_page(key, change_details(account, by=request.user, remove_tax_id=named))
