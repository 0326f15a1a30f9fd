"""The binding, its tokens, what we were told about them, and the repositories they see."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from bindings.providers.base import Verdict
from bindings.verdicts import NOT_VERDICTS, WORDS, Words, titled
from core.secrets import SealedTextField
from organizations.models import Organization


class Platform(models.TextChoices):
    AZURE = "azure_devops", "Azure DevOps"


VERDICTS = [(verdict.value, verdict.value) for verdict in Verdict]

# A last access is asked for every two days, and every eight where that had no answer. What we
# learned longer ago may no longer be so: somebody may have signed in since.
ACCESS_BELIEVED = timedelta(days=10)


class DevOpsBinding(models.Model):
    """Ties an organization here to one there, for ever.

    `external_id` is the platform's immutable id (Azure: connectionData.instanceId);
    names change hands. A trigger refuses any change of the identity columns, and the
    removal of a binding whose organization stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="binding"
    )
    platform = models.CharField(max_length=16, choices=Platform)
    external_id = models.CharField(max_length=64)
    external_name = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    # When its repositories were last asked for; an import has just done so.
    listed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "binding"
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "external_id"], name="external_organization_bound_once"
            ),
            models.CheckConstraint(condition=~Q(external_id=""), name="binding_has_external_id"),
        ]
        indexes = [models.Index(fields=["listed_at"], name="binding_by_listing")]

    def __str__(self) -> str:
        return f"{self.platform}/{self.external_name}"


# Of a token that is looked at, or took down whoever did that.
LONGEST_LEASE = timedelta(minutes=30)

# Somebody waits for it, it is in doubt, or something that used it was refused since we asked.
# Without a value in it, so that SQLite too finds the index with this condition.
URGENT = Q(request__isnull=False) | Q(suspect_since__isnull=False) | Q(failed_at__gt=F("asked_at"))

STANDS_BY = Q(slot="next", is_standby=True, verdict=Verdict.HEALTHY, unreadable_since=None)


class PersonalAccessTokenQuerySet(models.QuerySet["PersonalAccessToken"]):
    def in_use(self) -> Self:
        return self.filter(slot=PersonalAccessToken.Slot.CURRENT)

    def standing_by(self) -> Self:
        """Sound ones that take over by themselves when the current one fails or expires."""
        return self.filter(STANDS_BY)

    def due(self, now: datetime) -> Self:
        """To be looked at, and in nobody's hands."""
        # Nobody takes one for so long: it is of a clock that was ahead.
        is_over = Q(leased_until__lt=now) | Q(leased_until__gt=now + 2 * LONGEST_LEASE)
        free = Q(lease=None) | is_over
        kept = [PersonalAccessToken.Slot.CURRENT, PersonalAccessToken.Slot.NEXT]
        return self.filter(free, slot__in=kept, next_check_at__lte=now, unreadable_since=None)


