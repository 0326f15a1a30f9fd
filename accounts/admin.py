from django.contrib import admin
from django.db.models.signals import post_migrate

from accounts.models import ApiToken, Farewell, Notification, NotificationPreference, User
from accounts.roles import fill_groups
from core.admin import SupportAdmin

# Once all lists of the desk are known, which is when its modules have been read.
post_migrate.connect(fill_groups)


class NotificationPreferenceInline(admin.TabularInline):
    """What they chose. Of a kind without a row they want mails."""

    model = NotificationPreference
    verbose_name_plural = "Notifications by e-mail: what they chose, all others are mailed"
    fields = ["kind", "by_mail"]
    ordering = ["kind"]


@admin.register(User)
class UserAdmin(SupportAdmin):
    list_display = ["email", "first_name", "last_name", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["-date_joined"]
    exclude = ["password", "user_permissions", "groups"]
    inlines = [NotificationPreferenceInline]


@admin.register(ApiToken)
class ApiTokenAdmin(SupportAdmin):
    list_display = ["prefix", "name", "user", "scopes", "expires_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["prefix", "user__email"]
    ordering = ["-created_at"]
    exclude = ["digest"]


@admin.register(Notification)
class NotificationAdmin(SupportAdmin):
    list_display = ["title", "kind", "user", "created_at", "mailed_at", "mail_attempts"]
    list_display += ["mail_due_at", "read_at"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    ordering = ["-created_at"]
    # Some of these addresses act for whoever opens them.
    exclude = ["link_url"]


@admin.register(Farewell)
class FarewellAdmin(SupportAdmin):
    """Those that have not left yet."""

    list_display = ["email", "created_at", "attempts", "next_attempt_at"]
    search_fields = ["email"]
    ordering = ["-created_at"]
