"""Changing the key of an organization."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from core.http import Request, errors_on, render_form
from organizations.access import organization_for_owner
from organizations.forms import KeyForm
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
