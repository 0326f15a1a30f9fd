from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from core.admin import SupportAdmin
from core.panels import show_on
from organizations.models import Organization
from projects import screens
from projects.models import (
    Estimate,
    EstimatedRepository,
    LineCount,
    Project,
    ProjectSize,
    UsageReading,
)

show_on(Organization, screens.code, needs="projects.view_project")


@admin.register(Project)
class ProjectAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["key", "name", "organization", "repository", "last_four", "created_at"]
    list_select_related = ["organization", "repository"]
    search_fields = ["key", "name", "organization__key", "repository__name"]
    ordering = ["-created_at"]
    exclude = ["secret"]


@admin.register(ProjectSize)
class ProjectSizeAdmin(SupportAdmin):
    """Why a project has the lines it has, and when it is counted next."""

    belongs_to = "project__organization"
    list_display = ["project", "organization", "loc", "branch", "skipped", "counted_at",
                    "next_count_at"]  # fmt: skip
    list_select_related = ["project__organization"]
    list_filter = ["skipped"]
    search_fields = ["project__key", "project__organization__key", "branch"]
    ordering = ["-counted_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProjectSize]:
        return super().get_queryset(request).defer("project__secret")

    @admin.display(ordering="project__organization__key")
    def organization(self, size: ProjectSize) -> str:
        return size.project.organization.key


@admin.register(LineCount)
class LineCountAdmin(SupportAdmin):
    belongs_to = "project__organization"
    list_display = ["project", "branch", "short_commit", "code", "version", "is_current",
                    "counted_at"]  # fmt: skip
    list_select_related = ["project"]
    list_filter = ["is_current"]
    search_fields = ["project__key", "branch", "commit", "version"]
    ordering = ["-counted_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LineCount]:
        # A count has kilobytes of examples, which a list doesn't show.
        return super().get_queryset(request).defer("count", "project__secret")

    @admin.display(description="commit")
    def short_commit(self, count: LineCount) -> str:
        return count.commit[:8]


@admin.register(UsageReading)
class UsageReadingAdmin(SupportAdmin):
    belongs_to = "organization"
    list_display = ["day", "organization", "project", "loc", "projects"]
    list_select_related = ["organization", "project"]
    search_fields = ["organization__key", "project__key"]
    ordering = ["-day", "-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UsageReading]:
        return super().get_queryset(request).defer("project__secret")


@admin.register(Estimate)
class EstimateAdmin(SupportAdmin):
    belongs_to = "binding__organization"
    list_display = ["started_at", "binding", "repository", "state", "ended_at"]
    list_select_related = ["binding", "repository"]
    list_filter = ["state"]
    search_fields = ["binding__external_name", "binding__organization__key", "repositories__name"]
    readonly_fields = ["counted"]
    ordering = ["-started_at"]

    @admin.display(description="repositories")
    def counted(self, estimate: Estimate) -> str:
        """They may be thousands, so they have a list of their own."""
        place = reverse("admin:projects_estimatedrepository_changelist")
        return format_html('<a href="{}?estimate={}">All of them</a>', place, estimate.pk)


@admin.register(EstimatedRepository)
class EstimatedRepositoryAdmin(SupportAdmin):
    belongs_to = "estimate__binding__organization"
    list_display = [
        "name",
        "project_name",
        "state",
        "skipped",
        "branch",
        "code",
        "pushed_at",
        "attempts",
    ]
    list_filter = ["state", "skipped"]
    search_fields = ["name", "project_name", "external_id"]
    ordering = ["estimate", "position"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "estimate" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EstimatedRepository]:
        return super().get_queryset(request).defer("branches")
