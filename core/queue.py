"""Queueing work for later."""

from celery import Task
from django.db import transaction


def queue_on_commit(task: Task, **ids: str) -> None:
    """Queue a task once the transaction is committed.

    A broker that can't be reached is logged and no more: what was committed stands, and
    the sweep that belongs to the task finds it.
    """

    def queue() -> None:
        task.delay(**ids)

    transaction.on_commit(queue, robust=True)
