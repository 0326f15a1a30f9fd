"""Organizations as the API takes and gives them."""

from rest_framework import serializers

from organizations.models import Organization


class OrganizationOut(serializers.ModelSerializer[Organization]):
    is_owner = serializers.BooleanField(help_text="Whether the token's person is an owner.")

    class Meta:
        model = Organization
        fields = ["id", "key", "name", "description", "url", "is_owner", "created_at"]


class OrganizationIn(serializers.Serializer[None]):
    name = serializers.CharField(max_length=255, required=False)
    description = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    url = serializers.URLField(max_length=255, required=False, allow_blank=True)
