from django.contrib import admin

from core.admin import SupportAdmin
from core.panels import show_on
from onboarding import screens
from onboarding.models import Import
from organizations.models import Organization

show_on(Organization, screens.imports, needs="onboarding.view_import")


@admin.register(Import)
class ImportAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["external_name", "user", "state", "verdict", "started_at", "organization"]
    list_select_related = ["user", "organization"]
    list_filter = ["state", "verdict"]
    search_fields = ["external_name", "external_id", "user__email", "key"]
    search_fields += ["organization__key"]
    ordering = ["-started_at"]
    exclude = ["secret", "avatar", "lease", "repositories"]
