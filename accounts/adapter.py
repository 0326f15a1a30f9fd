"""Sign-in in our own words."""

from allauth.account.adapter import DefaultAccountAdapter
from django.forms import ValidationError

from accounts.addresses import clean
from accounts.errors import AddressUnfit


class AccountAdapter(DefaultAccountAdapter):
    """What happened, why, and what to do, where people meet it most."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This e-mail address and password don't belong together. "
        "Try again, or choose a new password.",
        "too_many_login_attempts": "Too many attempts. Wait a few minutes, then try again, or "
        "choose a new password.",
        "incorrect_code": "This is not the code. Copy it anew; a newer one replaces it.",
        "incorrect_password": "This is not your password. Try again.",
        "rate_limited": "Too many attempts. Wait a few minutes, then try again.",
    }

    def clean_email(self, email: str) -> str:
        """Whatever address somebody gives for an account."""
        try:
            return clean(email)
        except AddressUnfit as refusal:
            raise ValidationError(refusal.message) from refusal
