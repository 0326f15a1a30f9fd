"""What somebody may do about all that we hold of them."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import deleting, personal
from accounts.errors import TakenOften
from accounts.forms import DeleteAccountForm
from core.exports import json_document_response
from core.http import Request, errors_on, render_form
from core.limits import is_within

AN_HOUR = 10


@reauthentication_required
def data(request: Request) -> HttpResponse:
    """What there is to take along, by its titles."""
    context = {"titles": [part.title for part in personal.parts()]}
    return render(request, "accounts/data.html", context)


@never_cache
@reauthentication_required
@require_safe
def download(request: Request) -> HttpResponseBase:
    """All of it as one file, written while it is read. Raises TakenOften."""
    user = request.user
    if not is_within(AN_HOUR, what="personal-data", who=str(user.pk)):
        raise TakenOften
    return json_document_response("mooring-data.json", personal.everything_of(user))


@never_cache
@reauthentication_required
def delete_account(request: Request) -> HttpResponse:
    """What is about to end and what stands in the way; with the address typed, it goes at once."""
    user = request.user
    typed = request.POST if request.method == "POST" else None
    form = DeleteAccountForm(typed, email=user.email)
    if form.is_valid():
        with errors_on(form):
            deleting.delete_account(user)
            logout(request)
            messages.success(request, "Your account is deleted. A mail confirms it.")
            return redirect("home")
    context = {"obstacles": deleting.obstacles_of(user)}
    return render_form(request, "accounts/delete_account.html", form, **context)
