from django.contrib import admin

from accounts.models import ApiToken, Notification, User
from core.admin import SupportAdmin


@admin.register(User)
class UserAdmin(SupportAdmin):
    list_display = ["email", "first_name", "last_name", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["-date_joined"]
    exclude = ["password", "user_permissions", "groups"]


@admin.register(ApiToken)
class ApiTokenAdmin(SupportAdmin):
    list_display = ["prefix", "name", "user", "scopes", "expires_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["prefix", "user__email"]
    ordering = ["-created_at"]
    exclude = ["digest"]


@admin.register(Notification)
class NotificationAdmin(SupportAdmin):
    list_display = ["title", "kind", "severity", "user", "created_at", "read_at", "mailed_at"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    ordering = ["-created_at"]
