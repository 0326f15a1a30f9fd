"""Where an organization comes from, how its token is, and what it brought."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from bindings import history as past
from bindings.features import features_of
from bindings.models import DevOpsBinding, PersonalAccessToken, PlatformIncident
from bindings.platforms import token_page
from bindings.state import state_of
from bindings.verdicts import titled
from core.http import Request
from core.paging import keyset_page
from organizations.access import organization_for_member
from organizations.models import Organization

PAGE = 50
# With all their checks, which are many to draw.
HISTORY_PAGE = 25
PANEL_LENGTH = 10
YEAR, MONTH = 365, 30


def detail(request: Request, key: str) -> HttpResponse:
    """The binding and its tokens: a page, its part that changes, or a panel of the overview."""
    organization, binding = bound(request, key)
    is_panel = bool(request.htmx) and "state" not in request.GET
    tokens = {token.slot: token for token in binding.tokens.defer("secret")}
    current = tokens.get(PersonalAccessToken.Slot.CURRENT)
    incident = PlatformIncident.objects.filter(ended_at=None).first()
    context = {
        **frame_of(organization, "binding"),
        "binding": binding,
        "token": current,
        "next": tokens.get(PersonalAccessToken.Slot.NEXT),
        "previous": tokens.get(PersonalAccessToken.Slot.PREVIOUS),
        "state": state_of(current, incident) if current else None,
        "checks": titled(current.checks) if current else [],
        "features": features_of(current) if current else [],
        "strip": past.strip(binding, days=MONTH if is_panel else YEAR),
        "token_page": token_page(binding.external_name),
        "polls": any(token.is_running for token in tokens.values()),
    }
    part = "#panel" if is_panel else "#state" if request.htmx else ""
    return render(request, f"bindings/detail.html{part}", context)


def history(request: Request, key: str) -> HttpResponse:
    """Every verification that is kept, newest first."""
    organization, binding = bound(request, key)
    page = keyset_page(
        binding.verifications.all(),
        by=("-at", "-id"),
        after=request.GET.get("after", ""),
        length=HISTORY_PAGE,
    )
    context = {
        **frame_of(organization, "binding"),
        "binding": binding,
        "page": page,
        "is_first": not request.GET.get("after"),
        "days": [day for day in reversed(past.strip(binding, days=YEAR)) if day.is_trouble],
    }
    return render(request, "bindings/history.html", context)


def repositories(request: Request, key: str) -> HttpResponse:
    """The repositories by name, with search; the first ones as a panel of the overview."""
    organization, binding = bound(request, key)
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
        **frame_of(organization, "repositories"),
        "binding": binding,
        "page": page,
        "q": text,
        "is_first": not after,
        "is_panel": is_panel,
        "total": known.count(),
    }
    template = "bindings/repositories.html#list" if request.htmx else "bindings/repositories.html"
    return render(request, template, context)


def bound(request: Request, key: str) -> tuple[Organization, DevOpsBinding]:
    organization = organization_for_member(request.user, key)
    return organization, get_object_or_404(DevOpsBinding, organization=organization)


def frame_of(organization: Organization, nav: str) -> dict[str, object]:
    can_administer = organization.is_owner  # type: ignore[attr-defined]
    return {"organization": organization, "nav": nav, "can_administer": can_administer}
