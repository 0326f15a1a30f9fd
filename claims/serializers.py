"""Claims as the API gives and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.models import AccessClaim, Evidence, Outcome, Strength
from claims.operations import LONGEST_TEXT
from claims.waiting import longest_wait
from claims.weighing import NONCE, TOKEN, WORDS, as_told

# An address on the domain of an owner's, and how their own token is, are not told.
TOLD = [each for each in Outcome.values if each not in ("owners_domain", "could_not_look")]


class EvidenceOut(serializers.ModelSerializer[Evidence]):
    kind = serializers.ChoiceField(choices=[TOKEN, NONCE])
    outcome = serializers.SerializerMethodField()
    weight = serializers.ChoiceField(choices=Strength.values)
    message = serializers.SerializerMethodField()
    remedy = serializers.SerializerMethodField(help_text="What to do now; may be empty.")

    class Meta:
        model = Evidence
        fields = ["kind", "outcome", "weight", "message", "remedy", "at"]

    @extend_schema_field(serializers.ChoiceField(choices=TOLD))
    def get_outcome(self, evidence: Evidence) -> str:
        return as_told(evidence.outcome)

    def get_message(self, evidence: Evidence) -> str:
        return WORDS[as_told(evidence.outcome)][1]

    def get_remedy(self, evidence: Evidence) -> str:
        return WORDS[as_told(evidence.outcome)][2]


class ClaimOut(serializers.ModelSerializer[AccessClaim]):
    state = serializers.ChoiceField(choices=AccessClaim.State.values)
    external_name = serializers.CharField(help_text="What you call the organization there.")
    organization = serializers.SerializerMethodField(
        help_text="Its key here, once the claim is approved; null until then."
    )
    words = serializers.CharField(
        source="nonce", help_text="To place in the description of a project there."
    )
    waits_until = serializers.SerializerMethodField(
        help_text="Owners may object until then, at the latest."
    )
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
            "decided_at",
            "is_looking",
            "evidence",
        ]

    @extend_schema_field(serializers.DateTimeField)
    def get_waits_until(self, claim: AccessClaim) -> str | None:
        return serializers.DateTimeField().to_representation(longest_wait(claim))

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
