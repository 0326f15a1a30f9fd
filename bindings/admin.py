from django.contrib import admin

from bindings.models import DevOpsBinding, PersonalAccessToken, Repository, Verification
from core.admin import SupportAdmin


@admin.register(DevOpsBinding)
class DevOpsBindingAdmin(SupportAdmin):
    list_display = ["external_name", "platform", "organization", "external_id", "created_at"]
    list_select_related = ["organization"]
    search_fields = ["external_name", "external_id", "organization__key"]
    ordering = ["-created_at"]


@admin.register(PersonalAccessToken)
class PersonalAccessTokenAdmin(SupportAdmin):
    list_display = ["binding", "slot", "last_four", "owner_name", "expires_on", "expiry_source"]
    list_select_related = ["binding"]
    search_fields = ["binding__external_name", "fingerprint", "last_four", "owner_name"]
    ordering = ["expires_on"]
    exclude = ["secret"]


@admin.register(Verification)
class VerificationAdmin(SupportAdmin):
    list_display = ["at", "binding", "verdict", "token_fingerprint"]
    list_select_related = ["binding"]
    list_filter = ["verdict"]
    search_fields = ["binding__external_name", "token_fingerprint"]
    ordering = ["-at"]


@admin.register(Repository)
class RepositoryAdmin(SupportAdmin):
    list_display = ["name", "project_name", "binding", "is_public", "is_disabled", "vanished_at"]
    list_select_related = ["binding"]
    search_fields = ["name", "project_name", "binding__external_name", "external_id"]
    ordering = ["binding", "name"]
