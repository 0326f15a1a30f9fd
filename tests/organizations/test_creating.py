"""Making an organization: its first owner, its record, and keys that can't be had."""

import pytest

from organizations.errors import KeyMalformed, KeyTaken
from organizations.keys import variations
from organizations.models import AuditEvent, Membership, Organization
from organizations.operations import create_organization, free_keys
from tests.factories import OrganizationFactory


def test_who_makes_it_owns_it_and_is_on_record(alice):
    organization = create_organization(key="contoso", name="Contoso", by=alice)

    assert organization.memberships.get().user == alice
    assert organization.groups.get(kind="owners").members.get().user == alice
    event = AuditEvent.objects.get()
    assert (event.action, event.channel, event.actor) == ("organization.created", "system", alice)
    assert event.data == {"name": "Contoso"}


@pytest.mark.parametrize("key", ["a", "7", "2-contoso", "a--b", "a" * 64, "administrators"])
def test_every_good_key_is_taken_by_the_database_too(alice, key):
    create_organization(key=key, name="Contoso", by=alice)

    assert Organization.objects.get().key == key


@pytest.mark.parametrize(
    "key", ["", "Contoso", "con toso", "contoso\n", "häfen", "-a", "a-", "a" * 65, "admin"]
)
def test_none_is_made_with_a_bad_key(alice, key):
    with pytest.raises(KeyMalformed):
        create_organization(key=key, name="Contoso", by=alice)

    assert not Organization.objects.exists()
    assert not Membership.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_taken_key_is_told_so_with_others_that_are_free(alice):
    for key in ("contoso", "contoso-2"):
        OrganizationFactory(key=key)

    with pytest.raises(KeyTaken) as refusal:
        create_organization(key="contoso", name="Contoso", by=alice)

    assert refusal.value.details == {"suggestions": ["contoso-eu", "contoso-us", "contoso-dev"]}
    assert Organization.objects.count() == 2
    assert not Membership.objects.exists()


def test_there_is_a_key_left_when_the_natural_ones_are_gone(db):
    for key in ["contoso", *variations("contoso")[:-1]]:
        OrganizationFactory(key=key)

    assert free_keys("contoso") == ["contoso-19"]


def test_the_longest_key_leaves_room_for_an_ending(db):
    OrganizationFactory(key="a" * 64)

    assert free_keys("a" * 64) == [f"{'a' * 56}-{ending}" for ending in ("2", "eu", "us")]
