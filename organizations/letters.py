"""The mail that brings an invitation."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.utils import timezone

from core import letters
from organizations.links import path_of
from organizations.models import Invitation, Organization

# So long after it was used, taken back or over, an invitation is forgotten.
KEPT = timedelta(days=30)


def send_due_invitations() -> None:
    """Send what is due and may still be used."""
    alive = Organization.objects.alive()
    due = Invitation.objects.usable().filter(organization__in=alive)
    letters.send_due(due, message_of)


def message_of(invitation: Invitation) -> EmailMultiAlternatives:
    organization, by = invitation.organization, invitation.invited_by
    inviter = by.display_name if by else "Somebody"
    context = {
        "invitation": invitation,
        "organization": organization,
        "inviter": inviter,
        "inviter_email": by.email if by else "",
        "link": f"{settings.SITE_URL.rstrip('/')}{path_of(invitation)}",
    }
    return letters.letter(
        to=invitation.email,
        subject=f"{inviter} invites you to {organization.name}",
        template="emails/organizations/invitation",
        name=f"{invitation.pk}.{invitation.sending}",
        context=context,
    )


def forget_old_invitations() -> int:
    """Delete those that ended 30 days ago. Returns how many."""
    past = timezone.now() - KEPT
    ended = Q(accepted_at__lt=past) | Q(revoked_at__lt=past) | Q(expires_at__lt=past)
    deleted, _ = Invitation.objects.filter(ended).delete()
    return deleted
