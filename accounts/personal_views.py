"""What somebody may do about all that we hold of them."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts import deleting
from accounts.forms import DeleteAccountForm
from core.http import Request, errors_on, render_form


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
