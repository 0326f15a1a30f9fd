"""What owners ask for: a count now, instead of tonight."""

import uuid

from django.db import transaction

from accounts.models import User
from core.limits import is_within
from core.queue import queue_on_commit
from organizations import audit
from organizations.models import Organization
from projects import recounting, tasks
from projects.errors import CountedOften
from projects.models import Project

# Of one project, or of all of an organization, in an hour.
MOST = 10


def request_counts(organization: Organization, *, by: User) -> None:
    """Count every project soon. Those that somebody waits for already are not asked for twice.

    Raises CountedOften.
    """
    _count_press(organization.pk)
    projects = list(organization.projects.values_list("pk", flat=True))
    with transaction.atomic():
        if wanted := recounting.request_count(projects):
            audit.record(organization, "lines.count_requested", by=by, projects=wanted)
            queue_on_commit(tasks.begin_projects, organization_id=str(organization.pk))


def request_count(project: Project, *, by: User) -> None:
    """Count one project soon. Raises CountedOften."""
    _count_press(project.pk)
    with transaction.atomic():
        if recounting.request_count([project.pk]):
            audit.record(project.organization, "lines.count_requested", by=by, key=project.key)
            organization_id = str(project.organization_id)
            queue_on_commit(tasks.begin_projects, organization_id=organization_id)


def _count_press(whose: uuid.UUID) -> None:
    """Counted outside any transaction, since it is asked of the cache."""
    if not is_within(MOST, what="counts", who=str(whose)):
        raise CountedOften
