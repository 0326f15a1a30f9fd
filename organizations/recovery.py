"""Who is asked when no owner can be reached: an address outside, which needs no account here.

Whoever takes an organization over would change it first, so both addresses are told by mail.
"""

from datetime import timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import letters
from core.limits import is_within
from organizations import audit
from organizations.belonging import lock_for_owner
from organizations.errors import RecoveryChangedOften
from organizations.models import Organization, RecoveryLetter

A_DAY = 10
KEPT = timedelta(days=30)


def set_recovery_email(organization: Organization, email: str, *, by: User) -> None:
    """Another address, or none where it is empty. The one it has already changes nothing.

    Raises RecoveryChangedOften.
    """
    check_pace(organization, email)
    change_recovery_email(organization, email, by=by)


def check_pace(organization: Organization, email: str) -> None:
    """Each change is a mail to somebody, and what is saved as it was is none. Asked outside any
    transaction. Raises RecoveryChangedOften.
    """
    if email == organization.recovery_email:
        return
    who = str(organization.pk)
    if not is_within(A_DAY, what="recovery-changes", who=who, seconds=86400):
        raise RecoveryChangedOften


@transaction.atomic
def change_recovery_email(organization: Organization, email: str, *, by: User) -> None:
    """After `check_pace`."""
    locked = lock_for_owner(organization, by)
    old = locked.recovery_email
    if old == email:
        return
    Organization.objects.filter(pk=locked.pk).update(recovery_email=email)
    organization.recovery_email = email
    audit.record(locked, "organization.recovery_changed", by=by, old_email=old, new_email=email)
    for address, is_new in ((old, False), (email, True)):
        if address:
            RecoveryLetter.objects.create(
                organization=locked, email=address, is_new=is_new, by_email=by.email
            )


def send_due_letters() -> None:
    """Mail the addresses what became of them."""
    letters.send_due(RecoveryLetter.objects.select_related("organization"), message_of)


def forget_old_letters() -> None:
    """A month later nobody asks whether they left."""
    RecoveryLetter.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def message_of(row: RecoveryLetter) -> EmailMultiAlternatives:
    name = row.organization.name
    fact = "is the recovery contact" if row.is_new else "is no longer the recovery contact"
    return letters.letter(
        to=row.email,
        subject=f"This address {fact} of {name}",
        template="emails/organizations/recovery",
        name=str(row.pk),
        context={"letter": row, "organization": row.organization},
    )
