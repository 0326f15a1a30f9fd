"""Objections: by an owner, by a mailed link, and what becomes of a claim then."""

import re

import pytest
from django.test import Client

from accounts.models import Notification
from claims import errors, links
from claims.deciding import answer_objection, approve_claim, reject_claim
from claims.models import ClaimLetter, Objection
from claims.objecting import object_as_owner
from claims.operations import claim_named, withdraw_claim
from claims.ownership import make_owner
from core.redaction import redact, redact_credentials
from organizations.errors import OwnersOnly
from organizations.models import AuditEvent
from tests.claims.conftest import STATEMENT
from tests.factories import UserFactory


def path_of(address):
    return "/" + address.split("/", 3)[3]


def test_an_owners_objection_sends_a_claim_to_review(claim, alice, now_):
    object_as_owner(claim, reason="I am here.", by=alice)

    found = claim.objections.get()
    assert (found.who, found.by, found.reason) == ("owner", alice, "I am here.")
    assert now_(claim).state == "in_review" and now_(claim).due_at
    event = AuditEvent.objects.get(action="claim.objected")
    assert (event.actor, event.data["who"]) == (alice, "owner")


def test_who_is_no_owner_can_not(claim, bob, charlie, now_):
    for somebody in (bob, charlie):
        with pytest.raises(OwnersOnly):
            object_as_owner(claim, by=somebody)

    assert now_(claim).state == "gathering"
    assert not Objection.objects.exists()


def test_objecting_twice_is_objecting_once(claim, alice):
    object_as_owner(claim, by=alice)
    object_as_owner(claim, reason="Still here.", by=alice)

    assert Objection.objects.count() == 1
    assert AuditEvent.objects.filter(action="claim.objected").count() == 1


def test_after_the_answer_one_may_object_again(reviewed, alice, dora, erik, now_, browser_of):
    object_as_owner(reviewed, by=alice)
    answer_objection(reviewed.objections.get(), reason="She has left the company.", by=dora)
    approve_claim(reviewed, reason="It is clear.", by=dora)

    address = f"/organizations/hidden-key/claims/{reviewed.pk}/object/"
    page = browser_of(alice).post(address, {"reason": "He stole my token."}, follow=True)

    assert "Support knows that you object" in page.text
    assert now_(reviewed).approved_by_first is None
    assert reviewed.objections.get(answer=None).reason == "He stole my token."
    with pytest.raises(errors.ObjectionsOpen):
        approve_claim(reviewed, reason="It is clear.", by=erik)


def test_before_the_answer_one_is_told_that_the_first_stands(claim, alice, browser_of):
    object_as_owner(claim, by=alice)

    address = f"/organizations/hidden-key/claims/{claim.pk}/object/"
    page = browser_of(alice).post(address, {"reason": "And another thing."}, follow=True)

    assert "You have objected already, and that stands" in page.text
    assert claim.objections.count() == 1


def test_after_the_end_there_is_nothing_to_object_to(claim, charlie, alice):
    withdraw_claim(claim, by=charlie)

    with pytest.raises(errors.ClaimOver):
        object_as_owner(claim, by=alice)


def test_an_objection_takes_back_what_one_person_approved(reviewed, alice, dora, erik, now_):
    approve_claim(reviewed, reason="It is clear.", by=dora)
    object_as_owner(reviewed, by=alice)
    with pytest.raises(errors.ObjectionsOpen):
        approve_claim(reviewed, reason="It is clear.", by=erik)

    answer_objection(Objection.objects.get(), reason="Alice answered her phone.", by=dora)

    assert approve_claim(reviewed, reason="It is clear.", by=erik) is False
    assert now_(reviewed).approved_by_first == erik


def test_the_answer_comes_to_who_objected(claim, harbour, alice, dora, browser_of, now_):
    anna = UserFactory()
    make_owner(harbour, anna)
    object_as_owner(claim, by=alice)

    answer_objection(claim.objections.get(), reason="She has left the company.", by=dora)

    [told] = Notification.objects.filter(title__contains="has answered your objection")
    assert (told.user, told.must_be_mailed) == (alice, True)
    assert "She has left the company." in told.text
    page = browser_of(anna).get("/organizations/hidden-key/claims/").text
    assert "Support: She has left the company." in page
    Client().post(path_of(told.link_url), {"reason": "I have not."})
    assert claim.objections.get(answer=None).by_email == alice.email


