"""The catalogue as the API gives it."""

from typing import Any

from rest_framework import serializers

from billing.models import Interval, Plan


class FeatureOut(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Stable; for programs.")
    title = serializers.CharField()


class PriceOut(serializers.Serializer[Any]):
    interval = serializers.ChoiceField(choices=Interval.choices)
    currency = serializers.CharField(help_text="ISO 4217, in small letters.")
    amount = serializers.IntegerField(help_text="In minor units, without tax.")


class TierOut(serializers.Serializer[Any]):
    tier = serializers.IntegerField(
        source="loc_limit", help_text="Private lines of code it is enough for."
    )
    prices = PriceOut(many=True)


class PlanOut(serializers.Serializer[Any]):
    plan = serializers.ChoiceField(choices=Plan.choices)
    loc_limit = serializers.IntegerField(
        allow_null=True, help_text="Private lines of code; null where a tier or an agreement says."
    )
    loc_from = serializers.IntegerField(allow_null=True, help_text="It begins at so many.")
    members = serializers.IntegerField(allow_null=True, help_text="null: as many as you like.")
    trial_days = serializers.IntegerField()
    features = FeatureOut(many=True)
    tiers = TierOut(many=True)
    contact = serializers.EmailField(
        allow_null=True, help_text="Whom to write to about a plan that is agreed on."
    )


class PlansOut(serializers.Serializer[Any]):
    results = PlanOut(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
