"""What was bought, and its bills."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from billing.models.accounts import BillingAccount
from billing.models.catalogue import Interval, Plan


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> Self:
        """Those that give or may again give something."""
        return self.exclude(status__in=Subscription.ENDED)

    def newest_first(self) -> Self:
        """The live one before all others, then the one that ended last: a second purchase ends
        before the first one does. What was never paid was never had.
        """
        return self.order_by(*newest_first())


def newest_first(prefix: str = "") -> list[Any]:
    """The order in which the first one counts; `prefix` leads to subscriptions from elsewhere."""
    status = f"{prefix}status"
    rank = models.Case(
        models.When(**{status: "incomplete_expired"}, then=2),
        models.When(**{f"{status}__in": Subscription.ENDED}, then=1),
        default=0,
    )
    ended = models.F(f"{prefix}ended_at").desc(nulls_last=True)
    return [rank, ended, f"-{prefix}created_at", f"-{prefix}pk"]


class Subscription(models.Model):
    """Our copy of an organization's purchase; access is decided from it alone."""

    # Stripe's words. Others may come: nothing here refuses an unknown one.
    ENDED = ("canceled", "incomplete_expired")

    stripe_id = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(
        BillingAccount, on_delete=models.CASCADE, related_name="subscriptions"
    )
    status = models.CharField(max_length=32)
    # The last one that we knew what to do with.
    known_status = models.CharField(max_length=32, blank=True)
    plan = models.CharField(max_length=16, choices=Plan)
    loc_limit = models.PositiveBigIntegerField()
    interval = models.CharField(max_length=8, choices=Interval, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    amount = models.BigIntegerField(default=0)
    # What is taken off that each time, as discounts.py reads it.
    discounts = models.JSONField(default=list, blank=True)
    lookup_key = models.CharField(max_length=100, blank=True)
    price_id = models.CharField(max_length=64, blank=True)
    item_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    trial_end = models.DateTimeField(null=True, blank=True)
    cancels_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)
    is_sent_as_invoice = models.BooleanField(default=False)
    # A change that waits for its payment.
    pending_until = models.DateTimeField(null=True, blank=True)
    pending_lookup_key = models.CharField(max_length=100, blank=True)
    # A change that is planned for the end of the period.
    schedule_id = models.CharField(max_length=64, blank=True)
    next_lookup_key = models.CharField(max_length=100, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    latest_invoice_id = models.CharField(max_length=64, blank=True)
    synced_at = models.DateTimeField(default=timezone.now)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=~Q(status__in=["canceled", "incomplete_expired"]),
                name="one_live_subscription_an_account",
            )
        ]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def is_live(self) -> bool:
        return self.status not in self.ENDED

    @property
    def awaits_payment(self) -> bool:
        """Whether a change waits for it. One whose time is over waits no more, also before we hear
        of that.
        """
        return bool(self.pending_until and self.pending_until > timezone.now())

    @property
    def is_changeable(self) -> bool:
        """Whether owners may choose another plan as things are."""
        is_paid = self.status in ("active", "trialing") and not self.awaits_payment
        return is_paid and not self.cancels_at and not self.is_sent_as_invoice

    @property
    def renews(self) -> bool:
        """Whether another period is going to be charged, as things are."""
        return self.status in ("active", "trialing", "past_due") and not self.cancels_at


class Invoice(models.Model):
    """A line in the list of invoices. The document itself is Stripe's, fetched on a click."""

    # Nobody owes anything for it.
    SETTLED = ("paid", "void")

    stripe_id = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="invoices")
    number = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=32)
    reason = models.CharField(max_length=32, blank=True)
    total = models.BigIntegerField()
    amount_due = models.BigIntegerField(default=0)
    amount_paid = models.BigIntegerField(default=0)
    amount_refunded = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    needs_authentication = models.BooleanField(default=False)
    # Why a draft could not be finished, in Stripe's word: mostly where its customer is not known.
    flaw = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-created_at", "id"], name="invoices_of_account")
        ]

    def __str__(self) -> str:
        return self.number or self.stripe_id
