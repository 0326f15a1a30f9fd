"""The binding, its tokens, what we were told about them, and the repositories they see."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bindings.providers.base import Verdict
from bindings.verdicts import WORDS, Words
from core.secrets import SealedTextField
from organizations.models import Organization


class Platform(models.TextChoices):
    AZURE = "azure_devops", "Azure DevOps"


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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "external_id"], name="external_organization_bound_once"
            ),
            models.CheckConstraint(condition=~Q(external_id=""), name="binding_has_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}/{self.external_name}"


class PersonalAccessToken(models.Model):
    """The platform's token. Its secret is encrypted, bound to this row and never shown."""

    class Slot(models.TextChoices):
        CURRENT = "current", "Current"

    class ExpirySource(models.TextChoices):
        DECLARED = "declared", "as you told us"
        FORMAT = "format", "the latest its own format allows"
        UNKNOWN = "unknown", "not known"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    binding = models.ForeignKey(DevOpsBinding, on_delete=models.CASCADE, related_name="tokens")
    slot = models.CharField(max_length=8, choices=Slot, default=Slot.CURRENT)
    secret = SealedTextField()
    last_four = models.CharField(max_length=4)
    fingerprint = models.CharField(max_length=16)
    owner_id = models.CharField(max_length=64)
    owner_name = models.CharField(max_length=255, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    expiry_source = models.CharField(max_length=8, choices=ExpirySource)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["binding", "slot"], name="one_token_a_slot"),
            models.CheckConstraint(
                condition=Q(expires_on=None, expiry_source="unknown")
                | Q(expires_on__isnull=False) & ~Q(expiry_source="unknown"),
                name="token_expiry_has_a_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} token …{self.last_four}"

    @property
    def is_expiry_declared(self) -> bool:
        return self.expiry_source == self.ExpirySource.DECLARED


class Verification(models.Model):
    """One verification and its answer. Only added, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    binding = models.ForeignKey(
        DevOpsBinding, on_delete=models.CASCADE, related_name="verifications"
    )
    token_fingerprint = models.CharField(max_length=16)
    verdict = models.CharField(max_length=32, choices=[(v.value, v.value) for v in Verdict])
    checks = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["binding", "-at"], name="verification_newest")]

    def __str__(self) -> str:
        return f"{self.verdict} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_healthy(self) -> bool:
        return self.verdict == Verdict.HEALTHY

    @property
    def words(self) -> Words:
        return WORDS[Verdict(self.verdict)]


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
        indexes = [models.Index(fields=["binding", "name", "id"], name="repository_by_name")]

    def __str__(self) -> str:
        return f"{self.project_name}/{self.name}"

    @property
    def is_empty(self) -> bool:
        return not self.default_branch and not self.is_disabled

    @property
    def branch(self) -> str:
        return self.default_branch.removeprefix("refs/heads/")
