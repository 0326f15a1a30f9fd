"""Second factors, with the secrets of authenticator apps encrypted at rest."""

from allauth.mfa.adapter import DefaultMFAAdapter
from fernet_fields import EncryptedTextField

_cipher = EncryptedTextField()


class EncryptingAdapter(DefaultMFAAdapter):
    """allauth stores these in clear unless told otherwise."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This is not the code. Copy it anew; a newer one replaces it.",
    }

    def encrypt(self, text: str) -> str:
        return _cipher.fernet.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher.fernet.decrypt(encrypted_text.encode()).decode()
