"""Quotes and changes as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from billing.forms import FEEDBACK
from billing.models import Interval, Operation, Quote

KINDS = ("upgrade", "downgrade", "undo", "cancel", "resume")
# What each kind can't do without.
NEEDED = {"upgrade": ("quote",), "downgrade": ("tier", "interval")}


class QuoteIn(serializers.Serializer[Any]):
    """A tier of Team, and how often it is paid."""

    tier = serializers.IntegerField(min_value=1, help_text="By its number of lines.")
    interval = serializers.ChoiceField(Interval.choices)


class LineOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    amount = serializers.IntegerField()


class QuoteOut(serializers.ModelSerializer[Quote]):
    """In minor units of its currency. `amount_due` is what the card is charged."""

    loc_limit = serializers.IntegerField(source="price.loc_limit")
    interval = serializers.CharField(source="price.interval")
    lines = LineOut(many=True)
    carried_over = serializers.IntegerField(
        help_text="Too little for a card to be charged: it comes with the next invoice."
    )
    next_amount = serializers.IntegerField(
        help_text="After what is taken off each time, without tax."
    )

    class Meta:
        model = Quote
        fields = (
            "id", "loc_limit", "interval", "currency", "lines", "subtotal", "tax", "total",
            "credit", "amount_due", "carried_over", "next_amount", "next_at", "expires_at",
        )  # fmt: skip


class ChangeIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(KINDS)
    quote = serializers.UUIDField(required=False, help_text="For upgrade, and to resume a pause.")
    tier = serializers.IntegerField(required=False, min_value=1, help_text="For downgrade.")
    interval = serializers.ChoiceField(Interval.choices, required=False, help_text="For downgrade.")
    confirmed = serializers.BooleanField(
        default=False, help_text="For downgrade below the lines in use."
    )
    feedback = serializers.ChoiceField(
        [code for code, _ in FEEDBACK], default="", allow_blank=True, help_text="For cancel."
    )
    comment = serializers.CharField(
        default="", allow_blank=True, max_length=1000, help_text="For cancel."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in NEEDED.get(attrs["kind"], ()) if name not in attrs]
        if missing:
            raise serializers.ValidationError(
                {name: [f"This is needed for {attrs['kind']}."] for name in missing}
            )
        return attrs


class ChangeOut(serializers.ModelSerializer[Operation]):
    """`error_code` and `error` say why one failed, or why it has not worked yet."""

    tried_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Until when it is tried, should our payment service be silent; null is for "
        "some minutes.",
    )

    class Meta:
        model = Operation
        fields = (
            "id", "kind", "state", "url", "error_code", "error", "asked_at", "tried_until",
            "ended_at",
        )  # fmt: skip
