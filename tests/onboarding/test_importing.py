"""The way from a pasted token to an organization, rule by rule."""

import pytest

from bindings.errors import AlreadyImported
from bindings.models import DevOpsBinding, PersonalAccessToken
from onboarding.errors import TooManyVerifications
from onboarding.models import Import
from onboarding.operations import (
    MOST_VERIFICATIONS,
    abandon_import,
    choose_plan,
    finish_import,
    save_details,
    start_import,
)
from organizations.models import AuditEvent, Organization
from tests.factories import BindingFactory, ImportFactory
from tests.tokens import make_token

DETAILS = {"name": "Contoso", "key": "contoso", "description": "Ships", "url": ""}


@pytest.fixture
def checked(sandbox, alice, committed):
    """Alice's import of the sample organization, verified."""

    def check(label="healthy", organization="contoso", **extra):
        with committed():
            import_ = start_import(
                organization=organization, token=sandbox.token(label), by=alice, **extra
            )
        return Import.objects.get(pk=import_.pk)

    return check


def test_an_organization_is_imported_and_owned_by_its_importer(checked, alice, sandbox):
    import_ = checked()
    save_details(import_, by=alice, **DETAILS)
    choose_plan(import_, plan="free", by=alice)

    organization = finish_import(import_, by=alice)

    assert organization.binding.external_id == sandbox.instance_id("contoso")
    assert organization.groups.get(kind="owners").members.get().user == alice
    assert organization.binding.repositories.count() == len(import_.repositories) > 5
    assert organization.binding.verifications.get().verdict == "healthy"


def test_the_token_moves_to_the_binding_and_leaves_the_import(checked, alice, sandbox):
    import_ = checked()
    save_details(import_, by=alice, **DETAILS)

    finish_import(import_, by=alice)

    import_.refresh_from_db()
    assert import_.secret is None
    token = PersonalAccessToken.objects.get()
    assert token.secret.reveal(token) == sandbox.token("healthy")


def test_finishing_twice_gives_the_same_organization(checked, alice):
    import_ = checked()
    save_details(import_, by=alice, **DETAILS)

    first, second = finish_import(import_, by=alice), finish_import(import_, by=alice)

    assert first == second
    assert Organization.objects.count() == DevOpsBinding.objects.count() == 1


def test_who_comes_second_gets_the_fork_even_with_the_same_key(checked, alice):
    import_, late = checked(), checked("full-access")
    for each in (import_, late):
        save_details(each, by=alice, **DETAILS)
    finish_import(import_, by=alice)

    with pytest.raises(AlreadyImported):
        finish_import(late, by=alice)

    late.refresh_from_db()
    assert (late.state, late.secret) == ("refused", None)
    assert late.bound_elsewhere()
    assert Organization.objects.count() == 1


def test_the_same_paste_within_a_minute_is_the_same_import(checked):
    first, second = checked(), checked()

    assert first == second
    assert AuditEvent.objects.filter(action="import.started").count() == 1


def test_who_has_many_tokens_checked_has_to_wait(alice, settings):
    for _ in range(MOST_VERIFICATIONS):
        start_import(organization="contoso", token=make_token(), by=alice)

    with pytest.raises(TooManyVerifications):
        start_import(organization="contoso", token=make_token(), by=alice)

    assert Import.objects.count() == MOST_VERIFICATIONS


def test_an_organization_that_is_here_already_is_told_and_the_token_wiped(checked, sandbox):
    BindingFactory(external_id=sandbox.instance_id("contoso"))

    import_ = checked()

    assert (import_.state, import_.verdict, import_.secret) == ("refused", "healthy", None)
    assert import_.bound_elsewhere()


def test_abandoning_wipes_the_token_at_once_and_twice_does_nothing_more(checked, alice):
    import_ = checked()

    abandon_import(import_, by=alice)
    abandon_import(import_, by=alice)

    import_.refresh_from_db()
    assert (import_.state, import_.secret, import_.repositories) == ("expired", None, [])
    assert AuditEvent.objects.filter(action="import.expired").count() == 1


def test_a_key_that_is_taken_leaves_the_import_as_it_was(alice):
    import_ = ImportFactory(ready=True, user=alice, key="", has_details=False)
    BindingFactory(organization__key="contoso")

    with pytest.raises(Exception, match="taken") as refusal:
        save_details(import_, by=alice, **DETAILS)

    import_.refresh_from_db()
    assert not import_.has_details
    assert "contoso-2" in refusal.value.details["suggestions"]
