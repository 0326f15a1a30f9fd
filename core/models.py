"""Calls that may be repeated without being done twice."""

from django.db import models
from django.utils import timezone


class IdempotentCall(models.Model):
    """The answer given to an Idempotency-Key. `status` is null while the call is running."""

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="idempotency_key_once_a_caller")
        ]
        indexes = [models.Index(fields=["started_at"], name="idempotent_call_by_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"
