"""Deleting an organization, and bringing it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from core.http import Request
from organizations.access import organization_for_owner, organization_waiting_to_go
from organizations.ending import ask_deletion, undo_deletion
from organizations.views import frame_of


@never_cache
def delete(request: Request, key: str) -> HttpResponse:
    """Ask for the deletion, once the key has been typed to confirm it."""
    organization = organization_for_owner(request.user, key)
    typed = request.POST.get("confirm", "")
    if request.method == "POST" and typed == organization.key:
        due_at = ask_deletion(organization, by=request.user)
        said = f"{organization.name} is deleted on {due_at:%A %-d %B %Y, %H:%M} UTC."
        messages.success(request, f"{said} Until then you can bring it back from here.")
        return redirect("home")
    refused = request.method == "POST"
    context = frame_of(organization, "settings", refused=refused, typed=typed)
    context["members"] = organization.memberships.count()
    status = 422 if refused else 200
    return render(request, "organizations/delete.html", context, status=status)


@never_cache
def restore(request: Request, key: str) -> HttpResponse:
    """What waits to be deleted, and the way back. For its owners; nobody else sees it."""
    organization = organization_waiting_to_go(request.user, key)
    if request.method == "POST":
        undo_deletion(organization, by=request.user)
        said = "Its tokens were wiped: paste a new one under Binding."
        messages.success(request, f"{organization.name} is back. {said}")
        return redirect("organizations:detail", organization.key)
    return render(request, "organizations/restore.html", {"organization": organization})
