"""Which addresses are known to be whose: those that somebody confirmed with a code."""

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from accounts.models import User


def has_confirmed(user: User, email: str) -> bool:
    """Whether this address is known to be theirs, in any case of letters."""
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


def people_with(email: str) -> QuerySet[User]:
    """Whoever has confirmed this address, in any case of letters."""
    confirmed = EmailAddress.objects.filter(email__iexact=email, verified=True)
    return User.objects.filter(pk__in=confirmed.values("user"), is_active=True)
