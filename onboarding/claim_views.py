"""From the fork of an import to a claim on the organization that is here already."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from claims.forms import StatementForm
from claims.operations import claim_organization
from claims.waiting import full_wait
from core.http import Request, errors_on, render_form
from onboarding.access import import_of


@never_cache
def claim(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Claim what an import ran into. Which one it is needs no asking: its token has shown it."""
    import_ = import_of(request.user, import_id)
    binding = import_.bound_elsewhere()
    if binding is None:
        raise Http404
    form = StatementForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            made = claim_organization(
                binding.organization,
                external_name=import_.external_name,
                statement=form.cleaned_data["statement"],
                by=request.user,
            )
            return redirect("claims:detail", made.pk)
    known = {"import": import_, "wait_days": full_wait().days}
    return render_form(request, "claims/new.html", form, **known)
