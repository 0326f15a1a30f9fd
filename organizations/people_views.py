"""The members of an organization: who they are, what they may, and how they come and go."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from core.http import Request, errors_on, render_form
from core.paging import keyset_page
from organizations.access import organization_for_member, organization_for_owner
from organizations.inviting import invite as send_invitation
from organizations.inviting import resend, revoke
from organizations.listing import owners_shown, people_of, places_of
from organizations.models import Invitation, Membership, Organization
from organizations.people import (
    leave as leave_organization,
)
from organizations.people import make_member, make_owner, remove_member, set_permissions
from organizations.people_forms import AnswerForm, InviteForm, PermissionsForm
from organizations.views import frame_of

PAGE = 50


@never_cache
def members(request: Request, key: str) -> HttpResponse:
    """Owners first, then members. Owners see as well who is to come in, and what needs a look."""
    organization = organization_for_member(request.user, key)
    text, after = request.GET.get("q", "")[:100], request.GET.get("after", "")
    by = ("rank", "joined_at", "id")
    page = keyset_page(people_of(organization, text), by=by, after=after, length=PAGE)
    context = frame_of(organization, "members", page=page, q=text, is_first=not after)
    if request.htmx:
        return render(request, "organizations/members.html#list", context)
    context["places"] = places_of(organization)
    if context["can_administer"]:
        context |= _waiting(organization, request)
    return render(request, "organizations/members.html", context)


def _waiting(organization: Organization, request: Request) -> dict[str, Any]:
    """What only owners see, each with pages of its own."""
    invited, asked = (request.GET.get(name, "") for name in ("invited", "asked"))
    requests = organization.join_requests.open().select_related("user")
    newest, oldest = ("-created_at", "-id"), ("created_at", "id")
    invitations = organization.invitations.open()
    return {
        "owners": owners_shown(organization),
        "invitations": keyset_page(invitations, by=newest, after=invited, length=PAGE),
        "requests": keyset_page(requests, by=oldest, after=asked, length=PAGE),
    }


@never_cache
def invite(request: Request, key: str) -> HttpResponse:
    """One form for whoever is to come in. Its answer is the same for every address."""
    organization = organization_for_owner(request.user, key)
    form = InviteForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            invitation = send_invitation(organization, by=request.user, **form.cleaned_data)
            messages.success(request, f"An invitation is on its way to {invitation.email}.")
            return redirect("organizations:members", key)
    places = places_of(organization)
    context = frame_of(organization, "members", places=places)
    return render_form(request, "organizations/invite.html", form, **context)


@never_cache
def member(request: Request, key: str, user_id: uuid.UUID) -> HttpResponse:
    """One of them: what they may do, and what owners may do about that."""
    organization, membership = _of_owner(request, key, user_id)
    known = {
        name: getattr(membership, name) for name in ("may_create_projects", "may_run_analyses")
    }
    # A form with every box empty is a choice too.
    form = PermissionsForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        set_permissions(organization, membership.user, by=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("organizations:members", key)
    context = frame_of(organization, "members", member=membership)
    return render_form(request, "organizations/member.html", form, **context)


@require_POST
def promote(request: Request, key: str, user_id: uuid.UUID) -> HttpResponse:
    organization, membership = _of_owner(request, key, user_id)
    make_owner(organization, membership.user, by=request.user)
    messages.success(request, f"{membership.user.display_name} is an owner now.")
    return redirect("organizations:members", key)


@require_POST
def demote(request: Request, key: str, user_id: uuid.UUID) -> HttpResponse:
    organization, membership = _of_owner(request, key, user_id)
    make_member(organization, membership.user, by=request.user)
    messages.success(request, f"{membership.user.display_name} is no owner any more, but a member.")
    return redirect("organizations:members", key)


@require_POST
def remove(request: Request, key: str, user_id: uuid.UUID) -> HttpResponse:
    organization, membership = _of_owner(request, key, user_id)
    remove_member(organization, membership.user, by=request.user)
    messages.success(request, f"{membership.user.display_name} is removed.")
    if membership.user == request.user:
        return redirect("home")
    return redirect("organizations:members", key)


def _of_owner(request: Request, key: str, user_id: uuid.UUID) -> tuple[Organization, Membership]:
    organization = organization_for_owner(request.user, key)
    return organization, get_object_or_404(people_of(organization), user=user_id)


@never_cache
def leave(request: Request, key: str) -> HttpResponse:
    """Go, once that was said twice."""
    organization = organization_for_member(request.user, key)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with errors_on(form):
            leave_organization(organization, by=request.user)
            messages.success(request, f"You left {organization.name}.")
            return redirect("home")
    context = frame_of(organization, "members")
    return render_form(request, "organizations/leave.html", form, **context)


@require_POST
def resend_invitation(request: Request, key: str, invitation_id: uuid.UUID) -> HttpResponse:
    invitation = resend(_invitation(request, key, invitation_id), by=request.user)
    messages.success(
        request, f"It is on its way to {invitation.email} again. Links sent before are void."
    )
    return redirect("organizations:members", key)


@require_POST
def revoke_invitation(request: Request, key: str, invitation_id: uuid.UUID) -> HttpResponse:
    invitation = _invitation(request, key, invitation_id)
    revoke(invitation, by=request.user)
    messages.success(request, f"The invitation of {invitation.email} is taken back.")
    return redirect("organizations:members", key)


def _invitation(request: Request, key: str, invitation_id: uuid.UUID) -> Invitation:
    organization = organization_for_owner(request.user, key)
    known = organization.invitations.select_related("organization", "invited_by")
    return get_object_or_404(known, pk=invitation_id)
