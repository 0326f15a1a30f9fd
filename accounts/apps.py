from django.apps import AppConfig
from django.db.models import Q

from accounts.sealing import renewed_factor
from core.reencryption import Documents, register

# A passkey keeps nothing that has to stay secret.
FACTORS = Documents(
    model="mfa.Authenticator",
    name="data",
    among=Q(type__in=["totp", "recovery_codes"]),
    renewed=renewed_factor,
)


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        register(FACTORS)
