"""The desk opens only to staff who came in with a second factor."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

SET_UP = (
    "Support sees what belongs to customers, so the desk opens only with a second factor. "
    "Set one up here, an app or a passkey, and come back."
)


class SecondFactorForStaff:
    """Leads staff who have none to where it is set up, and those who didn't use theirs to where
    it is asked for. Whoever is no staff is left to the admin, which refuses them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not settings.STAFF_NEED_SECOND_FACTOR or not _is_desk(request):
            return None
        if not request.user.is_staff or used_second_factor(request):
            return None
        if is_mfa_enabled(request.user):
            back = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('mfa_reauthenticate')}?{back}")
        messages.warning(request, SET_UP)
        return redirect("mfa_index")


def used_second_factor(request: HttpRequest) -> bool:
    """Whether an app, a passkey or a recovery code was asked for since this person signed in."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


def _is_desk(request: HttpRequest) -> bool:
    """Whether it is a page of the admin, where everybody may sign out."""
    match = request.resolver_match
    return match is not None and match.namespaces == ["admin"] and match.url_name != "logout"
