"""Where the link in an invitation leads."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from accounts.addresses import has_confirmed
from core.http import Request, errors_on
from organizations.inviting import accept
from organizations.links import invitation_of, masked, path_of
from organizations.models import Invitation
from organizations.people_forms import AnswerForm

GONE = 410


@login_not_required
@never_cache
def invitation(request: Request, signed: str) -> HttpResponse:
    """Who invites whom to what. Whoever has confirmed that very address may accept."""
    found = invitation_of(signed)
    if found is None:
        raise Http404
    wanted, sending = found
    if _is_inside(request, wanted):
        return redirect("organizations:detail", wanted.organization.key)
    if request.method == "POST":
        return _accept(request, wanted, sending)
    return _show(request, wanted, sending)


def _is_inside(request: Request, wanted: Invitation) -> bool:
    """Whether whoever looks belongs to the organization already. What a member's invitation may
    still give, such as the role of an owner, is for owners to give.
    """
    if not request.user.is_authenticated:
        return False
    return wanted.organization.memberships.filter(user=request.user).exists()


def _accept(request: Request, wanted: Invitation, sending: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    form = AnswerForm(request.POST)
    if form.is_valid():
        with errors_on(form):
            organization = accept(wanted, sending=sending, by=request.user)
            messages.success(request, f"Welcome to {organization.name}.")
            return redirect("organizations:detail", organization.key)
    return _show(request, wanted, sending, form=form, status=422)


def _show(
    request: Request, wanted: Invitation, sending: int, *, status: int = 200, **context: Any
) -> HttpResponse:
    if not _is_usable(wanted, sending):
        return render(request, "organizations/invitation_over.html", status=GONE)
    user = request.user
    is_theirs = user.is_authenticated and has_confirmed(user, wanted.email)
    context |= {
        "invitation": wanted,
        "is_theirs": is_theirs,
        "address": wanted.email if is_theirs else masked(wanted.email),
    }
    return render(request, "organizations/invitation.html", context, status=status)


def _is_usable(wanted: Invitation, sending: int) -> bool:
    is_open = wanted.accepted_at is None and wanted.revoked_at is None
    return is_open and not wanted.has_expired and wanted.sending == sending


@never_cache
def invited(request: Request, invitation_id: uuid.UUID) -> HttpResponse:
    """From the bell to the invitation, for who has its address; nobody else learns of it."""
    wanted = get_object_or_404(Invitation, pk=invitation_id)
    if not has_confirmed(request.user, wanted.email):
        raise Http404
    return redirect(path_of(wanted))
