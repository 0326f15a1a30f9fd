"""Organizations as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from organizations.addresses import WEB_ADDRESS
from organizations.models import Organization


class OrganizationOut(serializers.ModelSerializer[Organization]):
    is_owner = serializers.BooleanField(help_text="Whether the token's person is an owner.")
    recovery_email = serializers.SerializerMethodField(
        help_text="Who is asked when no owner can be reached; may be empty. Null for members."
    )

    class Meta:
        model = Organization
        fields = [
            "id",
            "key",
            "name",
            "description",
            "url",
            "is_owner",
            "recovery_email",
            "created_at",
        ]

    def get_recovery_email(self, organization: Organization) -> str | None:
        is_owner = organization.is_owner  # type: ignore[attr-defined]
        return organization.recovery_email if is_owner else None


class DeletionOut(serializers.Serializer[dict[str, Any]]):
    deletion_due_at = serializers.DateTimeField(help_text="Until then it can be restored.")


class OrganizationIn(serializers.Serializer[None]):
    key = serializers.CharField(max_length=200, required=False)
    name = serializers.CharField(max_length=255, required=False)
    description = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    url = serializers.CharField(
        max_length=255, required=False, allow_blank=True, validators=[WEB_ADDRESS]
    )
    recovery_email = serializers.EmailField(required=False, allow_blank=True)
