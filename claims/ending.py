"""What becomes of claims on an organization that ends."""

from django.utils import timezone

from accounts.models import User
from claims import tasks, telling
from claims.errors import DeletionTooEarly
from claims.models import AccessClaim
from claims.moving import lock, move
from claims.ownership import owned_before
from core.queue import queue_on_commit
from organizations.models import Organization

State = AccessClaim.State


def end_claims(organization: Organization, *, by: User) -> None:
    """In the transaction in which its deletion is asked for; the organization is locked.

    Raises DeletionTooEarly.
    """
    _refuse_too_early(organization, by)
    known = AccessClaim.objects.open().filter(organization=organization).defer("secret")
    for claim in known.order_by("pk"):
        locked = lock(claim)
        if locked.is_open:
            move(locked, State.ENDED, by=by)
            telling.of_the_end(locked)
    queue_on_commit(tasks.send_letters)


def _refuse_too_early(organization: Organization, by: User) -> None:
    """Who came by a claim, and whoever they let in, must not end what could still be put right."""
    reversible = AccessClaim.objects.filter(
        organization=organization, state=State.APPROVED, reversible_until__gte=timezone.now()
    )
    for claim in reversible.defer("secret").order_by("-reversible_until"):
        if not owned_before(claim, by) and claim.reversible_until:
            until = telling.day(claim.reversible_until)
            raise DeletionTooEarly(DeletionTooEarly.message.format(until=until))
