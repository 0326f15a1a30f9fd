"""Whether an analysis may run: judged by the same sum that is shown and billed.

What an analysis says of its branch counts until our own counter has looked at the project
again; of each branch the newest word. Pull requests are judged and not kept.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from billing.entitlements import Entitlements
from billing.errors import LocLimitReached, OnlyToLookAt
from billing.models import Analysis
from billing.prices import tier_that_fits
from billing.standing import entitlements_for
from billing.usage import lines_with_analyses, with_lines
from organizations.models import Organization
from projects.models import Project


@dataclass(frozen=True)
class Admitted:
    """An analysis that may run. `used` is in lines, with it; `limit` is None without one."""

    branch: str
    loc: int
    used: int
    limit: int | None


def admit_analysis(
    project: Project, *, branch: str, loc: int, is_pull_request: bool = False
) -> Admitted:
    """Let an analysis run, or raise LocLimitReached or OnlyToLookAt. Of several at once, each is
    judged with those before it.
    """
    entitled = entitlements_for(project.organization_id)
    with transaction.atomic():
        # Whoever asks for another project of this organization waits until this one is decided.
        Organization.objects.select_for_update().only("pk").get(pk=project.organization_id)
        used = _judge(project, loc, entitled)
        if not is_pull_request:
            _keep(project, branch, loc)
    return Admitted(branch, loc, used, entitled.loc_limit)


def _judge(project: Project, loc: int, entitled: Entitlements) -> int:
    """Lines in use with this analysis."""
    if entitled.is_read_only:
        raise OnlyToLookAt
    used = lines_with_analyses(project.organization_id)
    mine = with_lines(Project.objects.filter(pk=project.pk)).values("lines", "is_free").get()
    # What is public is free, and what doesn't grow takes nothing from anybody.
    if mine["is_free"] or loc <= mine["lines"]:
        return used
    needed = used - mine["lines"] + loc
    if entitled.loc_limit is not None and needed > entitled.loc_limit:
        fit = tier_that_fits(needed)
        raise LocLimitReached(
            used=used,
            limit=entitled.loc_limit,
            needed=needed,
            plan=str(fit.plan),
            tier=fit.loc_limit,
        )
    return needed


def _keep(project: Project, branch: str, loc: int) -> None:
    Analysis.objects.bulk_create(
        [Analysis(project=project, branch=branch, loc=loc, at=timezone.now())],
        update_conflicts=True,
        unique_fields=["project", "branch"],
        update_fields=["loc", "at"],
    )
