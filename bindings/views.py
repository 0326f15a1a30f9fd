"""Where an organization comes from, and what it brought."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from bindings.checks import TITLES
from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.platforms import token_page
from core.http import Request
from core.paging import keyset_page
from organizations.access import organization_for_member
from organizations.models import Organization

PAGE = 50
PANEL_LENGTH = 10


def detail(request: Request, key: str) -> HttpResponse:
    """The binding, its token and the last verification: a page, or a panel of the overview."""
    organization, binding = _bound(request, key)
    verification = binding.verifications.order_by("-at").first()
    context = {
        **_frame(organization, "binding"),
        "binding": binding,
        "token": binding.tokens.filter(slot=PersonalAccessToken.Slot.CURRENT)
        .defer("secret")
        .first(),
        "verification": verification,
        "checks": titled(verification.checks) if verification else [],
        "token_page": token_page(binding.external_name),
    }
    template = "bindings/detail.html#panel" if request.htmx else "bindings/detail.html"
    return render(request, template, context)


def repositories(request: Request, key: str) -> HttpResponse:
    """The repositories by name, with search; the first ones as a panel of the overview."""
    organization, binding = _bound(request, key)
    text, after = request.GET.get("q", "")[:100], request.GET.get("after", "")
    is_panel = "panel" in request.GET
    known = binding.repositories.filter(vanished_at=None)
    page = keyset_page(
        known.search(text),
        by=("name", "id"),
        after=after,
        length=PANEL_LENGTH if is_panel else PAGE,
    )
    context = {
        **_frame(organization, "repositories"),
        "binding": binding,
        "page": page,
        "q": text,
        "is_first": not after,
        "is_panel": is_panel,
        "total": known.count(),
    }
    template = "bindings/repositories.html#list" if request.htmx else "bindings/repositories.html"
    return render(request, template, context)


def titled(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**check, "title": TITLES[check["code"]]} for check in checks]


def _bound(request: Request, key: str) -> tuple[Organization, DevOpsBinding]:
    organization = organization_for_member(request.user, key)
    return organization, get_object_or_404(DevOpsBinding, organization=organization)


def _frame(organization: Organization, nav: str) -> dict[str, object]:
    can_administer = organization.is_owner  # type: ignore[attr-defined]
    return {"organization": organization, "nav": nav, "can_administer": can_administer}
