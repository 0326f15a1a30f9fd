"""What is done for people later."""

from celery import shared_task

from accounts import mailing, notifications


@shared_task
def send_mails() -> None:
    """Mail what people were told. Running twice, or at once, mails nothing twice."""
    mailing.send_due_mails()


@shared_task
def forget_old_notifications() -> None:
    """Forget what was read and is more than 400 days old."""
    notifications.forget_old_notifications()
