from django.contrib import admin

from core.admin import SupportAdmin
from projects.models import Project


@admin.register(Project)
class ProjectAdmin(SupportAdmin):
    list_display = ["key", "name", "organization", "repository", "last_four", "created_at"]
    list_select_related = ["organization", "repository"]
    search_fields = ["key", "name", "organization__key", "repository__name"]
    ordering = ["-created_at"]
    exclude = ["secret"]
