"""Second factors, with the secrets of authenticator apps encrypted at rest."""

from allauth.mfa.adapter import DefaultMFAAdapter
from fernet_fields import EncryptedTextField

_cipher = EncryptedTextField()


class EncryptingAdapter(DefaultMFAAdapter):
    """allauth stores these in clear unless told otherwise."""

    def encrypt(self, text: str) -> str:
        return _cipher.fernet.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher.fernet.decrypt(encrypted_text.encode()).decode()
