"""The pages of the import: Connect, Details, Plan, Create."""

import uuid
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from billing.errors import (
    AccountBusy,
    CheckoutUnknown,
    CurrencyFixed,
    PriceNotSold,
    StripeSilent,
)
from billing.models import Operation, Plan
from billing.operations import newest_checkout
from billing.prices import price_named, sold
from billing.trial_use import refused_trial
from billing.views import is_first_time
from bindings.errors import AlreadyImported
from bindings.forms import TokenForm
from bindings.platforms import token_page
from core.http import Request, errors_on, render_form
from onboarding.access import import_of
from onboarding.costs import trouble_of
from onboarding.errors import BeingPaid, PlanByContact, TokenGone
from onboarding.estimate_views import shown
from onboarding.forms import ImportDetailsForm
from onboarding.models import Import
from onboarding.operations import (
    abandon_import,
    check_again,
    choose_plan,
    finish_import,
    replace_token,
    save_details,
    start_import,
)
from onboarding.paying import begin_payment, reopen_import, return_from_checkout, trial_days_of
from onboarding.plans import first_choice, key_of, offer_of, plan_page, read_choice, wants_to_see
from onboarding.reserving import free_keys, key_problem
from organizations.errors import KeyTaken
from organizations.keys import suggest_key
from organizations.models import Organization, initials, tint_of
from organizations.views import png

logger = structlog.get_logger(__name__)

STEPS = ["Connect", "Details", "Plan", "Create"]
PAGES = ["onboarding:import", "onboarding:details", "onboarding:plan", "onboarding:create"]


@never_cache
def start(request: Request) -> HttpResponse:
    """Step one: organization and token. Unfinished imports are offered again."""
    form = TokenForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            import_ = start_import(by=request.user, **form.cleaned_data)
            return redirect("onboarding:import", import_.pk)
    unfinished = Import.objects.unfinished().filter(user=request.user)
    # Those whose token was wiped can't be gone on with, unless they are paid.
    unfinished = unfinished.filter(Q(secret__isnull=False) | Q(is_reserved=True)).defer(
        "secret", "repositories", "checks"
    )
    context = _connect_context(unfinished=unfinished.order_by("-started_at")[:5])
    return render_form(request, "onboarding/connect.html", form, **context)


