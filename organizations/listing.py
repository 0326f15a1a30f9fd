"""Who belongs to an organization, as it is listed, and which of its owners need a look."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from organizations.limits import invited_to, member_limit, members_of
from organizations.models import Group, GroupMembership, Membership, Organization

# Who has not signed in for so long may be gone.
LONG = timedelta(days=90)
MOST_OWNERS = 100


def people_of(organization: Organization, text: str = "") -> QuerySet[Any]:
    """The members with their accounts, `is_owner`, and `rank`, by which owners come first; those
    with these words in name or address.
    """
    owning = GroupMembership.objects.filter(
        membership=OuterRef("pk"), group__kind=Group.Kind.OWNERS
    )
    people = Membership.objects.filter(organization=organization).select_related("user")
    for word in text.split():
        people = people.filter(
            Q(user__email__icontains=word)
            | Q(user__first_name__icontains=word)
            | Q(user__last_name__icontains=word)
        )
    return people.annotate(is_owner=Exists(owning)).annotate(
        rank=Case(When(is_owner=True, then=Value(0)), default=Value(1))
    )


@dataclass(frozen=True)
class Places:
    """How many people there are, are invited, and may be; `limit` is None without one."""

    members: int
    invited: int
    limit: int | None

    @property
    def are_taken(self) -> bool:
        return self.limit is not None and self.members + self.invited >= self.limit


def places_of(organization: Organization) -> Places:
    """Three queries at most."""
    pk = organization.pk
    return Places(members_of(pk), invited_to(pk), member_limit(pk))


@dataclass(frozen=True)
class Owners:
    """The owners, up to a hundred, by when they joined."""

    rows: list[Membership]

    @property
    def is_one(self) -> bool:
        return len(self.rows) == 1

    @property
    def away(self) -> list[Membership]:
        """Who has not signed in for ninety days, or never did."""
        since = timezone.now() - LONG
        return [
            each for each in self.rows if (each.user.last_login or each.user.date_joined) < since
        ]

    @property
    def unreachable(self) -> list[Membership]:
        """Whom our mails do not reach."""
        return [each for each in self.rows if each.user.mail_failing_since]


def owners_shown(organization: Organization) -> Owners:
    """One query."""
    found = people_of(organization).filter(is_owner=True).order_by("joined_at", "pk")
    return Owners(list(found[:MOST_OWNERS]))
