"""What owners ask for: a count now, instead of tonight."""

from django.db import transaction

from accounts.models import User
from core.queue import queue_on_commit
from organizations import audit
from organizations.models import Organization
from projects import recounting, tasks
from projects.models import Project


@transaction.atomic
def request_counts(organization: Organization, *, by: User) -> None:
    """Count every project soon. Those that somebody waits for already are not asked for twice."""
    projects = list(organization.projects.values_list("pk", flat=True))
    if wanted := recounting.request_count(projects):
        audit.record(organization, "lines.count_requested", by=by, projects=wanted)
        queue_on_commit(tasks.begin_projects, organization_id=str(organization.pk))


@transaction.atomic
def request_count(project: Project, *, by: User) -> None:
    """Count one project soon."""
    if recounting.request_count([project.pk]):
        audit.record(project.organization, "lines.count_requested", by=by, key=project.key)
        queue_on_commit(tasks.begin_projects, organization_id=str(project.organization_id))
