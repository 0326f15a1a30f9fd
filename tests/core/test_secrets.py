"""A stored secret: encrypted, bound to its row, sealed until asked for."""

import itertools
import traceback
import uuid
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from bindings.models import PersonalAccessToken
from core.redaction import redact
from core.secrets import Sealed, SecretUnreadable, ciphers, fingerprint, row_identity, seal
from onboarding.models import Import
from tests.factories import BindingFactory, ImportFactory, OrganizationFactory, TokenFactory
from tests.tokens import make_legacy_token, make_token

pytestmark = pytest.mark.django_db

NEW = "another key that is long enough to be one"


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


def place(row, ciphertext):
    """Write a ciphertext into a row, past everything that would stop it."""
    type(row).objects.filter(pk=row.pk).update(secret=Sealed(ciphertext))


def is_refused(row, ciphertext):
    try:
        Sealed(ciphertext).reveal(row)
    except SecretUnreadable:
        return True
    return False


def test_a_ciphertext_moved_to_another_row_is_refused():
    rows = [TokenFactory(), TokenFactory(), ImportFactory(), ImportFactory()]
    sealed = {row: type(row).objects.get(pk=row.pk).secret._ciphertext for row in rows}

    for row, (owner, ciphertext) in itertools.product(rows, sealed.items()):
        place(row, ciphertext)
        moved = type(row).objects.get(pk=row.pk)
        if row is owner:
            assert moved.secret.reveal(moved)
        else:
            with pytest.raises(SecretUnreadable):
                moved.secret.reveal(moved)


def test_a_row_that_was_given_to_another_binding_is_refused():
    token, other = TokenFactory(), BindingFactory()

    PersonalAccessToken.objects.filter(pk=token.pk).update(binding=other)

    with pytest.raises(SecretUnreadable):
        loaded(token).secret.reveal(loaded(token))


def test_the_page_of_a_binding_with_the_token_of_another_is_shown(browser_of, alice):
    other = BindingFactory(organization=OrganizationFactory(key="harbour", owner=alice))
    PersonalAccessToken.objects.filter(pk=TokenFactory().pk).update(binding=other)
    browser = browser_of(alice)

    checked = browser.post("/organizations/harbour/binding/check/", follow=True)

    assert browser.get("/organizations/harbour/binding/").status_code == 200
    assert (checked.status_code, "secret can&#x27;t be read" in checked.text) == (200, True)


def test_what_was_sealed_for_the_row_alone_is_sealed_for_its_binding_by_the_migration():
    secret = make_token()
    token = TokenFactory(secret=secret)
    moved = TokenFactory()
    place(token, seal(f"bindings.personalaccesstoken:{token.pk}\n{secret}"))
    place(moved, seal(f"bindings.personalaccesstoken:{token.pk}\n{secret}"))
    assert is_refused(token, loaded(token).secret._ciphertext)

    import_module("bindings.migrations.0004_secrets_bound_to_bindings").bind(apps, None)

    assert loaded(token).secret.reveal(loaded(token)) == secret
    assert is_refused(moved, loaded(moved).secret._ciphertext)


def test_a_row_of_another_model_with_the_same_key_is_refused():
    token = loaded(TokenFactory())

    assert is_refused(Import(pk=token.pk), token.secret._ciphertext)


def test_a_ciphertext_is_refused_with_any_of_its_bits_turned():
    token = loaded(TokenFactory())
    ciphertext = token.secret._ciphertext

    read = [
        (position, bit)
        for position in range(len(ciphertext))
        for bit in range(8)
        if not is_refused(token, flipped(ciphertext, position, 1 << bit))
    ]

    assert read == []
    assert not is_refused(token, ciphertext)


def flipped(ciphertext, position, mask):
    touched = bytearray(ciphertext)
    touched[position] ^= mask
    return bytes(touched)


def test_a_ciphertext_is_refused_at_every_other_length():
    token = loaded(TokenFactory())
    ciphertext = token.secret._ciphertext

    assert all(is_refused(token, ciphertext[:length]) for length in range(len(ciphertext)))
    assert all(is_refused(token, ciphertext[start:]) for start in range(1, len(ciphertext)))
    for more in (b"=", b"==", b"A", b"AAAA", b" ", b"\n", b"\0", b"!", b"\xff", ciphertext):
        assert is_refused(token, ciphertext + more)
        assert is_refused(token, more + ciphertext)


@given(st.data())
def test_a_ciphertext_is_refused_however_it_was_changed(data):
    row = PersonalAccessToken(pk=uuid.uuid4())
    ciphertext = seal(f"{row_identity(row)}\nsecret")
    start = data.draw(st.integers(0, len(ciphertext)))
    end = data.draw(st.integers(start, len(ciphertext)))
    changed = ciphertext[:start] + data.draw(st.binary(max_size=40)) + ciphertext[end:]

    assert is_refused(row, changed) == (changed != ciphertext)


@given(st.binary(max_size=200))
def test_what_was_never_sealed_is_refused(noise):
    assert is_refused(PersonalAccessToken(pk=uuid.uuid4()), noise)


def test_text_that_somebody_wrote_into_the_column_is_refused():
    token = TokenFactory()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bindings_personalaccesstoken SET secret = 'touched by hand'")

    with pytest.raises(SecretUnreadable):
        loaded(token).secret.reveal(token)


@pytest.mark.parametrize("spelled", [str.swapcase, lambda text: text.replace("-", "+")])
def test_another_way_to_write_the_same_bytes_is_refused(spelled):
    row = PersonalAccessToken(pk=uuid.uuid4())
    ciphertext = seal(f"{row_identity(row)}\n" + "secret" * 200)

    assert is_refused(row, spelled(ciphertext.decode()).encode())


@pytest.mark.parametrize("bits", [b"\xff\xfe\xfd", b"\n\xc3", b"\x80" * 40])
def test_what_decrypts_to_no_text_is_refused(bits):
    row = PersonalAccessToken(pk=uuid.uuid4())

    assert is_refused(row, ciphers()[0].encrypt(bits))
    assert is_refused(row, ciphers()[0].encrypt(f"{row_identity(row)}\n".encode() + bits))


def test_a_text_without_the_row_it_belongs_to_is_refused():
    row = PersonalAccessToken(pk=uuid.uuid4())

    for text in ("", "secret", row_identity(row), f"{row_identity(row)} secret", "\nsecret"):
        assert is_refused(row, seal(text))


def test_a_refusal_carries_nothing_of_what_was_decrypted():
    row = PersonalAccessToken(pk=uuid.uuid4())
    ciphertext = ciphers()[0].encrypt(b"quiet-harbour \xff")

    with pytest.raises(SecretUnreadable) as refused:
        Sealed(ciphertext).reveal(row)

    assert "quiet-harbour" not in "".join(traceback.format_exception(refused.value))


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

    settings.FERNET_KEYS = [NEW, *settings.FERNET_KEYS]

    assert loaded(token).secret.reveal(loaded(token)) == secret


def test_the_newest_key_encrypts(settings):
    secret = make_token()
    settings.FERNET_KEYS = [NEW, *settings.FERNET_KEYS]
    token = TokenFactory(secret=secret)

    settings.FERNET_KEYS = [NEW]

    assert loaded(token).secret.reveal(loaded(token)) == secret


def test_what_a_dropped_key_sealed_is_refused(settings):
    token = TokenFactory()

    settings.FERNET_KEYS = [NEW]

    with pytest.raises(SecretUnreadable):
        loaded(token).secret.reveal(loaded(token))


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
