"""Nights in which projects are counted, one after another."""

from datetime import timedelta

from django.utils import timezone

from projects import recounting
from projects.models import ProjectSize
from projects.tasks import sweep_projects


def count_all(counting):
    sweep_later()
    counting.work()


def sweep_later():
    """As if what is due were due for a while, so that nobody seems to be on the way to it."""
    recounting.make_missing_sizes()
    due = ProjectSize.objects.filter(next_count_at__lte=timezone.now())
    due.update(next_count_at=timezone.now() - timedelta(minutes=1))
    sweep_projects()


def a_night_later():
    ProjectSize.objects.update(next_count_at=timezone.now())


def downloads(sandbox):
    return [request for request in sandbox.requests if request.path.endswith("/items")]
