"""The mail that confirms that an account was deleted."""

from django.core.mail import EmailMultiAlternatives

from accounts.models import Farewell
from core import letters


def send_due_farewells() -> None:
    """Send what is due, and forget the addresses of what has left or was given up."""
    letters.send_due(Farewell.objects.all(), message_of)
    Farewell.objects.exclude(mailed_at=None, given_up_at=None).delete()


def message_of(farewell: Farewell) -> EmailMultiAlternatives:
    return letters.letter(
        to=farewell.email,
        subject="Your Mooring account is deleted",
        template="emails/accounts/farewell",
        name=str(farewell.pk),
        context={"farewell": farewell},
    )
