"""What is done for organizations later."""

from celery import shared_task

from organizations import ending, letters, recovery, renaming


@shared_task
def send_invitations() -> None:
    """Mail the invitations that are due, and what recovery contacts are told. Running twice, or at
    once, mails nothing twice.
    """
    letters.send_due_invitations()
    recovery.send_due_letters()


@shared_task
def forget_old_invitations() -> None:
    """Forget invitations 30 days after they ended, and letters to recovery contacts as old."""
    letters.forget_old_invitations()
    recovery.forget_old_letters()


@shared_task
def sweep_deletions() -> None:
    """Delete organizations whose seven days are over, and tell owners of those with one day left.
    Running twice, or at once, deletes and tells nothing twice.
    """
    ending.delete_due()
    ending.tell_of_last_day()


@shared_task
def forget_former_keys() -> None:
    """Thirty days after an organization changed its key, anybody may have the old one."""
    renaming.forget_former_keys()
