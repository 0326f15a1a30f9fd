"""What a repository would add if it were a project: estimates that owners start and stop."""

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from bindings.models import DevOpsBinding, Repository
from core.db import unique_or
from core.queue import queue_on_commit
from organizations import audit
from projects import tasks
from projects.errors import EstimateRunning, NothingToEstimate
from projects.estimating import ROW, cancel_estimate, start_estimate
from projects.models import Estimate, EstimatedRepository

# About the same thing, so many are kept: the one that is shown, and the one before.
KEPT = 2


def unclaimed(binding: DevOpsBinding) -> QuerySet[Repository]:
    """The repositories that are seen and are no projects."""
    return binding.repositories.filter(vanished_at=None, as_project=None)


@transaction.atomic
def estimate_all(binding: DevOpsBinding, *, by: User) -> Estimate:
    """Count every repository that is no project. Raises EstimateRunning, NothingToEstimate."""
    return _start(binding, unclaimed(binding), None, by=by)


@transaction.atomic
def estimate_one(repository: Repository, *, by: User) -> Estimate:
    """Count one repository. Raises EstimateRunning."""
    one = Repository.objects.filter(pk=repository.pk)
    return _start(repository.binding, one, repository, by=by)


def _start(
    binding: DevOpsBinding, rows: QuerySet[Repository], one: Repository | None, *, by: User
) -> Estimate:
    repositories = list(rows.values(*ROW))
    if not repositories:
        raise NothingToEstimate
    with unique_or(EstimateRunning()):
        estimate = start_estimate(repositories, binding=binding, repository=one)
    _forget_older(binding, one)
    name = {"repository": str(one)} if one else {}
    audit.record(
        binding.organization, "estimate.started", by=by, repositories=len(repositories), **name
    )
    queue_on_commit(tasks.begin_estimate, estimate_id=str(estimate.pk))
    queue_on_commit(tasks.order_for_estimate, estimate_id=str(estimate.pk))
    return estimate


def _forget_older(binding: DevOpsBinding, one: Repository | None) -> None:
    """Each holds all that was counted, which nobody looks at again."""
    same = binding.estimates.filter(repository=one).order_by("-started_at")
    older = list(same.values_list("pk", flat=True)[KEPT:])
    Estimate.objects.filter(pk__in=older).delete()


@transaction.atomic
def stop_estimate(estimate: Estimate, *, by: User) -> None:
    """Count no further. What was counted stays to be seen; stopping twice changes nothing."""
    if estimate.binding and cancel_estimate(estimate.pk):
        audit.record(estimate.binding.organization, "estimate.stopped", by=by)


def running(binding: DevOpsBinding) -> Estimate | None:
    """The one that is being counted: the database allows no second one."""
    return binding.estimates.filter(state=Estimate.State.COUNTING).first()


def newest_of_all(binding: DevOpsBinding) -> Estimate | None:
    """Of those that are not about one repository alone."""
    return binding.estimates.filter(repository=None).order_by("-started_at").first()


def newest_of(repository: Repository) -> EstimatedRepository | None:
    """What an estimate last said of it, whether of it alone or among others."""
    said = EstimatedRepository.objects.filter(
        estimate__binding=repository.binding_id, external_id=repository.external_id
    )
    return said.select_related("estimate").order_by("-estimate__started_at").first()
