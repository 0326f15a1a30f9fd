"""What owners see of the claims on their organization."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from claims.access import claim_for_owner
from claims.forms import ObjectionForm
from claims.models import AccessClaim
from claims.objecting import object_as_owner
from core.http import Request
from core.paging import keyset_page
from organizations.access import organization_for_owner

PAGE = 20
OBJECTED_BEFORE = (
    "You have objected already, and that stands. Support has not answered yet; you may object "
    "again once it has."
)


def claims(request: Request, key: str) -> HttpResponse:
    """Open and past ones, the newest first."""
    organization, after = organization_for_owner(request.user, key), request.GET.get("after", "")
    known = AccessClaim.objects.filter(organization=organization).defer("secret")
    known = known.select_related("user").prefetch_related("objections__answer", "evidence")
    context = {
        "organization": organization,
        "nav": "settings",
        "can_administer": True,
        "page": keyset_page(known, by=("-opened_at", "-id"), after=after, length=PAGE),
        "is_first": not after,
        "form": ObjectionForm(),
    }
    return render(request, "claims/owners.html", context)


@require_POST
def object_(request: Request, key: str, claim_id: uuid.UUID) -> HttpResponse:
    claim = claim_for_owner(request.user, key, claim_id)
    if object_as_owner(claim, reason=ObjectionForm(request.POST).given(), by=request.user):
        messages.success(request, "Support knows that you object, and looks into it.")
    else:
        messages.info(request, OBJECTED_BEFORE)
    return redirect("organization-claims:list", key)
