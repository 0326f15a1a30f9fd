"""What owners answer who asks to join, and how askers take it back."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.http import Request
from organizations import asking
from organizations.access import organization_for_owner
from organizations.models import JoinRequest


@require_POST
def approve(request: Request, key: str, request_id: uuid.UUID) -> HttpResponse:
    wanted = _of_owner(request, key, request_id)
    asking.approve(wanted, by=request.user)
    messages.success(request, f"{wanted.user.display_name} is a member now, and is told so.")
    return redirect("organizations:members", key)


@require_POST
def decline(request: Request, key: str, request_id: uuid.UUID) -> HttpResponse:
    wanted = _of_owner(request, key, request_id)
    asking.decline(wanted, by=request.user)
    messages.success(request, f"{wanted.user.display_name} is declined, and is told so.")
    return redirect("organizations:members", key)


def _of_owner(request: Request, key: str, request_id: uuid.UUID) -> JoinRequest:
    organization = organization_for_owner(request.user, key)
    known = organization.join_requests.select_related("organization", "user")
    return get_object_or_404(known, pk=request_id)


@require_POST
def withdraw(request: Request, request_id: uuid.UUID) -> HttpResponse:
    """One's own; nobody else's exists."""
    mine = request.user.join_requests.select_related("organization")
    asking.withdraw_request(get_object_or_404(mine, pk=request_id), by=request.user)
    messages.success(request, "Your request is withdrawn.")
    return redirect("home")
