"""The banner under the bar: what somebody must act on, the gravest first, one at a time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from bindings.lasting import is_relieved
from bindings.models import PersonalAccessToken
from bindings.providers.base import Verdict
from bindings.state import URGENT, State, need_of
from organizations.models import Group


@dataclass(frozen=True)
class Banner:
    organization: str
    state: State
    url: str


def banner(request: HttpRequest) -> dict[str, Any]:
    """`banner`, or None: for owners, who can act. One query when a page shows it, and one more
    for the standby where a token ends.
    """
    return {"banner": SimpleLazyObject(lambda: _gravest(request))}


def _gravest(request: HttpRequest) -> Banner | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    here = getattr(request.resolver_match, "kwargs", {}).get("key", "")
    broken = Q(unreadable_since__isnull=False) | ~Q(verdict__in=["", Verdict.HEALTHY])
    horizon = timezone.now().date() + timedelta(days=URGENT)
    soon = Q(expires_on__lte=horizon) & ~Q(is_relieved(horizon))
    gravity = Case(When(broken, then=0), default=1, output_field=IntegerField())
    elsewhere = Case(
        When(binding__organization__key=here, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    mine = PersonalAccessToken.objects.in_use().filter(
        broken | soon,
        binding__organization__closed_at=None,
        binding__organization__deletion_due_at=None,
        binding__organization__groups__kind=Group.Kind.OWNERS,
        binding__organization__groups__members__user=user,
    )
    token = (
        mine.defer("secret")
        .select_related("binding__organization")
        .order_by(gravity, elsewhere, "expires_on", "pk")
        .first()
    )
    need = need_of(token) if token else None
    if token is None or need is None:
        return None
    organization = token.binding.organization
    return Banner(organization.name, need, reverse("bindings:detail", args=[organization.key]))
