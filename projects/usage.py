"""An organization's lines in use: from the counts we keep to the sum, and day by day."""

import uuid

from django.utils import timezone

from organizations.models import Organization
from projects.models import Project, UsageReading
from projects.sums import InUse, Measured, lines_in_use


def usage_of(organization_id: uuid.UUID) -> InUse:
    """Lines in use by the newest count of each project. One query."""
    projects = Project.objects.filter(organization=organization_id, size__loc__isnull=False)
    shown = projects.shown().select_related("repository", "size")
    return lines_in_use(
        Measured(project.key, project.is_public, {project.size.branch: project.size.loc or 0})
        for project in shown
    )


def take_reading(organization_id: uuid.UUID) -> None:
    """Write down today's sum, in place of what it was earlier today."""
    in_use = usage_of(organization_id)
    UsageReading.objects.update_or_create(
        organization_id=organization_id,
        project=None,
        day=timezone.now().date(),
        defaults={
            "loc": in_use.loc,
            "projects": sum(not row.is_free for row in in_use.summands),
        },
    )


def take_readings() -> None:
    """Of every organization with projects, also where nothing was counted today."""
    with_projects = Organization.objects.filter(projects__isnull=False, closed_at=None).distinct()
    for organization_id in with_projects.values_list("pk", flat=True).iterator():
        take_reading(organization_id)
