"""Asking to join an organization that is here already."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from core.http import Request, errors_on, render_form
from onboarding.access import import_of
from organizations.asking import ask_to_join, may_ask_again_at, newest_request
from organizations.people_forms import JoinForm


@never_cache
def join(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """The form, or how it stands with what was asked. Whoever asks learns nothing about the
    organization but that it is here.
    """
    import_ = import_of(request.user, import_id)
    binding = import_.bound_elsewhere()
    if binding is None:
        raise Http404
    organization = binding.organization
    if organization.memberships.filter(user=request.user).exists():
        return redirect("organizations:detail", organization.key)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        note = form.cleaned_data["note"]
        with errors_on(form):
            ask_to_join(organization, by=request.user, note=note, known_as=import_.external_name)
            messages.success(request, "The owners are told. You hear from us when they decide.")
            return redirect("onboarding:join", import_id)
    asked = newest_request(organization, request.user)
    context = {"import": import_, "asked": asked, "again_at": may_ask_again_at(asked)}
    return render_form(request, "onboarding/join.html", form, **context)
