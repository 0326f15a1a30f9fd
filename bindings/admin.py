from django.contrib import admin

from bindings import screens
from bindings.models import (
    CalendarFeed,
    DevOpsBinding,
    PersonalAccessToken,
    PlatformIncident,
    Repository,
    Verification,
)
from core.admin import SupportAdmin
from core.panels import show_on
from organizations.models import Organization

show_on(Organization, screens.binding, needs="bindings.view_devopsbinding")


@admin.register(DevOpsBinding)
class DevOpsBindingAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["external_name", "platform", "organization", "external_id", "created_at"]
    list_select_related = ["organization"]
    search_fields = ["external_name", "external_id", "organization__key"]
    ordering = ["-created_at"]


@admin.register(PersonalAccessToken)
class PersonalAccessTokenAdmin(SupportAdmin):
    belongs_to = "binding__organization"
    list_display = ["binding", "slot", "last_four", "owner_name", "verdict", "expires_on"]
    list_select_related = ["binding"]
    list_filter = ["slot", "verdict", "expiry_source"]
    search_fields = [
        "binding__organization__key",
        "binding__external_name",
        "fingerprint",
        "last_four",
        "owner_name",
    ]
    ordering = ["expires_on"]
    exclude = ["secret"]


@admin.register(Verification)
class VerificationAdmin(SupportAdmin):
    belongs_to = "binding__organization"
    list_display = ["at", "binding", "slot", "verdict", "reason", "token_fingerprint"]
    list_select_related = ["binding"]
    list_filter = ["verdict", "reason", "slot"]
    search_fields = ["binding__organization__key", "binding__external_name", "token_fingerprint"]
    ordering = ["-at"]


@admin.register(Repository)
class RepositoryAdmin(SupportAdmin):
    belongs_to = "binding__organization"
    list_display = ["name", "project_name", "binding", "is_public", "is_disabled", "vanished_at"]
    list_select_related = ["binding"]
    search_fields = ["name", "project_name", "binding__external_name", "external_id"]
    search_fields += ["binding__organization__key"]
    ordering = ["binding", "name"]


@admin.register(PlatformIncident)
class PlatformIncidentAdmin(SupportAdmin):
    list_display = ["began_at", "ended_at", "platform", "affected"]
    search_fields = ["platform"]
    list_filter = ["platform"]
    ordering = ["-began_at"]


@admin.register(CalendarFeed)
class CalendarFeedAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["organization", "user", "created_at"]
    list_select_related = ["organization", "user"]
    search_fields = ["organization__key", "user__email"]
    exclude = ["digest"]
    ordering = ["-created_at"]
