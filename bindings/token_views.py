"""What owners do about the token: replace it, have it checked, take a replacement back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bindings import calendars, replacing, slots
from bindings.expiry import reminders_of
from bindings.forms import ExpiryForm, NameForm, ReplaceForm
from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.platforms import token_page
from bindings.views import bound, frame_of
from core.errors import DomainError
from core.http import Request, errors_on, render_form
from organizations.access import organization_for_owner

Slot = PersonalAccessToken.Slot


@never_cache
def replace(request: Request, key: str) -> HttpResponse:
    """Paste the next token. It is verified before the present one is let go."""
    binding, context = _of_owner(request, key)
    standby = binding.tokens.standing_by().defer("secret").first()
    known = {"organization": binding.external_name}
    form = ReplaceForm(request.POST or None, standby=standby, initial=known)
    if form.is_valid():
        with errors_on(form):
            replacing.replace_token(binding, form.replacement(), by=request.user)
            return redirect("bindings:detail", key)
    current = binding.tokens.filter(slot=Slot.CURRENT).defer("secret").first()
    context |= {"token": current, "token_page": token_page(binding.external_name)}
    return render_form(request, "bindings/replace.html", form, **context)


def name(request: Request, key: str) -> HttpResponse:
    """The organization was renamed there; the binding follows it to its new name."""
    binding, context = _of_owner(request, key)
    form = NameForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            new_name = form.cleaned_data["organization"]
            replacing.rename(binding, new_name, by=request.user)
            return redirect("bindings:detail", key)
    return render_form(request, "bindings/name.html", form, **context)


def expiry(request: Request, key: str) -> HttpResponse:
    """When the token in use expires, as only its owner can see there."""
    binding, context = _of_owner(request, key)
    form = ExpiryForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            expires_on = form.cleaned_data["token_expires_on"]
            replacing.declare_expiry(binding, expires_on, by=request.user)
            token = binding.tokens.defer("secret").get(slot=Slot.CURRENT)
            messages.success(request, f"Saved. {reminders_of(token)}")
            return redirect("bindings:detail", key)
    context |= {"token_page": token_page(binding.external_name)}
    return render_form(request, "bindings/expiry.html", form, **context)


@require_POST
def check(request: Request, key: str) -> HttpResponse:
    return _act(request, key, replacing.request_verification)


# What follows is done to the token that was looked at, which the form names, and to no other.


@require_POST
def accept(request: Request, key: str) -> HttpResponse:
    return _act(request, key, _with_mark(request, replacing.accept_differences))


@require_POST
def use_standby(request: Request, key: str) -> HttpResponse:
    said = "The next token is in use now."
    return _act(request, key, _with_mark(request, replacing.use_standby), said)


@require_POST
def undo(request: Request, key: str) -> HttpResponse:
    said = "The earlier token is back in use."
    return _act(request, key, _with_mark(request, replacing.undo_replacement), said)


@require_POST
def discard(request: Request, key: str) -> HttpResponse:
    """Wipe the next token."""
    return _act(request, key, _with_mark(request, slots.discard), "The next token is wiped.")


@never_cache
def calendar(request: Request, key: str) -> HttpResponse:
    """One's address of the calendar. A new one is shown once, and ends the one before."""
    organization, binding = bound(request, key)
    context = {**frame_of(organization, "binding"), "binding": binding}
    if request.method == "POST":
        secret = calendars.make_address(organization, request.user)
        context["address"] = request.build_absolute_uri(calendars.path_of(secret))
    context["has_address"] = calendars.has_address(organization, request.user)
    return render(request, "bindings/calendar.html", context)


def _of_owner(request: Request, key: str) -> tuple[DevOpsBinding, dict[str, Any]]:
    organization = organization_for_owner(request.user, key)
    binding = get_object_or_404(DevOpsBinding, organization=organization)
    return binding, {**frame_of(organization, "binding"), "binding": binding}


def _with_mark(request: Request, operation: Callable[..., Any]) -> Callable[..., Any]:
    return partial(operation, mark=request.POST.get("token", ""))


def _act(request: Request, key: str, operation: Callable[..., Any], said: str = "") -> HttpResponse:
    """Do one thing, and say on the binding's page how it went."""
    binding, _ = _of_owner(request, key)
    try:
        operation(binding, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        if said:
            messages.success(request, said)
    return redirect("bindings:detail", key)
