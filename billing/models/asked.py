"""What we have promised and asked of Stripe."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from billing.models.accounts import BillingAccount
from billing.models.catalogue import CatalogPrice
from billing.models.subscriptions import Subscription
from core import leases

# A quote holds for so long: its proration is computed to the second it was made.
QUOTE_LIFE = timedelta(minutes=15)


class Quote(models.Model):
    """The price of a change, promised for a quarter of an hour and kept to the cent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="quotes")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    price = models.ForeignKey(CatalogPrice, on_delete=models.PROTECT, related_name="+")
    # What it was made of; a subscription that is another one by now voids it.
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="quotes")
    price_before = models.CharField(max_length=64)
    proration_date = models.DateTimeField()
    currency = models.CharField(max_length=3)
    # Minor units. `total` with tax; `amount_due` is what the card is charged after credit.
    subtotal = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    total = models.BigIntegerField()
    amount_due = models.BigIntegerField()
    # Too little for a card to be charged: it comes with the next invoice.
    carried_over = models.BigIntegerField(default=0)
    # [{text, amount}]
    lines = models.JSONField(default=list)
    # When the new price is charged in full.
    next_at = models.DateTimeField(null=True)
    # And how much that is, after what is taken off each time, without tax.
    next_amount = models.BigIntegerField(default=0)
    is_of_trial = models.BooleanField(default=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.price_id}: {self.amount_due} {self.currency}"

    @property
    def is_of_resumption(self) -> bool:
        """Of a new period of what is paused, at the same price."""
        return self.price.price_id == self.price_before

    @property
    def credit(self) -> int:
        """What is taken off the total by what we owe; below zero, what is added to that."""
        return self.total - self.amount_due - self.carried_over


class OperationQuerySet(models.QuerySet["Operation"]):
    def open(self) -> Self:
        return self.filter(state=Operation.State.WAITING)

    def due(self) -> Self:
        return self.open().filter(leases.due("next_attempt_at"))


class Operation(models.Model):
    """Something that was asked for and is done at Stripe by a worker. `steps` keeps what each
    step has made there, so that a second attempt goes on where the first one died.
    """

    class Kind(models.TextChoices):
        CHECKOUT = "checkout", "Buy"
        UPGRADE = "upgrade", "Upgrade now"
        DOWNGRADE = "downgrade", "Change at the end of the period"
        UNDO = "undo", "Undo the planned change"
        CANCEL = "cancel", "Cancel at the end of the period"
        RESUME = "resume", "Go on after all"
        DETAILS = "details", "Billing details"
        ATTACH = "attach", "Attach an Enterprise subscription"
        REFUND = "refund", "Refund a second purchase"
        END_TRIAL = "end_trial", "End a second trial"
        END = "end", "End at once"

    class State(models.TextChoices):
        WAITING = "waiting", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    # The step that names the invoice whose payment an upgrade waits for, or has waited for.
    AWAITED = "awaited"
    # The code of the error where support said so.
    GIVEN_UP = "given-up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="operations")
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    channel = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    quote = models.OneToOneField(
        Quote, null=True, blank=True, on_delete=models.PROTECT, related_name="operation"
    )
    params = models.JSONField(default=dict)
    steps = models.JSONField(default=dict)
    # What each step asked for, where that might be another thing by the next attempt.
    asked = models.JSONField(default=dict, blank=True)
    # Where a person has to go now: a checkout, a page to authenticate. Gone once nobody has to.
    url = models.CharField(max_length=2000, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # While Stripe says nothing it is tried up to then; without it, some minutes.
    tried_until = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)

    objects = OperationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="operations_by_state"),
            models.Index(fields=["account", "-asked_at"], name="operations_of_account"),
            models.Index(fields=["account"], condition=~Q(url=""), name="operations_with_address"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                # What nobody asked for neither waits for a person's wish nor stops one.
                condition=Q(state="waiting") & ~Q(kind__in=["refund", "end_trial"]),
                name="one_operation_an_account_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def had_to_be_paid(self) -> bool:
        """By a person: the card alone did not do."""
        return self.AWAITED in self.steps

    @property
    def is_open(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def has_failed(self) -> bool:
        return self.state == self.State.FAILED