@never_cache
def progress(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """The checks as they come in, and the way on when they are done."""
    import_ = import_of(request.user, import_id)
    if import_.organization:
        return redirect("organizations:detail", import_.organization.key)
    known = {
        "organization": import_.external_name,
        "token_expires_on": import_.token_expires_on,
    }
    if import_.is_being_paid:
        return redirect("onboarding:payment", import_id)
    context = _context(import_, 0, form=TokenForm(initial=known), **_fork(request, import_))
    if not request.htmx:
        return render(request, "onboarding/import.html", context)
    if request.GET.get("seen") == import_.progress_mark:
        return HttpResponse(status=204)
    response = render(request, "onboarding/import.html#checks", context)
    if not import_.is_checking:
        # The rest of the page depends on how it ended.
        response["HX-Refresh"] = "true"
    return response


@never_cache
def token(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Another token for the same import."""
    import_ = import_of(request.user, import_id)
    form = TokenForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            replace_token(import_, by=request.user, **form.cleaned_data)
            return redirect("onboarding:import", import_.pk)
    if request.method != "POST":
        return redirect("onboarding:import", import_.pk)
    context = _context(import_, 0, form=form, **_fork(request, import_))
    return render_form(request, "onboarding/import.html", **context)


@require_POST
def again(request: Request, import_id: uuid.UUID) -> HttpResponse:
    check_again(import_of(request.user, import_id), by=request.user)
    return redirect("onboarding:import", import_id)


@require_POST
def abandon(request: Request, import_id: uuid.UUID) -> HttpResponse:
    if abandon_import(import_of(request.user, import_id), by=request.user):
        messages.success(request, "The import is stopped and its token is wiped.")
    return redirect("home")


@never_cache
def details(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Step two: name, key and what else may be said about the organization."""
    import_ = import_of(request.user, import_id)
    if not import_.is_ready:
        return redirect("onboarding:import", import_id)
    known = {
        "name": import_.name or import_.external_name,
        "key": import_.key or next(iter(free_keys(import_.external_name)), ""),
        "description": import_.description,
        "url": import_.url,
    }
    form = ImportDetailsForm(request.POST or None, request.FILES or None, initial=known)
    if form.is_valid():
        with errors_on(form):
            save_details(import_, by=request.user, **form.details())
            return redirect("onboarding:plan", import_id)
    preview = {"initials": initials(known["name"]), "tint": tint_of(known["key"])}
    context = _context(import_, 1, form=form, **preview)
    return render_form(request, "onboarding/details.html", **context)


def key_check(request: Request) -> HttpResponse:
    """Whether the key being typed is free, with others to take when it is not. `of` is the key of
    the organization that it is for, where there is one already.
    """
    key = request.GET.get("key", "").strip()
    of = request.GET.get("of", "")
    own = Organization.objects.visible_to(request.user).filter(key=of).first() if of else None
    problem = key_problem(key, of=own)
    suggestions = free_keys(suggest_key(key)) if problem else []
    context = {"key": key, "problem": problem, "suggestions": suggestions}
    return render(request, "onboarding/key_check.html", context)


def avatar(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """The uploaded avatar, before there is an organization to show it."""
    import_ = import_of(request.user, import_id)
    if import_.avatar is None:
        raise Http404
    return png(import_.avatar)


@never_cache
def plan(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Step three: the plan, and for Team the tier. Nothing is bought by choosing."""
    import_ = import_of(request.user, import_id)
    if not (import_.may_choose_plan and import_.has_details):
        return redirect("onboarding:details", import_id)
    if not settings.BILLING:
        return redirect("onboarding:create", import_id)
    counted, prices, error = shown(import_.estimate, import_id), sold(Plan.TEAM), None
    fit = counted["fit"].tier if counted.get("fit") else None
    choice = read_choice(request.POST, first_choice(import_, prices, fit))
    if request.method == "POST" and not wants_to_see(request.POST):
        try:
            reopen_import(import_)
            choose_plan(
                import_, plan=choice.plan, lookup_key=key_of(choice, prices), by=request.user
            )
            return redirect("onboarding:create", import_id)
        except (PlanByContact, PriceNotSold) as refusal:
            error = refusal.message
    page = plan_page(choice, prices, fit, trial_days=trial_days_of(import_))
    page["no_trial"] = refused_trial(import_.billing)
    context = _context(import_, 2, **counted, **page, error=error)
    template = "onboarding/plan.html#picked" if request.htmx else "onboarding/plan.html"
    return render(request, template, context, status=422 if error else 200)


@never_cache
def create(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Step four: look once more, and create. Pressing twice opens the same organization."""
    import_ = import_of(request.user, import_id)
    if import_.organization:
        return redirect("organizations:detail", import_.organization.key)
    if not (import_.is_ready and _has_plan(import_) and import_.has_details):
        return redirect("onboarding:plan", import_id)
    if request.method == "POST":
        return _create(request, import_)
    return _last_look(request, import_)


def _last_look(request: Request, import_: Import) -> HttpResponse:
    try:
        price = price_named(import_.lookup_key) if _is_to_be_paid(import_) else None
    except PriceNotSold as refusal:
        messages.error(request, refusal.message)
        return redirect("onboarding:plan", import_.pk)
    days = trial_days_of(import_)
    told = {
        "offer": offer_of(price, [price], trial_days=days) if price else None,
        "is_to_be_paid": _is_to_be_paid(import_),
        "no_trial": refused_trial(import_.billing),
        "trouble": trouble_of(import_),
    }
    return render(request, "onboarding/create.html", _context(import_, 3, **told))


def _create(request: Request, import_: Import) -> HttpResponse:
    try:
        if _is_to_be_paid(import_):
            begin_payment(import_, by=request.user)
            return redirect("onboarding:payment", import_.pk)
        organization = finish_import(import_, by=request.user)
    except (AlreadyImported, TokenGone):
        return redirect("onboarding:import", import_.pk)
    except KeyTaken as error:
        # Somebody took it since it was chosen; everything else stands.
        messages.error(request, f"“{import_.key}”: {error.message}")
        return redirect("onboarding:details", import_.pk)
    except (BeingPaid, PriceNotSold, CurrencyFixed, AccountBusy) as error:
        messages.error(request, error.message)
        return redirect("onboarding:plan", import_.pk)
    return _arrive(request, organization)


def _has_plan(import_: Import) -> bool:
    """Where nothing is sold, nobody is asked for one."""
    return import_.has_plan or not settings.BILLING


def _is_to_be_paid(import_: Import) -> bool:
    return bool(import_.lookup_key) and settings.BILLING


def _arrive(request: Request, organization: Organization) -> HttpResponse:
    messages.success(request, f"{organization.name} is here. Next, add its projects.")
    return _lead(request, reverse("organizations:detail", args=[organization.key]))


def _lead(request: Request, address: str) -> HttpResponse:
    """The browser goes there, also when only a part of a page was asked for."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


@never_cache
def payment(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Waits with whoever pays: until there is a checkout to go to, then until it is paid."""
    import_ = import_of(request.user, import_id)
    if import_.organization:
        return _arrive(request, import_.organization)
    if not import_.waits_for_payment or import_.billing is None:
        page = "onboarding:create" if import_.is_ready else "onboarding:import"
        return _lead(request, reverse(page, args=[import_id]))
    checkout = newest_checkout(import_.billing)
    address = _checkout_to_go_to(request, checkout) if checkout and not import_.paid_at else ""
    if address:
        return _lead(request, address)
    template = "onboarding/payment.html#payment" if request.htmx else "onboarding/payment.html"
    return render(request, template, _context(import_, 3, checkout=checkout))


def _checkout_to_go_to(request: Request, checkout: Operation) -> str:
    """Its address, once: who comes back from it is asked before being sent there again."""
    wants = request.htmx or "go" in request.GET
    return checkout.url if wants and checkout.is_done and is_first_time(request, checkout) else ""


@require_POST
def reopen(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Back from the checkout, to choose otherwise."""
    reopen_import(import_of(request.user, import_id))
    return redirect("onboarding:plan", import_id)


@never_cache
def paid(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Where the checkout sends who has paid. Coming here proves nothing: Stripe is asked."""
    import_ = import_of(request.user, import_id)
    session_id = request.GET.get("session_id", "")
    try:
        return_from_checkout(import_, session_id)
    except CheckoutUnknown as error:
        logger.warning("checkout_forged", import_id=str(import_id))
        raise Http404 from error
    except (StripeSilent, AccountBusy):
        # The page waits, and whoever else looks finds it out.
        logger.info("checkout_not_looked_at", import_id=str(import_id))
    return redirect("onboarding:payment", import_id)


def _context(import_: Import, current: int, **context: Any) -> dict[str, Any]:
    """What every step shows: the line of steps, and the panel beside the form."""
    reached = 1 + import_.may_choose_plan + import_.has_details + _has_plan(import_)
    states = ["done"] * current + ["current"] + ["todo"] * (len(STEPS) - current - 1)
    steps = [
        {
            "label": label,
            "state": state,
            "url": reverse(page, args=[import_.pk]) if number < reached else "",
        }
        for number, (label, state, page) in enumerate(zip(STEPS, states, PAGES, strict=True))
    ]
    return _connect_context(**{"import": import_}, steps=_taken(steps), **context) | {
        "token_page": token_page(import_.external_name)
    }


def _connect_context(**context: Any) -> dict[str, Any]:
    first = [{"label": label, "state": "todo", "url": ""} for label in STEPS]
    first[0]["state"] = "current"
    return {"steps": _taken(first), "azure_url": settings.AZURE_DEVOPS_URL, **context}


def _taken(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without that of the plan where nothing is sold."""
    return [step for step in steps if settings.BILLING or step["label"] != "Plan"]


def _fork(request: Request, import_: Import) -> dict[str, Any]:
    """Who is a member gets the way in; everyone else learns only that it exists."""
    if not import_.is_refused or not (binding := import_.bound_elsewhere()):
        return {}
    is_member = binding.organization.memberships.filter(user=request.user).exists()
    return {"exists_already": True, "mine": binding.organization if is_member else None}
