from django.contrib import admin

from core.admin import PanelAdmin, SupportAdmin, looked_at
from core.panels import show_on
from organizations import screens
from organizations.looks import record_look
from organizations.models import AuditEvent, Invitation, JoinRequest, Organization, RecoveryLetter

looked_at.connect(record_look)

show_on(Organization, screens.identity, needs="organizations.view_organization")
show_on(Organization, screens.people, needs="accounts.view_user")
show_on(Organization, screens.told, needs="accounts.view_notification", is_last=True)
show_on(Organization, screens.record, needs="organizations.view_auditevent", is_last=True)


@admin.register(Organization)
class OrganizationAdmin(PanelAdmin):
    """Everything about an organization on one page."""

    belongs_to = ""
    list_display = ["key", "name", "created_at"]
    search_fields = ["key", "name", "memberships__user__email"]
    ordering = ["-created_at"]


@admin.register(AuditEvent)
class AuditEventAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["at", "action", "channel", "organization_key", "actor_email"]
    list_filter = ["channel"]
    search_fields = ["organization_key", "organization__key", "actor_email", "action"]
    search_fields += ["request_id"]
    ordering = ["-at"]


@admin.register(Invitation)
class InvitationAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["email", "organization", "role", "created_at", "expires_at", "mailed_at"]
    list_display += ["given_up_at", "accepted_at", "revoked_at"]
    list_filter = ["role"]
    list_select_related = ["organization"]
    search_fields = ["email", "organization__key"]
    ordering = ["-created_at"]


@admin.register(JoinRequest)
class JoinRequestAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["user", "organization", "state", "created_at", "decided_at"]
    list_filter = ["state"]
    list_select_related = ["user", "organization"]
    search_fields = ["user__email", "organization__key"]
    ordering = ["-created_at"]


@admin.register(RecoveryLetter)
class RecoveryLetterAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["email", "organization", "is_new", "created_at", "mailed_at", "given_up_at"]
    list_select_related = ["organization"]
    search_fields = ["email", "organization__key"]
    ordering = ["-created_at"]
