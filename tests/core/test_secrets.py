"""A stored secret: encrypted, bound to its row, sealed until asked for."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError
from django.db import connection, models
from fernet_fields.hkdf import derive_fernet_key

from bindings.models import PersonalAccessToken
from core.logs import redact
from core.secrets import Sealed, SecretUnreadable, fingerprint
from tests.factories import TokenFactory
from tests.tokens import make_legacy_token, make_token

pytestmark = pytest.mark.django_db


def loaded(token):
    return PersonalAccessToken.objects.get(pk=token.pk)


def raw(token):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM bindings_personalaccesstoken")
        return bytes(cursor.fetchone()[0])


def test_a_secret_comes_back_for_its_own_row():
    secret = make_token()
    token = loaded(TokenFactory(secret=secret))

    assert token.secret.reveal(token) == secret


def test_it_is_ciphertext_in_the_database_and_sealed_in_memory():
    secret = make_token()
    token = TokenFactory(secret=secret)

    assert secret.encode() not in raw(token)
    assert isinstance(loaded(token).secret, Sealed)
    assert secret not in repr(loaded(token).__dict__) + repr(loaded(token).secret)


def test_a_ciphertext_moved_to_another_row_is_refused():
    one, other = TokenFactory(), TokenFactory()
    PersonalAccessToken.objects.filter(pk=one.pk).update(secret=loaded(other).secret)

    with pytest.raises(SecretUnreadable):
        loaded(one).secret.reveal(loaded(one))


def test_a_ciphertext_that_was_touched_is_refused():
    token = loaded(TokenFactory())
    touched = bytearray(token.secret._ciphertext)
    touched[len(touched) // 2] ^= 1
    token.secret._ciphertext = bytes(touched)

    with pytest.raises(SecretUnreadable):
        token.secret.reveal(token)


def test_saving_a_loaded_row_keeps_its_secret():
    secret = make_token()
    token = loaded(TokenFactory(secret=secret))

    token.owner_name = "Somebody Else"
    token.save()

    assert loaded(token).secret.reveal(token) == secret


def test_an_update_that_would_skip_the_binding_is_refused():
    TokenFactory()

    with pytest.raises(TypeError):
        PersonalAccessToken.objects.update(secret=make_token())


def test_a_secret_can_not_be_searched_for():
    with pytest.raises(FieldError):
        PersonalAccessToken.objects.filter(secret=make_token()).first()


def test_an_older_key_still_decrypts(settings):
    secret = make_token()
    token = TokenFactory(secret=secret)
    old, new = settings.FERNET_KEYS[0], "another key that is long enough to be one"
    field = PersonalAccessToken._meta.get_field("secret")
    rotated = type(field)()
    rotated.__dict__["keys"] = [new, old]

    assert secret in rotated.fernet.decrypt(raw(token)).decode()
    with pytest.raises(InvalidToken):
        Fernet(derive_fernet_key(new)).decrypt(raw(token))


def test_a_fingerprint_tells_secrets_apart_and_nothing_else():
    secret = make_token()

    assert fingerprint(secret) == fingerprint(secret) != fingerprint(make_token())
    assert len(fingerprint(secret)) == 16


def test_the_field_is_a_django_field_with_no_surprises():
    field = PersonalAccessToken._meta.get_field("secret")

    assert isinstance(field, models.Field)
    assert field.deconstruct()[1] == "core.secrets.SealedTextField"


@pytest.mark.parametrize("make", [make_token, make_legacy_token])
def test_logs_are_redacted(make):
    secret = make()
    lines = [
        f"token {secret} was refused",
        f"https://x:{secret}@dev.azure.com/contoso",
        "Authorization: Basic OmFiY2RlZmdoaWprbG1ub3A=",
        "Bearer moor_01234567_abcdefghijklmnopqrstuvwxyz",
    ]

    for line in lines:
        assert "[redacted]" in redact(line)
        assert secret not in redact(line)