def test_and_to_a_contact_by_mail(claim, letter, dora, client, committed, mailoutbox):
    client.post(path_of(links.for_letter(letter)))

    with committed():
        answer_objection(claim.objections.get(), reason="Nobody pays any more.", by=dora)

    mail = [each for each in mailoutbox if "has answered" in each.subject][0]
    assert mail.to == ["money@example.com"]
    assert "Nobody pays any more." in mail.body and "Object to this claim" in mail.body


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (lambda claim, dora: reject_claim(claim, reason="No.", by=dora), "is rejected"),
        (lambda claim, dora: withdraw_claim(claim, by=claim.user), "is withdrawn"),
    ],
)
def test_who_was_to_object_hears_of_the_end(
    claim, harbour, letter, alice, dora, committed, mailoutbox, end, words
):
    harbour.recovery_email = "money@example.com"
    harbour.save()
    ClaimLetter.objects.update(mailed_at=None)

    with committed():
        end(claim, dora)

    asked, told = Notification.objects.filter(user=alice).order_by("created_at")
    assert asked.read_at and asked.mail_due_at is None
    assert told.title == f"Hidden Harbour: the claim on it {words}"
    mailed = {mail.subject for mail in mailoutbox if mail.to == ["money@example.com"]}
    assert mailed == {told.title}, "asked to object to what has ended"


# Mailed links


@pytest.fixture
def letter(harbour, claim):
    return ClaimLetter.objects.create(
        claim=claim, to="money@example.com", about="x", title="x", text="x", may_object=True
    )


@pytest.fixture(params=["owners", "contact"])
def link(request, claim, letter, alice):
    is_owner = request.param == "owners"
    address = links.for_owner(claim, alice.pk) if is_owner else links.for_letter(letter)
    return path_of(address)


def test_a_link_needs_no_signing_in_and_does_nothing_by_being_opened(client, claim, link, now_):
    page = client.get(link)

    assert page.status_code == 200
    assert "Object to the claim on Hidden Harbour?" in page.text
    assert "charlie@example.com" in page.text
    client.head(link)
    assert not Objection.objects.exists()
    assert now_(claim).state == "gathering"


def test_one_press_objects(link, claim, now_):
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(link)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]

    answer = browser.post(link, {"csrfmiddlewaretoken": token, "reason": "She is on holiday."})

    assert "Support knows that you object" in answer.text
    assert claim.objections.get().reason == "She is on holiday."
    assert now_(claim).state == "in_review"


def test_pressing_again_changes_nothing(client, link, claim):
    client.post(link)
    answer = client.post(link, {"reason": "Still here."})

    assert "You have objected before, and that stands" in answer.text
    assert claim.objections.count() == 1


def test_each_owner_is_mailed_a_link_of_their_own(client, harbour, charlie, alice, dora):
    anna = UserFactory()
    make_owner(harbour, anna)
    claim = claim_named("contoso", statement=STATEMENT, by=charlie)
    mailed = {notice.user: notice.link_url for notice in Notification.objects.all()}
    assert mailed.keys() == {alice, anna}

    client.post(path_of(mailed[alice]))
    answer_objection(claim.objections.get(), reason="She has left the company.", by=dora)
    told = client.post(path_of(mailed[anna]), {"reason": "I am here, too."}).text

    assert "Support knows that you object" in told and "objected before" not in told
    found = claim.objections.order_by("round").values_list("who", "by_email", "by", "reason")
    assert list(found) == [
        ("owners_link", alice.email, None, ""),
        ("owners_link", anna.email, None, "I am here, too."),
    ]


def test_who_objected_by_a_letter_is_known_by_its_address(client, letter, claim):
    client.post(path_of(links.for_letter(letter)))

    found = claim.objections.get()
    assert (found.who, found.by_email, found.by_id) == ("contact", "money@example.com", None)


def test_a_link_works_until_the_claim_is_decided(client, link, claim, charlie, days_pass):
    days_pass(13)
    assert "Object to the claim" in client.get(link).text
    withdraw_claim(claim, by=charlie)

    for answer in (client.get(link), client.post(link)):
        assert "This claim has ended" in answer.text
    assert not Objection.objects.exists()


@pytest.mark.parametrize("spoil", [lambda s: s[:-2], lambda s: "x" + s[1:], lambda s: "owner.1.2"])
def test_a_link_that_nobody_signed_is_none(client, claim, alice, spoil):
    signed = links.for_owner(claim, alice.pk).rstrip("/").rpartition("/")[2]

    assert client.get(f"/claims/objection/{spoil(signed)}/").status_code == 404
    assert client.post(f"/claims/objection/{spoil(signed)}/").status_code == 404
    assert not Objection.objects.exists()


def test_a_link_reaches_people_and_no_log(claim, letter, alice):
    for address in (links.for_owner(claim, alice.pk), links.for_letter(letter)):
        assert redact_credentials(address) == address
        assert redact(address).endswith("/claims/objection/[redacted]/")
