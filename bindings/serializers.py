"""Bindings as the API gives them."""

from typing import Any

from rest_framework import serializers

from bindings.checks import Outcome
from bindings.models import DevOpsBinding, PersonalAccessToken, Repository, Verification
from bindings.providers.base import Verdict
from bindings.replacing import Replacement


class CheckOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    message = serializers.CharField()
    remedy = serializers.CharField(help_text="What to do now; empty when there is nothing to do.")
    latency_ms = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        default=None,
        help_text="How long the request took that answered it; null where none was made.",
    )
    activity_id = serializers.CharField(
        read_only=True,
        default="",
        help_text="The platform's name for that request, which its support asks for. May be empty.",
    )


VERDICTS = [verdict.value for verdict in Verdict]


class VerificationOut(serializers.ModelSerializer[Verification]):
    state = serializers.ChoiceField(choices=["running", "done"], default="done")
    slot = serializers.ChoiceField(choices=["current", "next", "previous"])
    verdict = serializers.ChoiceField(choices=VERDICTS, allow_null=True)
    checks = CheckOut(many=True)
    at = serializers.DateTimeField(help_text="When it was done; while it runs, when it was asked.")

    class Meta:
        model = Verification
        fields = ["id", "state", "slot", "verdict", "checks", "at"]

    @staticmethod
    def running(token: PersonalAccessToken) -> dict[str, Any]:
        """A verification that somebody waits for, in the same shape."""
        return {
            "id": str(token.request),
            "state": "running",
            "slot": token.slot,
            "verdict": None,
            "checks": [],
            "at": serializers.DateTimeField().to_representation(
                token.requested_at or token.created_at
            ),
        }


class TokenOut(serializers.ModelSerializer[PersonalAccessToken]):
    verdict = serializers.ChoiceField(
        choices=VERDICTS, allow_null=True, help_text="Null while it was never judged."
    )
    last_healthy_at = serializers.DateTimeField(source="healthy_at", allow_null=True)
    days_left = serializers.IntegerField(allow_null=True, help_text="0 on the last day.")

    class Meta:
        model = PersonalAccessToken
        fields = [
            "last_four",
            "fingerprint",
            "owner_name",
            "verdict",
            "verdict_since",
            "last_healthy_at",
            "expires_on",
            "expiry_source",
            "days_left",
            "is_global",
            "last_access_at",
            "created_at",
        ]

    def to_representation(self, token: PersonalAccessToken) -> dict[str, Any]:
        shown = super().to_representation(token)
        return {**shown, "verdict": token.verdict or None}


class TokenIn(serializers.Serializer[Any]):
    """The next token of an organization."""

    token = serializers.CharField(trim_whitespace=False, max_length=4000, write_only=True)
    token_expires_on = serializers.DateField(required=False, allow_null=True)
    organization = serializers.CharField(
        required=False,
        max_length=2000,
        help_text="Its name in Azure DevOps, where that has changed.",
    )
    when = serializers.ChoiceField(
        choices=["now", "when_needed"],
        default="now",
        help_text="When to use it: once verified, or when the present one fails or expires.",
    )
    accept_differences = serializers.BooleanField(
        default=False,
        help_text="Take it also if it is another account's, or may do less.",
    )
    replace_standby = serializers.BooleanField(
        default=False,
        help_text="Wipe a token that works and stands by, even if this one is refused afterwards. "
        "Otherwise one that stands by is a 409, `standby-waits`, and nothing is done.",
    )

    def replacement(self) -> Replacement:
        sent = self.validated_data
        return Replacement(
            sent["token"],
            sent.get("token_expires_on"),
            organization=sent.get("organization", ""),
            is_standby=sent["when"] == "when_needed",
            accepts_differences=sent["accept_differences"],
            replaces_standby=sent["replace_standby"],
        )


class ExternalOut(serializers.Serializer[Any]):
    id = serializers.CharField(source="external_id")
    name = serializers.CharField(source="external_name")


class BindingOut(serializers.ModelSerializer[DevOpsBinding]):
    external = ExternalOut(source="*")
    token = TokenOut(allow_null=True)
    next_token = TokenOut(allow_null=True, help_text="Waits to be verified, or to be needed.")
    verification = VerificationOut(allow_null=True)

    class Meta:
        model = DevOpsBinding
        fields = ["id", "platform", "external", "created_at", "token", "next_token", "verification"]


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
