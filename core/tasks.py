"""Housekeeping that knows no business word."""

from celery import shared_task

from core import idempotency


@shared_task
def forget_old_calls() -> None:
    """Forget Idempotency-Keys after a day."""
    idempotency.forget_old_calls()
