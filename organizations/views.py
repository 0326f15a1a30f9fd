"""The pages of an organization."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from core.http import Request, errors_on, render_form
from organizations.access import (
    organization_for_member,
    organization_for_owner,
    organization_waiting_to_go,
)
from organizations.context import SWITCHER_LENGTH
from organizations.forms import DetailsForm
from organizations.models import Avatar, Group, GroupMembership, Organization
from organizations.operations import update_organization

PAGE = 50
OWNERS_SHOWN = 20


@login_not_required
def home(request: Request) -> HttpResponse:
    """One's organizations; for a stranger, what this is."""
    if not request.user.is_authenticated:
        return render(request, "welcome.html")
    after = request.GET.get("after", "")
    mine = Organization.objects.visible_to(request.user).with_ownership(request.user)
    page = list(mine.filter(key__gt=after).order_by("key")[: PAGE + 1])
    waiting = Organization.objects.waiting_to_go().owned_by(request.user)
    context = {
        "organizations": page[:PAGE],
        "waiting": waiting.order_by("deletion_due_at"),
        "asked": request.user.join_requests.open().order_by("created_at"),
        "older_url": f"?after={page[PAGE - 1].key}" if len(page) > PAGE else "",
        "newer_url": "?" if after else "",
    }
    return render(request, "home.html", context)


@login_not_required
def healthz(request: Request) -> HttpResponse:
    """For load balancers: the process runs and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def new(request: Request) -> HttpResponse:
    """Where a new organization comes from."""
    return render(request, "organizations/new.html")


def switcher(request: Request) -> HttpResponse:
    """The organizations that match what is typed into the switcher."""
    text = request.GET.get("q", "")
    mine = Organization.objects.visible_to(request.user).search(text).order_by("name", "key")
    context = {"organizations": mine[:SWITCHER_LENGTH], "q": text}
    template = "components/switcher_list.html" if request.htmx else "organizations/found.html"
    return render(request, template, context)


def detail(request: Request, key: str) -> HttpResponse:
    """The overview. Its binding and repositories come from their own room, by htmx. Owners of one
    that is being deleted are led to where they can bring it back.
    """
    try:
        organization = organization_for_member(request.user, key)
    except Http404:
        organization_waiting_to_go(request.user, key)
        return redirect("organizations:restore", key)
    is_owner = GroupMembership.objects.filter(
        membership=OuterRef("pk"), group__kind=Group.Kind.OWNERS
    )
    owners = (
        organization.memberships.filter(Exists(is_owner))
        .select_related("user")
        .order_by("joined_at")[:OWNERS_SHOWN]
    )
    return render(
        request, "organizations/detail.html", frame_of(organization, "overview", owners=owners)
    )


def settings(request: Request, key: str) -> HttpResponse:
    organization = organization_for_owner(request.user, key)
    known = {name: getattr(organization, name) for name in ("name", "description", "url")}
    form = DetailsForm(request.POST or None, request.FILES or None, initial=known)
    context = frame_of(organization, "settings")
    if form.is_valid():
        with errors_on(form):
            update_organization(organization, by=request.user, **form.details())
            messages.success(request, "Saved.")
            return redirect("organizations:settings", key)
    return render_form(request, "organizations/settings.html", form, **context)


@cache_control(private=True, max_age=31_536_000, immutable=True)
def avatar(request: Request, key: str, digest: str) -> HttpResponse:
    """A picture's address holds its digest, so that it may be kept for ever."""
    organization = organization_for_member(request.user, key)
    picture = get_object_or_404(Avatar, pk=digest, organization=organization)
    return png(picture)


def png(picture: Avatar) -> HttpResponse:
    return HttpResponse(bytes(picture.png), content_type="image/png")


@require_POST
def remove_avatar(request: Request, key: str) -> HttpResponse:
    organization = organization_for_owner(request.user, key)
    update_organization(organization, by=request.user, avatar=None)
    return redirect("organizations:settings", key)


def frame_of(organization: Organization, nav: str, **context: object) -> dict[str, object]:
    """What every page of an organization shows around itself."""
    can_administer = organization.is_owner  # type: ignore[attr-defined]
    return {
        "organization": organization,
        "nav": nav,
        "can_administer": can_administer,
        **context,
    }
