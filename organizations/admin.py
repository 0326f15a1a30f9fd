from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import SupportAdmin
from organizations.models import AuditEvent, Membership, Organization


class MembershipInline(admin.TabularInline):
    model = Membership
    fields = ["user", "joined_at"]
    readonly_fields = ["user", "joined_at"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "organization")


@admin.register(Organization)
class OrganizationAdmin(SupportAdmin):
    list_display = ["key", "name", "created_at"]
    search_fields = ["key", "name", "memberships__user__email"]
    ordering = ["-created_at"]
    exclude = ["avatar"]
    inlines = [MembershipInline]


@admin.register(AuditEvent)
class AuditEventAdmin(SupportAdmin):
    list_display = ["at", "action", "channel", "organization_key", "actor_email"]
    list_filter = ["channel"]
    search_fields = ["organization_key", "actor_email", "action", "request_id"]
    ordering = ["-at"]
