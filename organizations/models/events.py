"""The history of organizations."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.context import CHANNELS
from organizations.actions import DONE_FOR_SUPPORT, facts_of, title_of
from organizations.models.tenants import Organization

HOW = {
    "page": "On a page",
    "api": "API",
    "admin": "By Mooring support",
    "system": "By itself",
}


class AuditEvent(models.Model):
    """Who did what, when and how. The database refuses to change or remove one.

    Neither reference has a constraint, because history outlives what it tells of.
    """

    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=[(c, c) for c in CHANNELS])
    organization = models.ForeignKey(
        Organization,
        null=True,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="audit_events",
    )
    organization_key = models.CharField(max_length=64, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="+",
    )
    actor_email = models.CharField(max_length=254, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-at"], name="audit_of_organization"),
            models.Index(fields=["-at"], name="audit_by_time"),
            models.Index(fields=["organization", "action", "-at"], name="audit_by_action"),
            models.Index(fields=["organization", "actor_email", "-at"], name="audit_by_email"),
            models.Index(fields=["organization", "channel", "-at"], name="audit_by_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.action} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def title(self) -> str:
        return title_of(self.action)

    @property
    def facts(self) -> list[tuple[str, str]]:
        return facts_of(self.data)

    @property
    def is_by_support(self) -> bool:
        return self.channel == "admin" or self.action in DONE_FOR_SUPPORT

    @property
    def who(self) -> str:
        """A person's e-mail address; ourselves where nobody asked."""
        if self.is_by_support:
            return f"Mooring support ({self.actor_email})"
        return self.actor_email or "Mooring"

    @property
    def how(self) -> str:
        return HOW[self.channel]
