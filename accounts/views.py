"""The pages of one's own account that sign-in does not bring along."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.forms import ApiTokenForm, MailsForm
from accounts.notifications import choose_mails, mark_all_read, mark_read, silenced_kinds
from accounts.operations import issue_api_token, revoke_api_token
from core.http import Request, errors_on, render_form
from core.paging import keyset_page

PAGE = 25


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


def mails(request: Request) -> HttpResponse:
    """Which notifications come by mail as well."""
    # A form with every box empty is a choice too.
    typed = request.POST if request.method == "POST" else None
    form = MailsForm(typed, silenced=silenced_kinds(request.user))
    if form.is_valid():
        choose_mails(request.user, form.choices())
        messages.success(request, "Saved.")
        return redirect("accounts:notifications")
    return render(request, "accounts/mails.html", {"form": form})


def notifications(request: Request) -> HttpResponse:
    """What one was told, newest first: all of it, or what is unread."""
    unread_only = request.GET.get("show") == "unread"
    mine = request.user.notifications.all()
    page = keyset_page(
        mine.unread() if unread_only else mine,
        by=("-created_at", "-id"),
        after=request.GET.get("after", ""),
        length=PAGE,
    )
    context = {"page": page, "unread_only": unread_only, "is_first": "after" not in request.GET}
    return render(request, "accounts/notifications.html", context)


@require_POST
def open_notification(request: Request, notification_id: uuid.UUID) -> HttpResponse:
    """Mark it as read, and go where it leads. By a form, because browsers follow links by
    themselves to be quick, and would have read what nobody has seen.
    """
    notification = get_object_or_404(request.user.notifications, pk=notification_id)
    mark_read(request.user, notification.pk)
    return redirect(notification.action_path or "notifications:list")


@require_POST
def read_all(request: Request) -> HttpResponse:
    """Mark everything as read, and go back to the page where that was asked for."""
    mark_all_read(request.user)
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("notifications:list")
