"""A text field for secrets we must be able to use: encrypted, bound to its row, shy.

The encryption is django-fernet-fields' (AES-128-CBC and HMAC-SHA256, MultiFernet for
rotation). This adds two things. The plain text carries the row's identity, so that a
ciphertext copied to another row is refused, and so is a row that was given to another parent
(`bound_to`). And a loaded value stays encrypted until
`reveal()` is called, so that it is not in memory, in a repr or in a traceback by accident.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from fernet_fields import EncryptedTextField
from fernet_fields.hkdf import derive_fernet_key

from core.errors import DomainError
from core.redaction import remember


class SecretUnreadable(DomainError):
    """The ciphertext was changed, belongs to another row, or its key is gone."""

    code = "secret-unreadable"
    message = "This stored secret can't be read. Paste a new token to replace it."


class Sealed:
    """An encrypted value as the database gave it."""

    def __init__(self, ciphertext: bytes) -> None:
        self._ciphertext = ciphertext

    def reveal(self, row: models.Model) -> str:
        """Decrypt. Raises SecretUnreadable unless it was sealed for this very row."""
        secret = read_bound(unseal(self._ciphertext), row)
        remember(secret)
        return secret

    def __repr__(self) -> str:
        return "<Sealed ****>"


class SealedTextField(EncryptedTextField):
    """Assign a str to store it; loaded rows hold a `Sealed`.

    `bound_to` names columns of the row: with another value in one of them, the secret does not
    open any more.
    """

    # It changes what is sealed, and no column.
    non_db_attrs = (*EncryptedTextField.non_db_attrs, "bound_to")

    def __init__(self, *args: Any, bound_to: Sequence[str] = (), **kwargs: Any) -> None:
        self.bound_to = tuple(bound_to)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.bound_to:
            kwargs["bound_to"] = self.bound_to
        return name, path, args, kwargs

    @property
    def fernet(self) -> MultiFernet:
        return MultiFernet(ciphers())

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if isinstance(value, str):
            remember(value)
            return BoundText(f"{row_identity(model_instance)}\n{value}")
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, Sealed):
            return connection.Database.Binary(value._ciphertext)
        if isinstance(value, BoundText):
            return super().get_db_prep_save(value.text, connection)
        raise TypeError("A secret is stored by save(), which binds it to its row.")

    def from_db_value(self, value: Any, expression: Any, connection: Any, *args: Any) -> Any:
        # SQLite keeps text in any column that somebody writes it to.
        if isinstance(value, str):
            value = value.encode()
        return None if value is None else Sealed(bytes(value))


class BoundText:
    """A plain text already joined with its row's identity, on its way to encryption."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "<BoundText ****>"


def ciphers() -> tuple[Fernet, ...]:
    """One for each of FERNET_KEYS: the first seals, all of them unseal."""
    return _ciphers(tuple(settings.FERNET_KEYS))


# Deriving them takes longer than using them.
@lru_cache(maxsize=1)
def _ciphers(keys: tuple[str, ...]) -> tuple[Fernet, ...]:
    return tuple(Fernet(derive_fernet_key(key)) for key in keys)


def seal(text: str) -> bytes:
    """Encrypt with the newest key."""
    return ciphers()[0].encrypt(text.encode())


def unseal(ciphertext: bytes, using: tuple[Fernet, ...] | None = None) -> str:
    """Decrypt with any of the keys. Raises SecretUnreadable for all that `seal` did not make."""
    try:
        # Base64 forgives foreign characters and unused bits, so that a changed ciphertext
        # would still be read. Only the one way to write it counts.
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(ciphertext)) != ciphertext:
            raise InvalidToken
        return MultiFernet(using or ciphers()).decrypt(ciphertext).decode()
    except (InvalidToken, ValueError):
        # Not "from": an error of decoding carries what was decrypted.
        raise SecretUnreadable from None


def seal_again(ciphertext: bytes) -> bytes:
    """The same text, sealed by the newest key. Comes back as it is where it already was."""
    try:
        unseal(ciphertext, using=ciphers()[:1])
    except SecretUnreadable:
        unseal(ciphertext)
        return MultiFernet(ciphers()).rotate(ciphertext)
    return ciphertext


def read_bound(text: str, row: models.Model) -> str:
    """The secret of a decrypted text. Raises SecretUnreadable if it belongs to another row."""
    binding, separator, secret = text.partition("\n")
    if not separator or binding != row_identity(row):
        raise SecretUnreadable
    return secret


def row_identity(row: models.Model) -> str:
    """Which row this is, and whose: the model, its key, and what its secrets are bound to."""
    bound_to = (getattr(row, name) for name in bound_columns(type(row)))
    return ":".join(map(str, (row._meta.label_lower, row.pk, *bound_to)))


def bound_columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that a row must keep for its secrets to open."""
    fields = model._meta.local_concrete_fields
    sealed = (field for field in fields if isinstance(field, SealedTextField))
    return tuple(name for field in sealed for name in field.bound_to)


def fingerprint(secret: str) -> str:
    """Sixteen hex digits that tell whether two secrets are the same, and nothing else."""
    key = f"fingerprint:{settings.SECRET_KEY}".encode()
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()[:16]
