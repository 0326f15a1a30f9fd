"""What support does with a claim at its desk, and the texts that it begins with."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from accounts.roles import make_support
from claims.deciding import approve_claim
from claims.models import ClaimMessage, ReplyTemplate
from claims.objecting import object_as_owner
from claims.operations import withdraw_claim
from claims.ownership import is_owner
from organizations.models import AuditEvent
from tests.claims.desk import BECAUSE, act, actions, offered, page_of, panels
from tests.factories import ClaimFactory, UserFactory
from tests.organizations.crew import join

# Acts


def test_what_is_offered_fits_the_claim(desk, browser_of, claim, alice, erik):
    always = {"assign", "ask", "note", "reject"}
    assert offered(desk, claim) == always | {"take"}
    act(desk, claim, "take")
    object_as_owner(claim, by=alice)

    assert offered(desk, claim) == always | {"put-back", "answer"}
    act(browser_of(erik), claim, "reject", reason=BECAUSE)
    assert offered(desk, claim) == {"note"}


def test_nothing_is_offered_to_who_belongs_to_the_organization(desk, reviewed, harbour, dora):
    assert "approve" in offered(desk, reviewed)

    join(harbour, dora)

    assert offered(desk, reviewed) == set()
    refused = act(desk, reviewed, "approve", reason=BECAUSE)
    assert refused.status_code == 422


def test_a_claim_is_taken_by_one_press_given_on_and_put_back(
    desk, browser_of, reviewed, harbour, dora, erik, now_
):
    assert act(desk, reviewed, "take").status_code == 302
    assert now_(reviewed).assignee == dora
    late = act(browser_of(erik), reviewed, "take")
    assert late.status_code == 422
    assert "dora@support.example.com has taken this claim meanwhile." in late.text

    act(desk, reviewed, "assign", to=erik.pk, reason="He speaks Dutch.")
    assert now_(reviewed).assignee == erik
    act(desk, reviewed, "put-back")
    assert now_(reviewed).assignee is None
    given = harbour.audit_events.filter(action="claim.assigned").order_by("pk")
    assert [(each.data["to"], each.data["reason"]) for each in given] == [
        (dora.email, ""),
        (erik.email, "He speaks Dutch."),
        ("", ""),
    ]


def test_nobody_else_than_acting_support_gets_a_claim(desk, reviewed, alice, erik, now_):
    make_support(erik, may_act=False)

    for somebody in (alice, erik):
        refused = act(desk, reviewed, "assign", to=somebody.pk)
        assert refused.status_code == 422 and "Select a valid choice" in refused.text

    assert now_(reviewed).assignee is None


def test_a_note_is_for_support_alone(desk, browser_of, reviewed, harbour, alice, charlie):
    act(desk, reviewed, "note", text="Her voice was calm.")

    assert "Her voice was calm." in panels(desk, reviewed)["Notes, for support alone"]
    event = harbour.audit_events.get(action="claim.noted")
    assert (event.actor_email, event.channel) == ("dora@support.example.com", "admin")
    theirs = [
        browser_of(alice).get("/organizations/hidden-key/audit/"),
        browser_of(alice).get("/organizations/hidden-key/claims/"),
        browser_of(charlie).get(f"/claims/{reviewed.pk}/"),
    ]
    assert all(page.status_code == 200 and "calm" not in page.text for page in theirs)
    assert "Note on a claim, for support alone" in theirs[0].text


def test_a_note_says_something_and_stays(desk, reviewed):
    assert act(desk, reviewed, "note", text=" ").status_code == 422
    act(desk, reviewed, "note", text="Her voice was calm.")

    with pytest.raises(Exception, match="never changed or removed"):
        reviewed.notes.update(text="Her voice was loud.")


def test_a_question_is_asked_and_answered(desk, browser_of, reviewed, charlie, now_):
    assert act(desk, reviewed, "ask", text="").status_code == 422
    act(desk, reviewed, "ask", text="Who signed the contract?")

    assert now_(reviewed).due_at is None
    browser_of(charlie).post(f"/claims/{reviewed.pk}/answer/", {"text": "I did."})
    assert now_(reviewed).due_at
    said = panels(desk, reviewed)["Questions and answers"]
    assert "Who signed the contract?" in said and "I did." in said


def test_two_of_support_approve(desk, browser_of, reviewed, harbour, charlie, dora, erik, now_):
    first = desk.post(page_of(reviewed, "act/approve/"), {"reason": BECAUSE}, follow=True)
    assert "You are the first to approve." in first.text
    assert not is_owner(harbour.pk, charlie)
    assert "approve" not in offered(desk, reviewed)
    again = act(desk, reviewed, "approve", reason=BECAUSE)
    assert again.status_code == 422 and "You approved this claim." in again.text

    second = browser_of(erik).post(
        page_of(reviewed, "act/approve/"), {"reason": BECAUSE}, follow=True
    )

    assert "The claimant is an owner now" in second.text
    assert is_owner(harbour.pk, charlie)
    assert (now_(reviewed).approved_by_first, now_(reviewed).approved_by_second) == (dora, erik)
    assert "It is decided." in panels(desk, reviewed)["Before it can be approved"]


def test_a_refusal_is_said_where_it_was_asked(desk, proven, charlie, now_):
    refused = act(desk, proven, "approve", reason=BECAUSE)

    assert refused.status_code == 422
    assert "This claim is not in review" in refused.text and BECAUSE in refused.text
    assert "Nothing was done. See below why." in refused.text
    assert "approve" not in offered(desk, proven)
    withdraw_claim(proven, by=charlie)
    for name, typed in (("reject", "reason"), ("ask", "text")):
        over = act(desk, proven, name, **{typed: BECAUSE})
        assert over.status_code == 422 and "decided, withdrawn or ran out" in over.text
    assert act(desk, proven, "take").status_code == 422


def test_a_reason_is_needed(desk, reviewed, now_):
    for name in ("approve", "reject"):
        assert act(desk, reviewed, name, reason=" ").status_code == 422

    assert now_(reviewed).state == "in_review" and not reviewed.decisions.exists()


def test_an_objection_is_answered_and_the_claim_goes_on(
    desk, browser_of, reviewed, alice, erik, now_
):
    object_as_owner(reviewed, reason="I am here.", by=alice)
    objection = reviewed.objections.get()
    form = desk.get(page_of(reviewed, "act/answer/"))
    assert "alice@example.com: I am here." in form.text

    act(desk, reviewed, "answer", objection=objection.pk, reason="She agreed by phone.")

    assert objection.answer.reason == "She agreed by phone."
    late = act(browser_of(erik), reviewed, "answer", objection=objection.pk, reason=BECAUSE)
    assert late.status_code == 422 and "This objection has its answer." in late.text
    assert act(desk, reviewed, "approve", reason=BECAUSE).status_code == 302
    assert now_(reviewed).approved_by_first


def test_an_objection_to_another_claim_is_not_answered_here(desk, reviewed, alice):
    other = ClaimFactory().objections.create(who="owners_link")
    object_as_owner(reviewed, by=alice)

    assert act(desk, reviewed, "answer", objection=other.pk, reason=BECAUSE).status_code == 422


def test_an_approval_is_reversed_for_fourteen_days(
    desk, browser_of, reviewed, harbour, charlie, dora, erik, clock, now_
):
    for each in (dora, erik):
        approve_claim(reviewed, reason=BECAUSE, by=each)
    assert offered(desk, reviewed) == {"note", "reverse"}
    clock.shift(timedelta(days=14, seconds=1))
    later = browser_of(dora)
    assert offered(later, reviewed) == {"note"}
    refused = act(later, reviewed, "reverse", reason=BECAUSE)
    assert refused.status_code == 422 and "They are over." in refused.text
    clock.shift(timedelta(days=-1))

    act(later, reviewed, "reverse", reason="It was the wrong company.")

    assert now_(reviewed).state == "reversed" and not is_owner(harbour.pk, charlie)


def test_each_act_and_look_is_on_the_record(desk, browser_of, reviewed, harbour, alice, dora):
    before = len(actions(harbour))
    desk.get(page_of(reviewed))
    act(desk, reviewed, "take")
    act(desk, reviewed, "ask", text="Who signed the contract?")
    act(desk, reviewed, "approve", reason=BECAUSE)

    assert actions(harbour)[before:] == [
        "support.viewed",
        "claim.assigned",
        "claim.asked",
        "claim.approval_proposed",
    ]
    events = AuditEvent.objects.order_by("-pk")[:4]
    assert {(each.actor, each.channel) for each in events} == {(dora, "admin")}
    page = browser_of(alice).get("/organizations/hidden-key/audit/?family=support").text
    assert "Access claim: charlie@example.com claims contoso" in page


# Texts to begin with


@pytest.fixture
def template(db):
    return ReplyTemplate.objects.create(
        about="ask", title="Signature", text="Hello {claimant}, who signed for {organization}?"
    )


def test_a_text_to_begin_with_is_filled_in(desk, reviewed, template):
    page = desk.get(page_of(reviewed, "act/ask/"))
    place = re.search(r'<a href="([^"]+)">Signature</a>', page.text)[1]

    begun = desk.get(page_of(reviewed, f"act/ask/{place}"))

    assert "Hello charlie, who signed for contoso?</textarea>" in begun.text
    assert not ClaimMessage.objects.exists()


def test_a_text_is_for_one_act(desk, reviewed, template):
    page = desk.get(page_of(reviewed, f"act/reject/?template={template.pk}"))

    assert "Signature" not in page.text and "who signed" not in page.text
    assert desk.get(page_of(reviewed, "act/ask/?template=x")).status_code == 200


def test_there_are_texts_to_begin_with_from_the_start(desk, reviewed):
    for name in ("ask", "reject"):
        page = desk.get(page_of(reviewed, f"act/{name}/")).text
        places = re.findall(r'<a href="(\?template=\d+)">', page)
        assert len(places) >= 3
        for place in places:
            begun = desk.get(page_of(reviewed, f"act/{name}/{place}")).text
            assert "contoso" in re.search(r"<textarea[^>]*>(.*?)</textarea>", begun, re.S)[1]


TEMPLATES = "/admin/claims/replytemplate/"
NEW = {"about": "reject", "title": "Wrong company", "text": "{organization} is another company."}


@pytest.fixture
def editor(browser_of, db):
    """May look, and edit templates."""
    greta = UserFactory(email="greta@example.com")
    make_support(greta, may_act=False)
    of_templates = Permission.objects.filter(codename__endswith="_replytemplate")
    greta.user_permissions.set(of_templates)
    return browser_of(greta)


def test_who_has_the_permission_edits_the_texts(editor):
    assert editor.post(f"{TEMPLATES}add/", NEW).status_code == 302
    row = ReplyTemplate.objects.get(title="Wrong company")
    editor.post(f"{TEMPLATES}{row.pk}/change/", NEW | {"title": "Another company"})
    row.refresh_from_db()
    assert row.title == "Another company"

    editor.post(f"{TEMPLATES}{row.pk}/delete/", {"post": "yes"})

    assert not ReplyTemplate.objects.filter(pk=row.pk).exists()


def test_a_placeholder_that_is_none_is_refused(editor):
    refused = editor.post(f"{TEMPLATES}add/", NEW | {"text": "Hello {name}."})

    assert "Nothing takes the place of {name}." in refused.text
    assert not ReplyTemplate.objects.filter(title="Wrong company").exists()


def test_who_has_not_reads_them(desk, template):
    place = f"{TEMPLATES}{template.pk}/change/"

    assert desk.get(place).status_code == 200
    assert desk.post(place, NEW).status_code == 403
    assert desk.post(f"{TEMPLATES}add/", NEW).status_code == 403
    template.refresh_from_db()
    assert template.title == "Signature"
