"""Addresses: how they are written, and which are known to be whose: those that somebody confirmed
with a code.

They are kept in lower case and compared as they are. What else a database may take for the same
letter, such as a dotless i, is another address, and another person's.
"""

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from accounts.errors import AddressUnfit
from accounts.models import User


def clean(email: str) -> str:
    """As it is kept. Raises AddressUnfit for letters that look like others."""
    if not email.isascii():
        raise AddressUnfit
    return email.strip().lower()


def has_confirmed(user: User, email: str) -> bool:
    """Whether this address is known to be theirs, in any case of letters."""
    return EmailAddress.objects.filter(user=user, email=email.lower(), verified=True).exists()


def addresses_of(user: User) -> set[str]:
    """All that are known to be theirs, and the one they sign in with."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True)
    return {user.email, *confirmed.values_list("email", flat=True)}


def people_with(email: str) -> QuerySet[User]:
    """Whoever has confirmed this address, in any case of letters."""
    confirmed = EmailAddress.objects.filter(email=email.lower(), verified=True)
    return User.objects.filter(pk__in=confirmed.values("user"), is_active=True)
