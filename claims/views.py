"""The pages of who claims, and the one to which a mailed link leads."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from claims import links
from claims.access import claim_of
from claims.errors import ClaimOver
from claims.forms import AnswerForm, ClaimForm, ObjectionForm, PasteForm
from claims.models import AccessClaim
from claims.objecting import object_to
from claims.operations import answer_question, claim_named, look_now, paste_token, withdraw_claim
from claims.showing import shown, timeline
from claims.waiting import full_wait
from core.http import Request, errors_on, render_form
from core.paging import keyset_page

PAGE, MOST_SHOWN = 20, 50


def mine(request: Request) -> HttpResponse:
    """One's own claims, the newest first."""
    after = request.GET.get("after", "")
    own = AccessClaim.objects.filter(user=request.user).defer("secret", "statement")
    page = keyset_page(own, by=("-opened_at", "-id"), after=after, length=PAGE)
    return render(request, "claims/list.html", {"page": page, "is_first": not after})


@never_cache
def new(request: Request) -> HttpResponse:
    """Claim an organization by its name there."""
    form = ClaimForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            typed = form.cleaned_data
            claim = claim_named(
                typed["organization"], statement=typed["statement"], by=request.user
            )
            return redirect("claims:detail", claim.pk)
    return render_form(request, "claims/new.html", form, wait_days=full_wait().days)


@never_cache
def detail(request: Request, claim_id: uuid.UUID) -> HttpResponse:
    """How far a claim is. While we look, htmx asks again."""
    claim = claim_of(request.user, claim_id)
    if request.htmx and claim.is_looking:
        return HttpResponse(status=204)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "claims/detail.html", _context(claim))


@require_POST
def paste(request: Request, claim_id: uuid.UUID) -> HttpResponse:
    claim, form = claim_of(request.user, claim_id), PasteForm(request.POST)
    if form.is_valid():
        with errors_on(form):
            paste_token(claim, form.cleaned_data["token"], by=request.user)
            return redirect("claims:detail", claim.pk)
    return _refused(request, claim, "paste_form", form)


@require_POST
def look(request: Request, claim_id: uuid.UUID) -> HttpResponse:
    look_now(claim_of(request.user, claim_id), by=request.user)
    return redirect("claims:detail", claim_id)


@require_POST
def answer(request: Request, claim_id: uuid.UUID) -> HttpResponse:
    claim, form = claim_of(request.user, claim_id), AnswerForm(request.POST)
    if form.is_valid():
        with errors_on(form):
            answer_question(claim, form.cleaned_data["text"], by=request.user)
            messages.success(request, "Support has your answer.")
            return redirect("claims:detail", claim.pk)
    return _refused(request, claim, "answer_form", form)


@require_POST
def withdraw(request: Request, claim_id: uuid.UUID) -> HttpResponse:
    withdraw_claim(claim_of(request.user, claim_id), by=request.user)
    messages.success(request, "The claim is withdrawn.")
    return redirect("claims:detail", claim_id)


def _refused(request: Request, claim: AccessClaim, name: str, form: BaseForm) -> HttpResponse:
    context = _context(claim, **{name: form, "form": form})
    return render(request, "claims/detail.html", context, status=422)


def _context(claim: AccessClaim, **forms: Any) -> dict[str, Any]:
    evidence = claim.evidence.for_claimant().order_by("-at")[:MOST_SHOWN]
    said = list(claim.messages.order_by("-at")[:MOST_SHOWN])
    return {
        "claim": claim,
        "steps": timeline(claim),
        "evidence": [shown(each) for each in evidence],
        "said": said[::-1],
        "is_asked": bool(said) and said[0].from_support,
        "paste_form": PasteForm(),
        "answer_form": AnswerForm(),
        **forms,
    }


@never_cache
@login_not_required
def objection(request: HttpRequest, signed: str) -> HttpResponse:
    """Where a mailed link leads. Opening it does nothing, since programs open links, too."""
    known = links.objector(signed)
    if known is None:
        raise Http404
    form = ObjectionForm(request.POST or None)
    context = {"claim": known.claim, "organization_name": known.claim.organization.name}
    context["is_over"] = not known.claim.is_open
    if request.method == "POST":
        try:
            context["is_new"] = object_to(known, reason=form.given())
            context["is_done"] = True
        except ClaimOver:
            context["is_over"] = True
    return render(request, "claims/objection.html", {**context, "form": form})
