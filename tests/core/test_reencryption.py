"""Everything sealed is sealed again by the newest key: online, resumable, and nothing is lost."""

import io
import itertools
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from bindings.models import PersonalAccessToken
from core import reencryption
from core.reencryption import State, reencrypt, sealed_columns
from core.secrets import Sealed, SecretUnreadable, row_identity, seal
from onboarding.models import Import
from tests.accounts.rows import rows_of
from tests.factories import (
    ClaimFactory,
    ImportFactory,
    OrganizationFactory,
    ProjectFactory,
    RepositoryFactory,
    TokenFactory,
    UserFactory,
)
from tests.tokens import make_token

pytestmark = pytest.mark.django_db

NEW = "a newer key that is long enough to be one"


@pytest.fixture
def rotate(settings):
    """Put a new key in front. Gives back what drops the old one."""
    old = settings.FERNET_KEYS

    def forward():
        settings.FERNET_KEYS = [NEW, *old]

        def drop():
            settings.FERNET_KEYS = [NEW]

        return drop

    return forward


def run(*arguments, stderr=None):
    told = io.StringIO()
    call_command("reencrypt_tokens", *arguments, stdout=told, stderr=stderr or io.StringIO())
    return told.getvalue()


def column_of(model):
    return next(column for column in sealed_columns() if column.model is model)


def revealed(row):
    loaded = type(row).objects.get(pk=row.pk)
    return loaded.secret.reveal(loaded)


def factors(user, **data):
    return Authenticator.objects.create(user=user, type="recovery_codes", data=data)


def sealed_factor(text):
    return seal(text).decode()


def stored():
    with connection.cursor() as cursor:
        return [rows_of(column.model, cursor) for column in sealed_columns()]


def test_everything_that_is_sealed_is_found():
    assert {str(column) for column in sealed_columns()} == {
        "bindings.PersonalAccessToken.secret",
        "projects.Project.secret",
        "claims.AccessClaim.secret",
        "onboarding.Import.secret",
        "mfa.Authenticator.data",
    }


def test_all_is_read_after_the_old_key_was_dropped(rotate):
    secrets = [make_token() for _ in range(4)]
    rows = [TokenFactory(secret=secrets[0]), ImportFactory(secret=secrets[1])]
    own = {"secret": secrets[2], "last_four": "wxyz", "fingerprint": "0123456789abcdef"}
    rows.append(ProjectFactory(repository=RepositoryFactory(), **own))
    pasted = {"secret": secrets[3], "secret_until": timezone.now(), "look": "token"}
    rows.append(ClaimFactory(organization=OrganizationFactory(), **pasted))
    drop = rotate()

    told = run()
    drop()

    assert [revealed(row) for row in rows] == secrets
    assert told.count("1 sealed again") == 4


def test_without_it_the_old_key_is_needed(rotate):
    token = TokenFactory()

    rotate()()

    with pytest.raises(SecretUnreadable):
        revealed(token)


def test_second_factors_are_sealed_again_with_all_that_stands_beside(rotate):
    seed = factors(UserFactory(), seed=sealed_factor("seed"), used_mask=5, viewed_at=17.25)
    codes = factors(UserFactory(), migrated_codes=[sealed_factor("one"), sealed_factor("two")])
    passkey = Authenticator.objects.create(user=UserFactory(), type="webauthn", data={"name": "k"})
    drop = rotate()

    told = run()
    drop()

    seed.refresh_from_db()
    codes.refresh_from_db()
    passkey.refresh_from_db()
    assert "mfa.Authenticator.data: 0 on the newest key, 2 sealed again\n" in told
    assert (seed.data["used_mask"], seed.data["viewed_at"]) == (5, 17.25)
    assert seed.wrap().get_unused_codes()
    assert codes.wrap().generate_codes() == ["one", "two"]
    assert passkey.data == {"name": "k"}


def test_a_dry_run_counts_and_changes_nothing(rotate):
    TokenFactory(), TokenFactory(), factors(UserFactory(), seed=sealed_factor("seed"))
    rotate()
    TokenFactory(), ImportFactory(secret=None)
    before = stored()

    told = run("--dry-run")

    assert stored() == before
    assert "bindings.PersonalAccessToken.secret: 1 on the newest key, 2 on an older key\n" in told
    assert "onboarding.Import.secret: 0 on the newest key\n" in told
    assert "mfa.Authenticator.data: 0 on the newest key, 1 on an older key\n" in told


def test_a_second_run_changes_nothing(rotate):
    TokenFactory(), factors(UserFactory(), seed=sealed_factor("seed"))
    rotate()
    run()
    before = stored()

    told = run()

    assert stored() == before
    assert "again" not in told


def test_an_interrupted_run_is_taken_up_where_it_stopped(rotate, monkeypatch):
    monkeypatch.setattr(reencryption, "PAGE", 2)
    rows = TokenFactory.create_batch(7)
    drop = rotate()
    for _ in itertools.islice(reencrypt(column_of(PersonalAccessToken), dry_run=False), 3):
        pass

    told = run()
    drop()

    assert "3 on the newest key, 4 sealed again" in told
    assert all(revealed(row) for row in rows)


def test_rows_are_read_a_page_at_a_time(rotate, monkeypatch, queries):
    monkeypatch.setattr(reencryption, "PAGE", 3)
    TokenFactory.create_batch(7)
    rotate()

    with queries() as asked:
        states = [state for _, state in reencrypt(column_of(PersonalAccessToken), dry_run=True)]

    assert states == [State.OLDER] * 7
    assert len(asked) == 4


