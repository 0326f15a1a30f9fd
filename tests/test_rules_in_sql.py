"""What the database itself refuses, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction

from bindings.models import DevOpsBinding
from organizations import audit
from organizations.models import Organization
from organizations.operations import delete_organization
from tests.factories import (
    BindingFactory,
    OrganizationFactory,
    TokenFactory,
    UserFactory,
    VerificationFactory,
)

pytestmark = pytest.mark.django_db

OTHER = "11111111-1111-4111-8111-111111111111"


def refused(statement, *values):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    "change",
    [
        f"external_id = '{OTHER}'",
        "platform = 'github'",
        f"id = '{OTHER}'",
        "organization_id = (SELECT id FROM organizations_organization WHERE key = 'another')",
    ],
)
def test_what_is_bound_can_not_be_changed_in_sql(change):
    OrganizationFactory(key="another")
    binding = BindingFactory()

    refused(f"UPDATE bindings_devopsbinding SET {change}")

    found = DevOpsBinding.objects.get()
    assert (found.pk, found.external_id) == (binding.pk, binding.external_id)
    assert found.organization_id == binding.organization_id


def test_its_display_name_may_change():
    BindingFactory()

    DevOpsBinding.objects.update(external_name="contoso-renamed")

    assert DevOpsBinding.objects.get().external_name == "contoso-renamed"


def test_it_can_not_be_changed_through_the_orm_either():
    BindingFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        DevOpsBinding.objects.update(external_id=OTHER)


def test_a_binding_can_not_be_removed_from_an_organization_that_stays():
    BindingFactory()

    refused("DELETE FROM bindings_devopsbinding")

    assert DevOpsBinding.objects.exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE.")
@pytest.mark.parametrize("table", ["bindings_devopsbinding", "organizations_auditevent"])
def test_neither_bindings_nor_history_can_be_swept_away(table):
    BindingFactory()
    connection.check_constraints()  # those that wait for the commit would refuse it first

    refused(f"TRUNCATE {table} CASCADE")

    assert DevOpsBinding.objects.exists()


def test_a_binding_can_not_be_replaced():
    binding = BindingFactory()
    statement = "DELETE FROM bindings_devopsbinding"
    if connection.vendor == "sqlite":
        statement = (
            "REPLACE INTO bindings_devopsbinding (id, platform, external_id, external_name, "
            "created_at, listed_at, organization_id) "
            f"SELECT id, platform, '{OTHER}', external_name, created_at, listed_at, "
            "organization_id FROM bindings_devopsbinding"
        )

    refused(statement)

    assert DevOpsBinding.objects.get().external_id == binding.external_id


def test_deleting_the_organization_ends_the_binding():
    binding = BindingFactory()
    TokenFactory(binding=binding)

    delete_organization(binding.organization, by=UserFactory())

    assert not DevOpsBinding.objects.exists()
    assert not Organization.objects.exists()


def test_an_organization_that_is_being_deleted_does_not_come_back():
    organization = OrganizationFactory()
    Organization.objects.update(closed_at=organization.created_at)

    refused("UPDATE organizations_organization SET closed_at = NULL")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE organizations_auditevent SET action = 'nothing'",
        "DELETE FROM organizations_auditevent",
    ],
)
def test_history_is_neither_changed_nor_removed(statement):
    audit.record(OrganizationFactory(), "organization.created", by=None)

    refused(statement)


def test_a_verification_is_never_changed():
    VerificationFactory()

    refused("UPDATE bindings_verification SET verdict = 'healthy'")


@pytest.mark.parametrize("key", ["Contoso", "-a", "a-", "", "a" * 65, "con toso", "häfen", "a\n"])
def test_a_malformed_key_is_refused_by_the_database(key):
    OrganizationFactory(key="contoso")

    with pytest.raises(Exception, match="(?i)constraint|too long"), transaction.atomic():
        Organization.objects.update(key=key)


def test_an_organization_has_one_owners_group():
    organization = OrganizationFactory()

    refused(
        "INSERT INTO organizations_group (organization_id, kind, permissions) "
        "SELECT organization_id, kind, permissions FROM organizations_group"
    )

    assert organization.groups.count() == 1


def test_an_external_organization_is_bound_once():
    binding = BindingFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        BindingFactory(external_id=binding.external_id)
