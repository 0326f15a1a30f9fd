"""Who pays, and what they were told."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bindings.models import Platform
from organizations.models import Organization


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
    # What the organization, or the import, was bound to when something was last bought.
    platform = models.CharField(max_length=16, choices=Platform, blank=True)
    external_id = models.CharField(max_length=64, blank=True)
    # When its organization was deleted. What it still has ends then.
    left_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    is_live = models.BooleanField(default=False)
    customer_id = models.CharField(max_length=64, blank=True)
    # {key, params, at}: the customer that is being made, by whichever operation comes first. Empty
    # once there is one.
    customer_asked = models.JSONField(default=dict, blank=True)
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
    # Taken off each invoice, as the subscription's own are.
    discounts = models.JSONField(default=list)
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


class TrialCard(models.Model):
    """A card that has had its trial, by Stripe's fingerprint of it."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(
        BillingAccount, null=True, on_delete=models.SET_NULL, related_name="trial_cards"
    )
    used_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.fingerprint


class TrialOrganization(models.Model):
    """An external organization that has had its trial, whoever imported it, and how often."""

    platform = models.CharField(max_length=16, choices=Platform)
    external_id = models.CharField(max_length=64)
    account = models.ForeignKey(
        BillingAccount, null=True, on_delete=models.SET_NULL, related_name="trial_organizations"
    )
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "external_id"], name="one_trial_an_external_organization"
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.external_id}"


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
    given_up_at = models.DateTimeField(null=True, blank=True)
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
                condition=Q(mailed_at=None, given_up_at=None),
                name="billing_notices_to_mail",
            )
        ]

    def __str__(self) -> str:
        return self.title