def replaced_while_read(row, secret):
    """Reads a page, and lets somebody replace the secret before it is worked on."""
    walk = reencrypt(column_of(type(row)), dry_run=False)
    first, second = sorted([row, TokenFactory()], key=lambda each: each.pk.hex)
    next(walk)
    second.secret = secret
    second.save()
    return second, dict(walk)


def test_a_secret_that_is_replaced_meanwhile_is_left_alone(rotate):
    row = TokenFactory()
    drop = rotate()
    secret = make_token()

    second, states = replaced_while_read(row, secret)
    drop()

    assert states == {second.pk: State.NEWEST}
    assert revealed(second) == secret


def test_a_secret_that_an_old_process_replaces_meanwhile_is_sealed_again(rotate, settings):
    row = TokenFactory()
    drop = rotate()
    secret = make_token()
    old_process = settings.FERNET_KEYS[1:]

    column = column_of(PersonalAccessToken)
    [(found, before)] = list(column.walk())
    settings.FERNET_KEYS = old_process
    row.secret = secret
    row.save()
    rotate()

    assert reencryption._renew(column, found, before) == State.RENEWED
    drop()
    assert revealed(row) == secret


def test_a_code_that_is_used_meanwhile_stays_used(rotate):
    row = factors(UserFactory(), seed=sealed_factor("seed"), used_mask=0)
    drop = rotate()
    column = column_of(Authenticator)
    [(found, before)] = list(column.walk())
    row.data["used_mask"] = 1
    row.save()

    assert reencryption._renew(column, found, before) == State.RENEWED
    drop()

    row.refresh_from_db()
    assert row.data["used_mask"] == 1
    assert len(row.wrap().get_unused_codes()) == 9


def test_a_row_that_is_gone_meanwhile_is_not_missed(rotate):
    token = TokenFactory()
    import_ = ImportFactory()
    rotate()
    gone = [(column_of(PersonalAccessToken), token), (column_of(Import), import_)]
    read = [(column, *next(column.walk())) for column, _ in gone]
    token.delete()
    Import.objects.filter(pk=import_.pk).update(secret=None)

    assert [reencryption._renew(*each) for each in read] == [None, None]
    assert Import.objects.get().secret is None


def spoiled():
    """Rows that nobody can read any more, each in its own way."""
    moved = PersonalAccessToken.objects.get(pk=TokenFactory().pk).secret._ciphertext
    ciphertexts = [moved, b"\xff\x00 noise", b""]
    rows = TokenFactory.create_batch(3)
    for row, ciphertext in zip(rows, ciphertexts, strict=True):
        PersonalAccessToken.objects.filter(pk=row.pk).update(secret=Sealed(ciphertext))
    documents = [{"seed": "gAAAA"}, {"seed": None}, {"migrated_codes": 7}, ["seed"], {"seed": "é"}]
    return rows + [
        Authenticator.objects.create(user=UserFactory(), type="totp", data=data)
        for data in documents
    ]


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_what_can_not_be_read_is_named_and_the_rest_is_done(rotate, arguments):
    good = TokenFactory()
    bad = spoiled()
    drop = rotate()
    told = io.StringIO()

    with pytest.raises(CommandError, match=r"^8 can't be read"):
        run(*arguments, stderr=told)

    named = told.getvalue()
    assert all(f"{row._meta.label}." in named and f" of {row.pk} " in named for row in bad)
    assert str(good.pk) not in named
    if not arguments:
        drop()
        assert revealed(good)


def test_a_secret_of_a_dropped_key_can_not_be_read(settings):
    TokenFactory()
    settings.FERNET_KEYS = [NEW]

    with pytest.raises(CommandError):
        run()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_lose_nothing(rotate):
    secrets = {TokenFactory(secret=secret): secret for secret in (make_token() for _ in range(30))}
    drop = rotate()

    def work():
        states = [state for _, state in reencrypt(column_of(PersonalAccessToken), dry_run=False)]
        connection.close()
        return states

    with ThreadPoolExecutor(2) as pool:
        told = [run.result() for run in [pool.submit(work), pool.submit(work)]]
    drop()

    assert (told[0] + told[1]).count(State.RENEWED) == 30
    assert set(told[0] + told[1]) <= {State.RENEWED, State.NEWEST}
    assert {row: revealed(row) for row in secrets} == secrets


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_is_shown_a_bar(rotate):
    TokenFactory()
    terminal = Terminal()
    rotate()

    run(stderr=terminal)

    assert "█" * 40 + " 1 of 1" in terminal.getvalue()


def test_elsewhere_there_is_a_line_now_and_then(rotate, monkeypatch):
    monkeypatch.setattr("core.management.commands.reencrypt_tokens.LINE_EVERY", 2)
    TokenFactory.create_batch(5)
    told = io.StringIO()
    rotate()

    run(stderr=told)

    assert told.getvalue().splitlines() == [
        "bindings.PersonalAccessToken.secret: 2 of 5",
        "bindings.PersonalAccessToken.secret: 4 of 5",
    ]


def test_the_binding_to_the_row_survives(rotate):
    one, other = TokenFactory(), TokenFactory()
    rotate()
    run()

    moved = PersonalAccessToken.objects.get(pk=other.pk).secret
    PersonalAccessToken.objects.filter(pk=one.pk).update(secret=moved)

    with pytest.raises(SecretUnreadable):
        revealed(one)


def test_a_text_keeps_the_time_at_which_it_was_sealed(rotate, time_machine):
    time_machine.move_to("2025-01-01T00:00:00Z", tick=False)
    row = PersonalAccessToken(pk=uuid.uuid4())
    ciphertext = seal(f"{row_identity(row)}\nsecret")
    rotate()
    time_machine.move_to("2026-01-01T00:00:00Z", tick=False)

    assert reencryption.seal_again(ciphertext)[:12] == ciphertext[:12]
