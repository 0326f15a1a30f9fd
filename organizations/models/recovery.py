"""Mails about the recovery contact."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from organizations.models.tenants import Organization


class RecoveryLetter(models.Model):
    """Tells an address that it is the recovery contact from now on, or is it no longer. See
    core.letters.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="recovery_letters"
    )
    email = models.EmailField()
    is_new = models.BooleanField()
    by_email = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)

    mailed_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(mailed_at=None, given_up_at=None),
                name="recovery_letters_to_mail",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} of {self.organization_id}"