class PersonalAccessToken(models.Model):
    """The platform's token. Its secret is encrypted, bound to this row and never shown."""

    class Slot(models.TextChoices):
        CURRENT = "current", "Current"
        NEXT = "next", "Next"
        PREVIOUS = "previous", "Previous"

    class ExpirySource(models.TextChoices):
        DECLARED = "declared", "as you told us"
        FORMAT = "format", "the latest its own format allows"
        RETIREMENT = "retirement", "when Azure DevOps ends tokens for all organizations"
        UNKNOWN = "unknown", "not known"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    binding = models.ForeignKey(DevOpsBinding, on_delete=models.CASCADE, related_name="tokens")
    slot = models.CharField(max_length=8, choices=Slot, default=Slot.CURRENT)
    secret = SealedTextField(bound_to=["binding_id"])
    last_four = models.CharField(max_length=4)
    fingerprint = models.CharField(max_length=16)
    owner_id = models.CharField(max_length=64)
    owner_name = models.CharField(max_length=255, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    expiry_source = models.CharField(max_length=10, choices=ExpirySource)
    created_at = models.DateTimeField(default=timezone.now)

    # What is known of it. `bindings.health` says how an answer changes this.
    verdict = models.CharField(max_length=32, blank=True, choices=VERDICTS)
    verdict_since = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    healthy_at = models.DateTimeField(null=True, blank=True)
    suspect = models.CharField(max_length=32, blank=True, choices=VERDICTS)
    suspect_since = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True)
    silences = models.PositiveSmallIntegerField(default=0)
    unreadable_since = models.DateTimeField(null=True, blank=True)
    checks = models.JSONField(default=list)
    # What it was last seen to be able to do: codes of checks that passed.
    proven = models.JSONField(default=list)
    is_global = models.BooleanField(null=True, blank=True)
    # When its account was last seen there, and when we were told so last.
    last_access_at = models.DateTimeField(null=True, blank=True)
    last_access_learned_at = models.DateTimeField(null=True, blank=True)

    # When it is looked at next, and by whom just now.
    asked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(default=timezone.now)
    questions = models.PositiveSmallIntegerField(default=0)
    wants_everything = models.BooleanField(default=False)
    request = models.UUIDField(null=True, blank=True, editable=False)
    requested_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When something that used it was refused last.
    failed_at = models.DateTimeField(null=True, blank=True)

    # The last threshold, in days, that its owners were told of: before its end, and without a
    # sign-in.
    noticed_days = models.PositiveSmallIntegerField(null=True, blank=True)
    noticed_absence = models.PositiveSmallIntegerField(null=True, blank=True)

    # A replacement: the name it was given for, whether it waits until it is needed, and
    # whether its differences were accepted. A previous one: when it is wiped.
    external_name = models.CharField(max_length=64, blank=True)
    is_standby = models.BooleanField(default=False)
    accepts_differences = models.BooleanField(default=False)
    # An owner wants it although it may only read.
    accepts_less = models.BooleanField(default=False)
    wipe_at = models.DateTimeField(null=True, blank=True)

    objects = PersonalAccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["binding", "slot"], name="one_token_a_slot"),
            models.CheckConstraint(
                condition=Q(expires_on=None, expiry_source="unknown")
                | Q(expires_on__isnull=False) & ~Q(expiry_source="unknown"),
                name="token_expiry_has_a_source",
            ),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], name="token_due"),
            models.Index(fields=["next_check_at"], condition=URGENT, name="token_urgent"),
            models.Index(fields=["asked_at"], name="token_asked"),
            models.Index(fields=["expires_on"], name="token_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} token …{self.last_four}"

    @property
    def is_expiry_declared(self) -> bool:
        return self.expiry_source == self.ExpirySource.DECLARED

    @property
    def is_healthy(self) -> bool:
        return self.verdict == Verdict.HEALTHY and not self.unreadable_since

    @property
    def is_running(self) -> bool:
        """Whether somebody waits for an answer about it."""
        return self.request is not None

    @property
    def troubles(self) -> list[dict[str, Any]]:
        """The checks that did not pass, with their titles."""
        bad = [check for check in self.checks if check["outcome"] in ("fail", "warn")]
        return titled(bad)

    @property
    def has_differences(self) -> bool:
        """It works, but not like the one before: a person has to say that this is meant."""
        if self.verdict == Verdict.TOKEN_OWNER_CHANGED:
            return True
        reads = any(c["code"] == "code_read" and c["outcome"] == "pass" for c in self.checks)
        is_smaller = self.verdict == Verdict.MISSING_SCOPE and reads
        return is_smaller and self.slot == self.Slot.NEXT

    @property
    def words(self) -> Words | None:
        return WORDS[Verdict(self.verdict)] if self.verdict else None

    @property
    def days_left(self) -> int | None:
        """Whole days until it expires, today being 0; negative once it has."""
        if self.expires_on is None:
            return None
        return (self.expires_on - timezone.now().date()).days

    @property
    def is_over(self) -> bool:
        """Whether its last day has come."""
        return self.days_left is not None and self.days_left <= 0

    @property
    def days_unused(self) -> int | None:
        """Whole days since its owner was last seen there, where we may know."""
        return (timezone.now() - self.last_access_at).days if self.last_access_at else None

    @property
    def is_access_fresh(self) -> bool:
        """Whether we were told lately when its owner was last seen there."""
        at = self.last_access_learned_at
        return at is not None and at > timezone.now() - ACCESS_BELIEVED


class VerificationQuerySet(models.QuerySet["Verification"]):
    def of_current(self) -> Self:
        """What concerned the token in use; a refused replacement broke nothing."""
        return self.filter(slot=PersonalAccessToken.Slot.CURRENT)


class Verification(models.Model):
    """One verification and its answer, or that there was none. Only added, never changed.

    Each check has `code`, `outcome`, `message`, `remedy`, `latency_ms` and the platform's
    `activity_id` of the request that answered it.
    """

    class Reason(models.TextChoices):
        IMPORT = "import", "Import"
        SCHEDULE = "schedule", "On schedule"
        REQUEST = "request", "Somebody asked"
        REPLACEMENT = "replacement", "Replacement"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    binding = models.ForeignKey(
        DevOpsBinding, on_delete=models.CASCADE, related_name="verifications"
    )
    token_fingerprint = models.CharField(max_length=16)
    verdict = models.CharField(max_length=32, choices=VERDICTS)
    slot = models.CharField(
        max_length=8,
        choices=PersonalAccessToken.Slot,
        default=PersonalAccessToken.Slot.CURRENT,
    )
    reason = models.CharField(max_length=12, choices=Reason, default=Reason.SCHEDULE)
    # A refusal that was not believed until it was heard again.
    is_doubted = models.BooleanField(default=False)
    checks = models.JSONField(default=list)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    activity_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["binding", "-at"], name="verification_newest"),
            models.Index(fields=["at"], name="verification_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_healthy(self) -> bool:
        return self.verdict == Verdict.HEALTHY

    @property
    def is_silence(self) -> bool:
        return self.verdict in NOT_VERDICTS

    @property
    def words(self) -> Words:
        return WORDS[Verdict(self.verdict)]

    @property
    def titled_checks(self) -> list[dict[str, Any]]:
        return titled(self.checks)


class RepositoryQuerySet(models.QuerySet["Repository"]):
    def search(self, text: str) -> Self:
        """By repository or platform project; every word must occur."""
        found = self
        for word in text.split():
            found = found.filter(Q(name__icontains=word) | Q(project_name__icontains=word))
        return found


class Repository(models.Model):
    """A repository on the platform. One that vanishes is marked, not deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    binding = models.ForeignKey(
        DevOpsBinding, on_delete=models.CASCADE, related_name="repositories"
    )
    external_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    project_id = models.CharField(max_length=64)
    project_name = models.CharField(max_length=255)
    is_public = models.BooleanField()
    is_disabled = models.BooleanField()
    default_branch = models.CharField(max_length=1024, blank=True)
    size = models.BigIntegerField(help_text="compressed bytes, as the platform tells them")
    web_url = models.CharField(max_length=2048, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)
    vanished_at = models.DateTimeField(null=True, blank=True)

    objects = RepositoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "repositories"
        constraints = [
            models.UniqueConstraint(
                fields=["binding", "external_id"], name="repository_once_a_binding"
            )
        ]
        indexes = [
            models.Index(fields=["binding", "name", "id"], name="repository_by_name"),
            models.Index(
                fields=["binding", "project_name", "name", "id"], name="repository_by_project"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_name}/{self.name}"

    @property
    def is_empty(self) -> bool:
        return not self.default_branch and not self.is_disabled

    @property
    def branch(self) -> str:
        return self.default_branch.removeprefix("refs/heads/")


class PlatformIncident(models.Model):
    """The platform itself had trouble: many organizations at once, so no token is blamed."""

    platform = models.CharField(max_length=16, choices=Platform)
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    affected = models.PositiveIntegerField(help_text="organizations, when it was recognized")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform"], condition=Q(ended_at=None), name="one_open_incident"
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform} since {self.began_at:%Y-%m-%d %H:%M}"


class CalendarFeed(models.Model):
    """A person's address of an organization's calendar. Only a digest of it is stored."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="one_calendar_a_person")
        ]

    def __str__(self) -> str:
        return f"calendar of {self.organization_id} for {self.user_id}"
