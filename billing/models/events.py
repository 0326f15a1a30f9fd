"""What Stripe has told us."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from billing.models.accounts import BillingAccount


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    def waiting(self) -> Self:
        return self.filter(state=StripeEvent.State.WAITING)

    def waiting_for(self, account: BillingAccount) -> Self:
        """Also those of its customer that nobody has looked at yet."""
        ours = Q(account=account)
        if account.customer_id:
            ours |= Q(customer_id=account.customer_id)
        return self.waiting().filter(ours)


class StripeEvent(models.Model):
    """A webhook that was received, or found when we asked. Its content is not kept: whoever
    handles it asks Stripe for the object as it is now.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        IGNORED = "ignored", "Not ours"
        FAILED = "failed", "Failed"

    stripe_id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255, blank=True)
    customer_id = models.CharField(max_length=255, blank=True)
    is_live = models.BooleanField()
    api_version = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    account = models.ForeignKey(
        BillingAccount,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="events",
        # It is the first column of an index below, and another one would make receiving slower.
        db_index=False,
    )
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="events_by_state"),
            models.Index(fields=["account", "-created_at"], name="events_of_account"),
            models.Index(
                fields=["customer_id"],
                condition=Q(state="waiting"),
                name="events_waiting_by_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.stripe_id}"
