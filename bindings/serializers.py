"""Bindings as the API gives them."""

from typing import Any

from rest_framework import serializers

from bindings.checks import Outcome
from bindings.models import DevOpsBinding, PersonalAccessToken, Repository, Verification
from bindings.providers.base import Verdict


class CheckOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    message = serializers.CharField()
    remedy = serializers.CharField(help_text="What to do now; empty when there is nothing to do.")


class VerificationOut(serializers.ModelSerializer[Verification]):
    state = serializers.SerializerMethodField()
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    checks = CheckOut(many=True)

    class Meta:
        model = Verification
        fields = ["id", "state", "verdict", "checks", "at"]

    def get_state(self, verification: Verification) -> str:
        return "done"


class TokenOut(serializers.ModelSerializer[PersonalAccessToken]):
    class Meta:
        model = PersonalAccessToken
        fields = [
            "last_four",
            "fingerprint",
            "owner_name",
            "expires_on",
            "expiry_source",
            "created_at",
        ]


class ExternalOut(serializers.Serializer[Any]):
    id = serializers.CharField(source="external_id")
    name = serializers.CharField(source="external_name")


class BindingOut(serializers.ModelSerializer[DevOpsBinding]):
    external = ExternalOut(source="*")
    token = TokenOut(allow_null=True)
    verification = VerificationOut(allow_null=True)

    class Meta:
        model = DevOpsBinding
        fields = ["id", "platform", "external", "created_at", "token", "verification"]


class RepositoryOut(serializers.ModelSerializer[Repository]):
    is_empty = serializers.BooleanField()

    class Meta:
        model = Repository
        fields = [
            "id",
            "external_id",
            "name",
            "project_name",
            "default_branch",
            "size",
            "is_public",
            "is_disabled",
            "is_empty",
            "web_url",
        ]
