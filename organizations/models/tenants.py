"""The tenant, and who belongs to it."""

import uuid
import zlib
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from organizations.addresses import WEB_ADDRESS
from organizations.keys import KEY_PATTERN


class Avatar(models.Model):
    """A small square PNG. Its primary key is the SHA-256 of its bytes, so it never changes."""

    digest = models.CharField(primary_key=True, max_length=64)
    png = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.digest[:12]


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def alive(self) -> Self:
        """Neither deleted nor waiting to be."""
        return self.filter(closed_at=None, deletion_due_at=None)

    def waiting_to_go(self) -> Self:
        """To be deleted, and can still be brought back."""
        return self.filter(closed_at=None, deletion_due_at__gt=timezone.now())

    def visible_to(self, user: User) -> Self:
        return self.alive().filter(memberships__user=user)

    def with_ownership(self, user: User) -> Self:
        """Adds `is_owner`: whether the user is in the owners group."""
        return self.annotate(is_owner=_is_owned_by(user))

    def owned_by(self, user: User) -> Self:
        return self.filter(_is_owned_by(user))

    def with_permissions(self, user: User) -> Self:
        """Adds what the user may do: `is_owner`, `may_create_projects`, `may_run_analyses`."""
        mine = Membership.objects.filter(organization=OuterRef("pk"), user=user)
        return self.with_ownership(user).annotate(
            **{name: Exists(mine.filter(MAY[name])) for name in MAY}
        )

    def search(self, text: str) -> Self:
        return self.filter(Q(name__icontains=text) | Q(key__icontains=text)) if text else self


class Organization(models.Model):
    """Our tenant. Its key is its name in URLs and in the API."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(
        max_length=64,
        unique=True,
        error_messages={"unique": "This key is taken."},
    )
    name = models.CharField(max_length=255)
    description = models.CharField(max_length=1000, blank=True)
    url = models.CharField(max_length=255, blank=True, validators=[WEB_ADDRESS])
    avatar = models.ForeignKey(Avatar, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=timezone.now)
    # Who is asked when no owner can be reached; needs no account here.
    recovery_email = models.EmailField(blank=True)
    # From when on it can't be brought back. Until then it only waits, seen by its owners alone.
    deletion_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Set in the transaction that deletes the organization, never otherwise and never
    # back: the database lets a binding go only together with its organization.
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex=KEY_PATTERN), name="organization_key_well_formed"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="organization_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def tint(self) -> int:
        """Which of eight colours a generated avatar has."""
        return tint_of(self.key)

    @property
    def avatar_url(self) -> str:
        """Empty where the avatar is a generated one."""
        if not self.avatar_id:
            return ""
        return reverse("organizations:avatar", args=[self.key, self.avatar_id])


class Membership(models.Model):
    """A person in an organization."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    joined_at = models.DateTimeField(default=timezone.now)
    # What a member may do who is no owner; owners may do everything.
    may_create_projects = models.BooleanField(default=False)
    may_run_analyses = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="member_once")]
        indexes = [
            models.Index(fields=["organization", "joined_at", "id"], name="members_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organization_id}"


class Group(models.Model):
    """A group of members with permissions."""

    class Kind(models.TextChoices):
        OWNERS = "owners", "Owners"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="groups")
    kind = models.CharField(max_length=16, choices=Kind)
    permissions = models.JSONField(default=list)
    members = models.ManyToManyField(Membership, through="GroupMembership", related_name="groups")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(kind="owners"),
                name="one_owners_group_an_organization",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.organization_id}"


class OwnersGroup(Group):
    """The group that administers an organization: there is exactly one, never empty."""

    class Meta:
        proxy = True


class GroupMembership(models.Model):
    """A member in a group. Leaving the organization leaves its groups."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="group_memberships")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="group_memberships"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "membership"], name="in_a_group_once")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} in group {self.group_id}"


# A membership that lets somebody do this, owners included.
_OWNS = Q(groups__kind=Group.Kind.OWNERS)
MAY = {
    "may_create_projects": Q(may_create_projects=True) | _OWNS,
    "may_run_analyses": Q(may_run_analyses=True) | _OWNS,
}


def _is_owned_by(user: User) -> Exists:
    """A condition on an organization: whether the user is in its owners group."""
    return Exists(
        GroupMembership.objects.filter(
            group__organization=OuterRef("pk"),
            group__kind=Group.Kind.OWNERS,
            membership__user=user,
        )
    )


def tint_of(key: str) -> int:
    """Which of eight colours a generated avatar has: the same for a key wherever it is shown."""
    return zlib.crc32(key.encode()) % 8


def initials(name: str) -> str:
    """One or two letters for a generated avatar: `Contoso Harbour` gives `CH`."""
    words = [word for word in name.replace("-", " ").replace("_", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "·"
