"""People as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from organizations.models import Invitation, JoinRequest, Membership, Role


class MemberOut(serializers.ModelSerializer[Membership]):
    id = serializers.UUIDField(source="user_id", help_text="Of the person, in every organization.")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.display_name")
    role = serializers.SerializerMethodField()
    may_create_projects = serializers.SerializerMethodField()
    may_run_analyses = serializers.SerializerMethodField()
    last_sign_in_at = serializers.SerializerMethodField(
        help_text="Null where it never happened, and for whoever is no owner."
    )

    class Meta:
        model = Membership
        fields = [
            "id", "email", "name", "role", "may_create_projects", "may_run_analyses", "joined_at",
            "last_sign_in_at",
        ]  # fmt: skip

    def get_role(self, member: Any) -> Role:
        return Role.OWNER if member.is_owner else Role.MEMBER

    def get_may_create_projects(self, member: Any) -> bool:
        return bool(member.is_owner or member.may_create_projects)

    def get_may_run_analyses(self, member: Any) -> bool:
        return bool(member.is_owner or member.may_run_analyses)

    def get_last_sign_in_at(self, member: Any) -> str | None:
        at = member.user.last_login if self.context.get("for_owner") else None
        return at.isoformat() if at else None


class MemberIn(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    may_create_projects = serializers.BooleanField(required=False)
    may_run_analyses = serializers.BooleanField(required=False)


class OwnerIn(serializers.Serializer[Any]):
    user = serializers.UUIDField(help_text="The id of a member.")


class InvitationIn(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.MEMBER)


class InvitationOut(serializers.ModelSerializer[Invitation]):
    role = serializers.ChoiceField(choices=Role.choices)
    invited_by = serializers.CharField(
        source="invited_by.email", allow_null=True, default=None, help_text="An e-mail address."
    )
    has_expired = serializers.BooleanField()

    class Meta:
        model = Invitation
        fields = [
            "id", "email", "role", "invited_by", "created_at", "expires_at", "has_expired",
            "mailed_at", "given_up_at",
        ]  # fmt: skip


class JoinRequestOut(serializers.ModelSerializer[JoinRequest]):
    user = serializers.UUIDField(source="user_id")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.display_name")
    state = serializers.CharField(help_text="`open`, `approved`, `declined` or `withdrawn`.")

    class Meta:
        model = JoinRequest
        fields = ["id", "user", "email", "name", "note", "state", "created_at", "decided_at"]
