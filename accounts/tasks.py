"""What is done for people later."""

from celery import shared_task

from accounts import farewells, mailing, notifications


@shared_task
def send_mails() -> None:
    """Mail what people were told. Running twice, or at once, mails nothing twice."""
    mailing.send_due_mails()


@shared_task
def forget_old_notifications() -> None:
    """Forget what was read 400 days after it was told, and what was not after two years."""
    notifications.forget_old_notifications()


@shared_task
def send_farewells() -> None:
    """Confirm what was deleted. Running twice, or at once, mails nothing twice."""
    farewells.send_due_farewells()
