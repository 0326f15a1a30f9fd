"""What is done for organizations later."""

from celery import shared_task

from organizations import letters


@shared_task
def send_invitations() -> None:
    """Mail the invitations that are due. Running twice, or at once, mails nothing twice."""
    letters.send_due_invitations()


@shared_task
def forget_old_invitations() -> None:
    """Forget invitations 30 days after they ended."""
    letters.forget_old_invitations()
