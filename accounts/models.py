"""People, the tokens with which their programs speak for them, and what people are told."""

import hashlib
import re
import uuid
from typing import Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.db.models.lookups import IsNull
from django.utils import timezone

from accounts.kinds import Kind, Severity, kind_choices

# An address of ours, and none that a browser would read as another site's.
LOCAL_PATH = r"^/([^/\\\s]|$)"
OUTSIDE_ADDRESS = r"^https?://"


class UserManager(BaseUserManager["User"]):
    """What Django's commands call to make an account."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person, who signs in with an e-mail address."""

    username = None  # type: ignore[assignment]
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail", unique=True)
    # Since when mails to it were given up; none has arrived after that.
    mail_failing_since = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.email.partition("@")[0]


class Scope(models.TextChoices):
    """What an API token may do."""

    ORGANIZATIONS_READ = "organizations:read", "Read organizations (organizations:read)"
    ORGANIZATIONS_WRITE = "organizations:write", "Change organizations (organizations:write)"
    IMPORTS = "imports", "Import organizations (imports)"
    ANALYSES = "analyses", "Run analyses (analyses)"
    CLAIMS = "claims", "Claim lost access (claims)"


class ApiToken(models.Model):
    """Our token for our API: `moor_`, a prefix to recognise it by, and a secret.

    Only a digest is stored. Plain SHA-256 is enough: the secret is 32 random bytes,
    so there is nothing to guess, and a look-up by digest needs no scan.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.user_id}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def scope_names(self) -> list[str]:
        return [Scope(scope).label for scope in self.scopes]


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# What is not comes first, as everywhere in SQL.
IS_READ = IsNull(F("read_at"), False)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> Self:
        return self.filter(read_at=None)

    def unread_first(self) -> Self:
        """And the newest first. For one person, an index has them in this very order."""
        return self.order_by(IS_READ, "-created_at")

    def to_be_mailed(self) -> Self:
        """Somebody waits for the mail, and no worker has it in hand."""
        free = Q(mail_leased_until=None) | Q(mail_leased_until__lt=timezone.now())
        return self.filter(free, mailed_at=None, mail_due_at__isnull=False)


class Notification(models.Model):
    """One thing a person is told: once for ever by kind, subject and threshold.

    A worker that mails holds a lease (`mail_lease`, `mail_leased_until`); one that died leaves
    a lease that runs out, and what it had in hand stays together under it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=32, choices=kind_choices)
    subject = models.CharField(max_length=64)
    threshold = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    # What it says
    severity = models.CharField(max_length=8, choices=Severity)
    title = models.CharField(max_length=500)
    text = models.TextField()
    action_label = models.CharField(max_length=100, blank=True)
    action_path = models.CharField(max_length=500, blank=True)
    link_label = models.CharField(max_length=100, blank=True)
    link_url = models.CharField(max_length=2048, blank=True)

    # The mail. `must_be_mailed` is about those that nobody can switch off
    must_be_mailed = models.BooleanField(default=False)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_lease = models.UUIDField(null=True, blank=True)
    mail_leased_until = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "subject", "threshold"], name="told_once"
            ),
            models.CheckConstraint(
                condition=Q(action_path="", action_label="")
                | Q(action_path__regex=LOCAL_PATH, action_label__gt=""),
                name="notification_action_is_here_and_named",
            ),
            models.CheckConstraint(
                condition=Q(link_url="", link_label="")
                | Q(link_url__regex=OUTSIDE_ADDRESS, link_label__gt=""),
                name="notification_link_is_outside_and_named",
            ),
            models.CheckConstraint(
                condition=Q(mail_lease=None, mail_leased_until=None)
                | Q(mail_lease__isnull=False, mail_leased_until__isnull=False),
                name="notification_mail_lease_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_of_user"),
            models.Index("user", IS_READ, F("created_at").desc(), name="notification_unread_first"),
            models.Index(fields=["subject", "kind"], name="notification_of_subject"),
            models.Index(
                fields=["mail_due_at"],
                condition=Q(mailed_at=None, mail_due_at__isnull=False),
                name="notification_to_be_mailed",
            ),
            models.Index(fields=["created_at"], name="notification_by_age"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def paragraphs(self) -> list[str]:
        return re.split(r"\n\s*\n", self.text.strip())

    @property
    def lead(self) -> str:
        """Who must do what by when."""
        return self.paragraphs[0]

    @property
    def rest(self) -> list[str]:
        return self.paragraphs[1:]

    @property
    def lock(self) -> str:
        """Why its mail can't be switched off, for one whose can't."""
        return Kind(self.kind).lock if self.must_be_mailed else ""


class Farewell(models.Model):
    """The mail that confirms a deletion; see core.letters. The address goes with the mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField()
    created_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_attempt_at"], name="farewells_to_mail")]

    def __str__(self) -> str:
        return self.email


class NotificationPreference(models.Model):
    """Whether a person wants mails of a kind. Without a row they do."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    kind = models.CharField(max_length=32, choices=kind_choices)
    by_mail = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_preference_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"
