"""Lines in use, by the newest counts and by what was analysed since: the sum that is refused by."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from billing.models import Analysis
from projects.models import Project

# A count that took the place of an analysis leaves its row for so long, for whoever asks why.
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class InUse:
    """`loc` is what counts; `counted` is what it would be without what was analysed since. Of
    `projects` there are lines known.
    """

    loc: int
    counted: int
    projects: int

    @property
    def declared(self) -> int:
        """What analyses added since the projects were counted."""
        return self.loc - self.counted


def in_use_of(organization_id: uuid.UUID) -> InUse:
    """Of each private project its largest branch, summed. One query."""
    private = with_lines(Project.objects.filter(organization=organization_id)).filter(is_free=0)
    known = Count("pk", filter=Q(lines__gt=0) | Q(size__loc__isnull=False))
    sums = private.aggregate(
        all=Sum("lines", default=0), old=Sum("counted", default=0), projects=known
    )
    return InUse(loc=sums["all"], counted=sums["old"], projects=sums["projects"])


def lines_with_analyses(organization_id: uuid.UUID) -> int:
    """The sum alone. One query."""
    return in_use_of(organization_id).loc


def with_lines(projects: QuerySet[Project]) -> QuerySet[Any]:
    """Adds `lines`, of the largest branch, `counted`, without what was analysed since, and
    `is_free`.
    """
    is_newer = Q(size__counted_at=None) | Q(analyses__at__gt=F("size__counted_at"))
    declared = Coalesce(Max("analyses__loc", filter=is_newer), 0)
    counted = Coalesce(F("size__loc"), 0)
    is_public = When(repository__is_public=True, then=Value(1))
    free = Case(is_public, default=Value(0), output_field=IntegerField())
    return projects.annotate(counted=counted, lines=Greatest(declared, F("counted")), is_free=free)


def forget_counted_analyses() -> int:
    """Delete what counts no more and is more than 30 days old. Returns how many."""
    old = Analysis.objects.filter(at__lt=timezone.now() - KEPT)
    superseded = old.filter(project__size__counted_at__gte=F("at"))
    deleted, _ = superseded.delete()
    return deleted
