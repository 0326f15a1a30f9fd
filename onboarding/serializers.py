"""Imports as the API takes and gives them."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from billing.catalogue import catalogue
from billing.models import Interval, Plan
from billing.operations import newest_checkout
from billing.trial_use import refused_trial
from bindings.models import Platform
from bindings.providers.base import Verdict
from bindings.serializers import CheckOut, ExternalOut
from onboarding.models import Import
from onboarding.reserving import free_keys
from organizations.addresses import WEB_ADDRESS
from projects.serializers import EstimateOut
from projects.showing import as_data


class ImportIn(serializers.Serializer[None]):
    platform = serializers.ChoiceField(choices=Platform.choices, default=Platform.AZURE)
    organization = serializers.CharField(
        max_length=2000, help_text="Name or address, any spelling."
    )
    token = serializers.CharField(
        write_only=True, trim_whitespace=False, help_text="Personal access token; never returned."
    )
    token_expires_on = serializers.DateField(required=False, allow_null=True, default=None)


class CreateIn(serializers.Serializer[None]):
    key = serializers.CharField(max_length=200)
    name = serializers.CharField(max_length=255)
    description = serializers.CharField(max_length=1000, allow_blank=True, default="")
    url = serializers.CharField(
        max_length=255, allow_blank=True, default="", validators=[WEB_ADDRESS]
    )
    plan = serializers.ChoiceField(choices=Plan.choices)
    tier = serializers.IntegerField(
        default=None, allow_null=True, help_text="Of Team: how many lines of code, as in `plans`."
    )
    interval = serializers.ChoiceField(choices=Interval.choices, default="month")
    currency = serializers.CharField(
        max_length=3, default=lambda: catalogue().default_currency, help_text="As in `plans`."
    )


class SuggestionOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()


class ExistingOut(serializers.Serializer[Any]):
    join_url = serializers.CharField()
    claim_url = serializers.CharField()


class ImportOut(serializers.ModelSerializer[Import]):
    verdict = serializers.ChoiceField(
        choices=[verdict.value for verdict in Verdict], allow_blank=True
    )
    checks = CheckOut(many=True)
    external = ExternalOut(source="*")
    suggestion = serializers.SerializerMethodField()
    existing = serializers.SerializerMethodField(
        help_text="Set when the organization is here already: how to join or claim it."
    )
    organization: Any = serializers.SlugRelatedField(
        slug_field="key", read_only=True, allow_null=True
    )
    estimate = serializers.SerializerMethodField(
        help_text="Lines of code of the private repositories, as far as they are counted."
    )
    checkout_url = serializers.SerializerMethodField(
        help_text="Set while a payment is awaited: where a person pays, in a browser."
    )
    no_trial = serializers.SerializerMethodField(
        help_text="Set where a trial ended at once, and the import is ready again: why."
    )

    class Meta:
        model = Import
        fields = [
            "id",
            "state",
            "verdict",
            "checks",
            "external",
            "suggestion",
            "estimate",
            "existing",
            "checkout_url",
            "no_trial",
            "organization",
        ]

    @extend_schema_field(SuggestionOut)
    def get_suggestion(self, import_: Import) -> Any:
        name = import_.external_name
        return SuggestionOut({"key": free_keys(name, count=1)[0], "name": name}).data

    @extend_schema_field(ExistingOut(allow_null=True))
    def get_existing(self, import_: Import) -> Any:
        if not import_.is_refused or not import_.bound_elsewhere():
            return None
        urls = {
            f"{way}_url": reverse(f"onboarding:{way}", args=[import_.pk])
            for way in ("join", "claim")
        }
        return ExistingOut(urls).data

    @extend_schema_field(EstimateOut(allow_null=True))
    def get_estimate(self, import_: Import) -> Any:
        return EstimateOut(as_data(import_.estimate)).data if import_.estimate else None

    def get_checkout_url(self, import_: Import) -> str | None:
        if not import_.is_being_paid or import_.paid_at:
            return None
        checkout = newest_checkout(import_.billing) if import_.billing else None
        if checkout and checkout.is_done and checkout.url:
            return checkout.url
        return settings.SITE_URL + reverse("onboarding:payment", args=[import_.pk])

    def get_no_trial(self, import_: Import) -> str | None:
        return refused_trial(import_.billing) or None


class KeyAvailabilityOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    available = serializers.BooleanField()
    problem = serializers.CharField(allow_null=True)
    suggestions = serializers.ListField(child=serializers.CharField())
