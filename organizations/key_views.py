"""Changing the key of an organization, and its recovery contact."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from core.http import Request, errors_on, render_form
from organizations.access import organization_for_owner
from organizations.forms import KeyForm, RecoveryForm
from organizations.recovery import set_recovery_email
from organizations.renaming import change_key, former_keys_of
from organizations.views import frame_of


@never_cache
def change(request: Request, key: str) -> HttpResponse:
    """What breaks, the new key, and the present one typed to confirm that it is meant."""
    organization = organization_for_owner(request.user, key)
    form = KeyForm(request.POST or None, present=organization.key)
    if form.is_valid():
        with errors_on(form):
            change_key(organization, form.cleaned_data["key"], by=request.user)
            messages.success(request, f"The key is {organization.key} now.")
            return redirect("organizations:settings", organization.key)
    context = frame_of(organization, "settings", former_keys=former_keys_of(organization))
    return render_form(request, "organizations/key.html", form, **context)


@never_cache
def recovery(request: Request, key: str) -> HttpResponse:
    """Who is asked when no owner can be reached."""
    organization = organization_for_owner(request.user, key)
    known = {"recovery_email": organization.recovery_email}
    # An empty address is a choice too.
    form = RecoveryForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        with errors_on(form):
            set_recovery_email(organization, form.cleaned_data["recovery_email"], by=request.user)
            messages.success(request, "Saved. Both addresses are told by mail.")
            return redirect("organizations:settings", key)
    context = frame_of(organization, "settings")
    return render_form(request, "organizations/recovery.html", form, **context)
