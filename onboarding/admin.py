from django.contrib import admin

from core.admin import SupportAdmin
from onboarding.models import Import


@admin.register(Import)
class ImportAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["external_name", "user", "state", "verdict", "started_at", "organization"]
    list_select_related = ["user", "organization"]
    list_filter = ["state", "verdict"]
    search_fields = ["external_name", "external_id", "user__email", "key"]
    ordering = ["-started_at"]
    exclude = ["secret", "avatar", "lease", "repositories"]
