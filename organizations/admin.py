from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import SupportAdmin, looked_at
from organizations.looks import record_look
from organizations.models import AuditEvent, Invitation, JoinRequest, Membership, Organization

looked_at.connect(record_look)


class MembershipInline(admin.TabularInline):
    model = Membership
    fields = ["user", "joined_at", "may_create_projects", "may_run_analyses"]
    readonly_fields = ["user", "joined_at", "may_create_projects", "may_run_analyses"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "organization")


@admin.register(Organization)
class OrganizationAdmin(SupportAdmin):
    belongs_to = ""
    list_display = ["key", "name", "created_at"]
    search_fields = ["key", "name", "memberships__user__email"]
    ordering = ["-created_at"]
    exclude = ["avatar"]
    inlines = [MembershipInline]


@admin.register(AuditEvent)
class AuditEventAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["at", "action", "channel", "organization_key", "actor_email"]
    list_filter = ["channel"]
    search_fields = ["organization_key", "actor_email", "action", "request_id"]
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
