"""Changing the key of an organization, and what the old one is still good for."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.models import Notification
from onboarding.reserving import free_keys, key_problem, refuse_what_is_here, reserve
from organizations.errors import KeyChangedOften, KeyMalformed, KeyTaken, OwnersOnly
from organizations.models import AuditEvent, FormerKey, Organization
from organizations.operations import create_organization
from organizations.renaming import change_key, forget_former_keys
from organizations.tasks import forget_former_keys as forget_task
from tests.factories import ImportFactory, NotificationFactory, OrganizationFactory, UserFactory
from tests.meeting import meet

KEY = "/organizations/harbour/settings/key/"
ONE = "/api/v1/organizations/harbour"


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", name="Harbour", owner=alice, member=bob)


def days_later(days):
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


def test_the_page_says_what_breaks(browser_of, alice, harbour):
    page = browser_of(alice).get(KEY).text

    assert "Variables of pipelines and scanners" in page
    assert "Type harbour to confirm" in page


def test_a_key_is_changed_once_the_present_one_is_typed(browser_of, alice, harbour):
    response = browser_of(alice).post(KEY, {"key": "port", "confirm": "harbour"}, follow=True)

    assert "The key is port now." in response.text
    assert Organization.objects.get().key == "port"
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("organization.key_changed", alice)
    assert event.data == {"old_key": "harbour", "new_key": "port"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"key": "port", "confirm": "port"}, "This is not the key it has now."),
        ({"key": "port", "confirm": ""}, "This is not the key it has now."),
        ({"key": "", "confirm": "harbour"}, "Choose a key."),
        ({"key": "Port", "confirm": "harbour"}, "A key has no capital letters."),
        ({"key": "settings", "confirm": "harbour"}, "is reserved"),
        ({"key": "taken", "confirm": "harbour"}, "This key is taken."),
    ],
)
def test_what_can_not_be_is_said_and_changes_nothing(browser_of, alice, harbour, typed, said):
    OrganizationFactory(key="taken")

    response = browser_of(alice).post(KEY, typed)

    assert response.status_code == 422
    assert said in response.text
    assert Organization.objects.filter(key="harbour").exists()
    assert not FormerKey.objects.exists()


def test_members_are_led_on_and_strangers_are_not(browser_of, alice, bob, charlie, harbour):
    change_key(harbour, "port", by=alice)

    led = browser_of(bob).get("/organizations/harbour/members/?q=bob")

    assert (led.status_code, led["Location"]) == (302, "/organizations/port/members/?q=bob")
    assert browser_of(charlie).get("/organizations/harbour/members/").status_code == 404
    with days_later(30):
        assert browser_of(bob).get("/organizations/harbour/members/").status_code == 404


def test_a_form_sent_to_the_old_address_does_nothing(browser_of, alice, harbour):
    change_key(harbour, "port", by=alice)

    response = browser_of(alice).post("/organizations/harbour/settings/", {"name": "Other"})

    assert response.status_code == 409
    assert Organization.objects.get().name == "Harbour"


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_a_program_is_told_the_new_address(program_of, alice, harbour, method):
    change_key(harbour, "port", by=alice)

    response = getattr(program_of(alice), method)(ONE)

    assert (response.status_code, response["Location"]) == (308, "/api/v1/organizations/port")
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["code"], body["location"]) == ("moved", "/api/v1/organizations/port")


def test_the_shortest_way_to_entitlements_leads_on_too(program_of, alice, charlie, harbour):
    change_key(harbour, "port", by=alice)

    assert program_of(alice).get(f"{ONE}/entitlements").status_code == 308
    assert program_of(charlie).get(f"{ONE}/entitlements").status_code == 404


def test_a_program_changes_the_key_with_the_rest_or_nothing(program_of, alice, harbour):
    OrganizationFactory(key="taken")
    program = program_of(alice)

    def patch(**changes):
        return program.patch(ONE, changes, content_type="application/json")

    refused = patch(key="taken", name="Port")
    changed = patch(key="port", name="Port")

    assert (refused.status_code, refused.json()["code"]) == (409, "key-taken")
    assert (changed.status_code, changed.json()["key"]) == (200, "port")
    assert Organization.objects.get(pk=harbour.pk).name == "Port"
    assert AuditEvent.objects.filter(action="organization.changed").count() == 1


def test_nobody_else_gets_the_old_key_for_thirty_days(alice, charlie, harbour):
    change_key(harbour, "port", by=alice)
    other = OrganizationFactory(key="other", owner=charlie)
    import_ = ImportFactory(ready=True, user=charlie, key="harbour")

    with pytest.raises(KeyTaken):
        create_organization(key="harbour", name="Harbour", by=charlie)
    with pytest.raises(KeyTaken):
        change_key(other, "harbour", by=charlie)
    reserve(import_)
    with pytest.raises(KeyTaken):
        refuse_what_is_here(import_)
    assert key_problem("harbour") == KeyTaken.message
    assert "harbour" not in free_keys("harbour")
    assert not Organization.objects.filter(key="harbour").exists()


def test_after_thirty_days_anybody_may_have_it(alice, charlie, harbour):
    change_key(harbour, "port", by=alice)

    with days_later(30):
        assert key_problem("harbour") is None
        other = create_organization(key="harbour", name="Other", by=charlie)
        forget_task()
        change_key(other, "dock", by=charlie)

    assert FormerKey.objects.get().organization == other


def test_the_sweep_leaves_what_still_leads_on(alice, harbour):
    change_key(harbour, "port", by=alice)

    forget_former_keys()

    assert FormerKey.objects.get().key == "harbour"


def test_a_key_that_an_import_holds_is_taken(alice, harbour):
    ImportFactory(ready=True, key="port", is_reserved=True)

    with pytest.raises(KeyTaken):
        change_key(harbour, "port", by=alice)


def test_a_chain_of_keys_leads_to_the_newest(browser_of, alice, harbour):
    for key in ("port", "dock", "quay"):
        change_key(harbour, key, by=alice)

    for key in ("harbour", "port", "dock"):
        led = browser_of(alice).get(f"/organizations/{key}/")
        assert led["Location"] == "/organizations/quay/"


def test_ones_own_former_key_can_be_taken_back(browser_of, alice, harbour):
    change_key(harbour, "port", by=alice)
    browser = browser_of(alice)

    assert "harbour is free" in browser.get("/imports/key/?key=harbour&of=port").text
    assert "<code>harbour</code>" in browser.get("/organizations/port/settings/key/").text
    change_key(harbour, "harbour", by=alice)

    assert list(FormerKey.objects.values_list("key", flat=True)) == ["port"]
    assert browser.get("/organizations/harbour/").status_code == 200


def test_who_has_nothing_to_do_with_it_sees_it_as_taken(browser_of, alice, charlie, harbour):
    change_key(harbour, "port", by=alice)

    page = browser_of(charlie).get("/imports/key/?key=harbour&of=port").text

    assert "This key is taken" in page


def test_nobody_hoards_keys(alice, harbour):
    for number in range(5):
        change_key(harbour, f"port-{number}", by=alice)

    with pytest.raises(KeyChangedOften):
        change_key(harbour, "port-5", by=alice)
    change_key(harbour, "port-3", by=alice)

    assert Organization.objects.get().key == "port-3"


def test_the_same_key_changes_nothing(alice, harbour):
    change_key(harbour, "harbour", by=alice)

    assert not (FormerKey.objects.exists() or AuditEvent.objects.exists())


def test_only_an_owner_changes_it_to_what_can_be_one(alice, bob, harbour):
    with pytest.raises(OwnersOnly):
        change_key(harbour, "port", by=bob)
    with pytest.raises(KeyMalformed):
        change_key(harbour, "-port", by=alice)


def test_what_people_were_told_leads_to_the_new_address(alice, charlie, harbour):
    path = "/organizations/harbour/binding/token/"
    NotificationFactory(user=alice, action_label="Replace", action_path=path)
    NotificationFactory(user=charlie, action_label="Replace", action_path=path)
    NotificationFactory(user=alice, action_label="See", action_path="/organizations/harbour-2/")

    change_key(harbour, "port", by=alice)

    mine = Notification.objects.filter(user=alice).values_list("action_path", flat=True)
    assert set(mine) == {"/organizations/port/binding/token/", "/organizations/harbour-2/"}
    assert Notification.objects.get(user=charlie).action_path == path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["rename", "creation", "import"])
def test_of_two_who_want_a_key_at_once_one_gets_it(other):
    for number in range(5):
        wanted = f"wanted-{number}"
        first, second = UserFactory(), UserFactory()
        mine = OrganizationFactory(owner=first)
        theirs = OrganizationFactory(owner=second)
        import_ = ImportFactory(ready=True, user=second, key=wanted)
        acts = {
            "rename": lambda o=theirs, k=wanted, by=second: change_key(o, k, by=by),
            "creation": lambda k=wanted, by=second: create_organization(key=k, name="N", by=by),
            "import": lambda i=import_: held(i),
        }

        ends = meet(lambda o=mine, k=wanted, by=first: change_key(o, k, by=by), acts[other])

        assert ends.count("key-taken") == 1


def held(import_):
    with transaction.atomic():
        reserve(import_)
        refuse_what_is_here(import_)


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_just_given_up_is_not_given_out():
    for number in range(5):
        old, owner, other = f"old-{number}", UserFactory(), UserFactory()
        organization = OrganizationFactory(key=old, owner=owner)

        meet(
            lambda o=organization, n=number, by=owner: change_key(o, f"new-{n}", by=by),
            lambda k=old, by=other: create_organization(key=k, name="N", by=by),
        )

        assert FormerKey.objects.get(key=old).organization == organization
        assert not Organization.objects.filter(key=old).exists()
