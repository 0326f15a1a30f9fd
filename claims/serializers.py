"""Claims as the API gives and takes them."""

from typing import Any

from rest_framework import serializers

from claims.models import AccessClaim, Evidence, Outcome, Strength
from claims.operations import LONGEST_TEXT
from claims.weighing import WORDS


class EvidenceOut(serializers.ModelSerializer[Evidence]):
    kind = serializers.ChoiceField(choices=Evidence.Kind.values)
    outcome = serializers.ChoiceField(choices=Outcome.values)
    weight = serializers.ChoiceField(choices=Strength.values)
    message = serializers.SerializerMethodField()
    remedy = serializers.SerializerMethodField(help_text="What to do now; may be empty.")

    class Meta:
        model = Evidence
        fields = ["kind", "outcome", "weight", "message", "remedy", "at"]

    def get_message(self, evidence: Evidence) -> str:
        return WORDS[evidence.outcome][1]

    def get_remedy(self, evidence: Evidence) -> str:
        return WORDS[evidence.outcome][2]


class ClaimOut(serializers.ModelSerializer[AccessClaim]):
    state = serializers.ChoiceField(choices=AccessClaim.State.values)
    external_name = serializers.CharField(help_text="What you call the organization there.")
    organization = serializers.SerializerMethodField(
        help_text="Its key here, once the claim is approved; null until then."
    )
    words = serializers.CharField(
        source="nonce", help_text="To place in the description of a project there."
    )
    waits_until = serializers.DateTimeField(help_text="Nothing is approved before.")
    is_looking = serializers.BooleanField(help_text="Azure DevOps is being asked just now.")
    evidence = EvidenceOut(many=True)

    class Meta:
        model = AccessClaim
        fields = [
            "id",
            "state",
            "external_name",
            "organization",
            "statement",
            "words",
            "opened_at",
            "waits_until",
            "shortened_because",
            "decided_at",
            "is_looking",
            "evidence",
        ]

    def get_organization(self, claim: AccessClaim) -> str | None:
        return claim.organization.key if claim.is_approved else None


class ClaimIn(serializers.Serializer[Any]):
    organization = serializers.CharField(
        max_length=2000, help_text="Its name in Azure DevOps, or any address of it."
    )
    statement = serializers.CharField(max_length=LONGEST_TEXT, help_text="What happened.")


class EvidenceIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        choices=AccessClaim.Look.values,
        help_text="`token`: look at the one that is sent. `nonce`: look for the words now.",
    )
    token = serializers.CharField(
        required=False, write_only=True, trim_whitespace=False, help_text="Only with `token`."
    )
