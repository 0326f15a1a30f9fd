"""Plans, subscriptions and invoices as the API gives them."""

from typing import Any

from rest_framework import serializers

from billing.entitlements import KNOWN_STATUSES, UNLIMITED, Access
from billing.models import Invoice, Plan, Subscription

PLANS = [*Plan.values, UNLIMITED]


class EntitlementsOut(serializers.Serializer[Any]):
    """What an organization may do now."""

    plan = serializers.ChoiceField(PLANS)
    loc_limit = serializers.IntegerField(
        allow_null=True, help_text="Of private code; null is without a limit."
    )
    members = serializers.IntegerField(allow_null=True, help_text="Null is without a limit.")
    features = serializers.ListField(child=serializers.CharField())
    access = serializers.ChoiceField(
        [each.value for each in Access], help_text="Nothing new is analysed while it is read_only."
    )
    reason = serializers.CharField(help_text="Why, as a word for programs.")
    until = serializers.DateTimeField(allow_null=True, help_text="When it changes by itself.")


class SubscriptionOut(serializers.ModelSerializer[Subscription]):
    """What was bought. `status` is null where nothing was."""

    plan = serializers.ChoiceField(PLANS)
    status = serializers.CharField(
        allow_null=True, help_text=f"One of {', '.join(KNOWN_STATUSES)}; others may come."
    )
    loc_limit = serializers.IntegerField(
        allow_null=True, help_text="Null is without a limit: nothing is sold here."
    )
    interval = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    amount = serializers.IntegerField(help_text="A period, in minor units and without tax.")
    pending_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when a change waits for its payment."
    )
    next_lookup_key = serializers.CharField(
        allow_null=True, help_text="The price that was chosen for the next period."
    )

    class Meta:
        model = Subscription
        fields = (
            "plan", "status", "loc_limit", "interval", "currency", "amount", "period_start",
            "period_end", "trial_end", "cancels_at", "past_due_since", "pending_until",
            "next_lookup_key", "next_at",
        )  # fmt: skip

    def to_representation(self, subscription: Subscription) -> dict[str, Any]:
        shown = super().to_representation(subscription)
        return {name: None if value == "" else value for name, value in shown.items()}


class InvoiceOut(serializers.ModelSerializer[Invoice]):
    """In minor units of its currency."""

    id = serializers.CharField(source="stripe_id")

    class Meta:
        model = Invoice
        fields = (
            "id", "number", "status", "currency", "total", "amount_due", "amount_paid",
            "amount_refunded", "created_at", "due_at",
        )  # fmt: skip
