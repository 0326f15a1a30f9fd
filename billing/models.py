"""Our copy of what Stripe keeps, and what we have asked of it."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core import leases
from organizations.models import Organization
from projects.models import Project

# A quote holds for so long: its proration is computed to the second it was made.
QUOTE_LIFE = timedelta(minutes=15)


class Plan(models.TextChoices):
    FREE = "free", "Free"
    TEAM = "team", "Team"
    ENTERPRISE = "enterprise", "Enterprise"


class Interval(models.TextChoices):
    MONTH = "month", "Monthly"
    YEAR = "year", "Yearly"


class CatalogPrice(models.Model):
    """A price of the catalogue as it is at Stripe. Amounts never change; a new version is another
    row, and the old one stays for whoever pays it.
    """

    lookup_key = models.CharField(max_length=100, unique=True)
    plan = models.CharField(max_length=16, choices=Plan)
    loc_limit = models.PositiveBigIntegerField()
    interval = models.CharField(max_length=8, choices=Interval)
    currency = models.CharField(max_length=3)
    amount = models.PositiveBigIntegerField(help_text="In minor units")
    version = models.PositiveSmallIntegerField(default=1)
    product_id = models.CharField(max_length=64)
    price_id = models.CharField(max_length=64, unique=True)
    is_live = models.BooleanField(default=False)
    is_sold = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "loc_limit", "interval", "currency", "is_live"],
                condition=Q(is_sold=True),
                name="one_price_sold_for_each_choice",
            )
        ]

    def __str__(self) -> str:
        return self.lookup_key


class PortalConfiguration(models.Model):
    """What customers may do in Stripe's portal, as it is kept there."""

    is_live = models.BooleanField(primary_key=True)
    configuration_id = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.configuration_id


def leave(collector: Any, field: Any, accounts: Any, using: str) -> None:
    """On deletion of an organization: its account stays, and remembers that it was left."""
    collector.add_field_update(field, None, accounts)
    left_at = field.model._meta.get_field("left_at")
    collector.add_field_update(left_at, timezone.now(), accounts)


class BillingAccount(models.Model):
    """Who pays for one organization; it may be older than that, while an import is being paid.

    One worker at a time talks to Stripe about it (`lease`, `leased_until`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # It outlives its organization: what was paid stays on record.
    organization = models.OneToOneField(
        Organization, null=True, blank=True, on_delete=leave, related_name="billing"
    )
    # When its organization was deleted. What it still has ends then.
    left_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    is_live = models.BooleanField(default=False)
    customer_id = models.CharField(max_length=64, blank=True)
    # Stripe holds a customer to the currency of the first purchase.
    currency = models.CharField(max_length=3, blank=True)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=255, blank=True)
    address = models.JSONField(default=dict, blank=True)
    tax_ids = models.JSONField(default=list, blank=True)
    # {brand, last4, exp_month, exp_year, fingerprint}
    card = models.JSONField(default=dict, blank=True)
    # In minor units of the currency; what we owe, to be taken off the next invoice.
    credit = models.BigIntegerField(default=0)
    trial_used_at = models.DateTimeField(null=True, blank=True)
    grace_until = models.DateTimeField(null=True, blank=True, help_text="Set by support")
    # The one checkout that may be open; it is ended before another one is opened.
    checkout_id = models.CharField(max_length=100, blank=True)
    checkout_expires_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    # Events that came since; a sweep syncs what is behind.
    wanted_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id"], condition=~Q(customer_id=""), name="customer_of_one_account"
            )
        ]

    def __str__(self) -> str:
        return self.customer_id or str(self.pk)

    @property
    def checkout_is_open(self) -> bool:
        """As far as our clock can tell."""
        ends = self.checkout_expires_at
        return bool(self.checkout_id and ends and ends > timezone.now())


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> Self:
        """Those that give or may again give something."""
        return self.exclude(status__in=Subscription.ENDED)

    def newest_first(self) -> Self:
        """The live one before all others."""
        is_over = models.Case(models.When(status__in=Subscription.ENDED, then=1), default=0)
        return self.order_by(is_over, "-created_at", "-pk")


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
    def is_changeable(self) -> bool:
        """Whether owners may choose another plan as things are."""
        is_paid = self.status in ("active", "trialing")
        return is_paid and not self.cancels_at and not self.is_sent_as_invoice

    @property
    def renews(self) -> bool:
        """Whether another period is going to be charged, as things are."""
        return self.status in ("active", "trialing", "past_due") and not self.cancels_at


class Invoice(models.Model):
    """A line in the list of invoices. The document itself is Stripe's, fetched on a click."""

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
    # [{text, amount}]
    lines = models.JSONField(default=list)
    # When the new price is charged in full.
    next_at = models.DateTimeField(null=True)
    is_of_trial = models.BooleanField(default=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.price_id}: {self.amount_due} {self.currency}"

    @property
    def credit(self) -> int:
        """What is taken off the total by what we owe; below zero, what is added to that."""
        return self.total - self.amount_due


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
    # Where a person has to go now: a checkout, a page to authenticate.
    url = models.CharField(max_length=2000, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)

    objects = OperationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="operations_by_state"),
            models.Index(fields=["account", "-asked_at"], name="operations_of_account"),
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
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def has_failed(self) -> bool:
        return self.state == self.State.FAILED


class TrialCard(models.Model):
    """A card that has had its trial, by Stripe's fingerprint of it."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(
        BillingAccount, null=True, on_delete=models.SET_NULL, related_name="trial_cards"
    )
    used_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.fingerprint


class BillingNotice(models.Model):
    """One step that an account was told of, once for ever, and the mail of it to the billing
    e-mail. `mailed_at` is also set where that needs none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    threshold = models.CharField(max_length=64, blank=True)
    told_at = models.DateTimeField(default=timezone.now)
    title = models.CharField(max_length=500)
    text = models.TextField()
    email = models.EmailField(blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "subject", "threshold"], name="billing_told_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(mailed_at=None),
                name="billing_notices_to_mail",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Analysis(models.Model):
    """The newest analysis of a branch that was admitted. It counts until the project is counted."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="analyses")
    branch = models.CharField(max_length=1024)
    loc = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(fields=["project", "branch"], name="newest_analysis_of_branch")
        ]
        indexes = [models.Index(fields=["at"], name="analyses_by_age")]

    def __str__(self) -> str:
        return f"{self.branch}: {self.loc}"
