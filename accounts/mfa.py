"""Second factors, with the secrets of authenticator apps encrypted at rest."""

from allauth.mfa.adapter import DefaultMFAAdapter

from core.secrets import seal, unseal


class EncryptingAdapter(DefaultMFAAdapter):
    """allauth stores these in clear unless told otherwise."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This is not the code. Copy it anew; a newer one replaces it.",
    }

    def encrypt(self, text: str) -> str:
        return seal(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text.encode())
