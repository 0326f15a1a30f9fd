"""The pages of one's own account that sign-in does not bring along."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.forms import ApiTokenForm
from accounts.operations import issue_api_token, revoke_api_token
from core.http import Request, errors_on, render_form


@never_cache
def api_tokens(request: Request) -> HttpResponse:
    """One's API tokens. A new one is shown in the answer to its own form, and never again."""
    form = ApiTokenForm(request.POST or None)
    tokens = request.user.api_tokens.order_by("-created_at")
    if form.is_valid():
        with errors_on(form):
            token, secret = issue_api_token(request.user, **form.cleaned_data)
            context = {"form": ApiTokenForm(), "tokens": tokens, "new": token, "secret": secret}
            return render(request, "accounts/api_tokens.html", context)
    return render_form(request, "accounts/api_tokens.html", form, tokens=tokens)


@require_POST
def revoke(request: Request, token_id: str) -> HttpResponse:
    revoke_api_token(get_object_or_404(request.user.api_tokens, pk=token_id))
    return redirect("accounts:api-tokens")


def settings(request: HttpRequest) -> HttpResponse:
    """Where everything about one's account is found."""
    return render(request, "accounts/settings.html")
