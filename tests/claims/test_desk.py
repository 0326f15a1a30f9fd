"""A claim at the support desk: all about it on one page, and what support does there."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.roles import make_support
from claims.deciding import answer_objection, approve_claim, ask_claimant, note_on_claim
from claims.models import AccessClaim, ClaimMessage, ReplyTemplate
from claims.objecting import object_as_owner
from claims.operations import answer_question, withdraw_claim
from claims.ownership import is_owner
from organizations.models import AuditEvent
from tests.billing.rows import SubscriptionFactory
from tests.factories import ClaimFactory, UserFactory

BECAUSE = "She answered from the billing address."


@pytest.fixture
def dora(dora):
    make_support(dora, may_act=True)
    return dora


@pytest.fixture
def erik(erik):
    make_support(erik, may_act=True)
    return erik


@pytest.fixture
def desk(browser_of, dora):
    """Dora's browser."""
    return browser_of(dora)


def page_of(claim, rest="change/"):
    return f"/admin/claims/accessclaim/{claim.pk}/{rest}"


def panels(browser, claim):
    """What each panel says, by its title."""
    page = browser.get(page_of(claim))
    assert page.status_code == 200
    parts = re.split(r'<section class="panel"[^>]*>\s*<h2[^>]*>', page.text)[1:]
    found = {re.sub(r"<[^>]+>", "", part.partition("</h2>")[0]): part for part in parts}
    return {title: _words(part) for title, part in found.items()}


def _words(part):
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def act(browser, claim, name, **typed):
    return browser.post(page_of(claim, f"act/{name}/"), typed)


def offered(browser, claim):
    return set(re.findall(r"/act/([\w-]+)/", browser.get(page_of(claim)).text))


def actions(organization):
    return list(organization.audit_events.order_by("pk").values_list("action", flat=True))


# The page


def test_the_page_has_all_about_a_claim_side_by_side(desk, reviewed):
    page = desk.get(page_of(reviewed))

    left, right = ([panel.title for panel in column] for column in page.context["columns"])
    assert left == [
        "Before it can be approved",
        "The claim",
        "Evidence",
        "Objections",
        "Questions and answers",
        "Notes, for support alone",
        "Decisions",
        "History",
    ]
    assert right == [
        "Claimant",
        "Owners",
        "Contacts",
        "Billing",
        "Binding",
        "Told",
        "Similar claims",
    ]


def test_it_says_who_claims_what_and_on_which_evidence(desk, reviewed, charlie):
    charlie.emailaddress_set.create(email=charlie.email, verified=True, primary=True)

    said = panels(desk, reviewed)

    assert "charlie@example.com, verified" in said["Claimant"]
    assert "Our only owner left the company in March" in said["The claim"]
    assert "Hidden Harbour (hidden-key)" in said["The claim"]
    assert "A token of an administrator strong" in said["Evidence"]
    assert "account: technical.user@example.com" in said["Evidence"]


def test_it_says_whom_to_reach_and_who_is_away(desk, reviewed, harbour, alice):
    harbour.recovery_email = "harbour.master@example.com"
    harbour.save()
    alice.last_login = timezone.now() - timedelta(days=120)
    alice.save()
    account = SubscriptionFactory(account__organization=harbour).account
    account.email, account.name = "money@example.com", "Harbour Company"
    account.save()

    said = panels(desk, reviewed)

    assert "alice@example.com" in said["Owners"] and "120 days: dormant" in said["Owners"]
    assert "Recovery contact harbour.master@example.com" in said["Contacts"]
    assert "money@example.com" in said["Contacts"]
    assert "Harbour Company" in said["Billing"] and "Team" in said["Billing"]
    assert "contoso (Azure DevOps)" in said["Binding"]


def test_it_says_why_the_wait_is_short(desk, harbour, alice, proven, days_pass):
    alice.date_joined = alice.last_login = timezone.now() - timedelta(days=120)
    alice.save()
    days_pass(0.1)

    said = panels(desk, proven)

    assert "no owner has signed in for 90 days" in said["The claim"]


def test_what_is_missing_is_said_in_words(desk, claim, alice):
    object_as_owner(claim, reason="I am here.", by=alice)

    said = panels(desk, claim)["Before it can be approved"]

    assert "It is in review yes" in said
    assert "There is strong evidence no No strong evidence was found by machine." in said
    assert "The waiting period is over no Owners may still object" in said
    assert "Each objection is answered no An objection is not answered." in said
    assert "The claimant is no owner yet yes" in said


def test_what_was_said_stands_in_its_order(desk, reviewed, alice, charlie, dora, erik, clock):
    ask_claimant(reviewed, "Who signed the contract?", by=dora)
    clock.shift(timedelta(hours=1))
    answer_question(reviewed, "I did.", by=charlie)
    approve_claim(reviewed, reason=BECAUSE, by=dora)
    note_on_claim(reviewed, "Her voice was calm.", by=erik)
    clock.shift(timedelta(hours=1))
    object_as_owner(reviewed, reason="I am here.", by=alice)
    answer_objection(reviewed.objections.get(), reason="She agreed by phone.", by=erik)

    said = panels(desk, reviewed)

    talk = said["Questions and answers"]
    assert talk.index("Who signed the contract?") < talk.index("I did.")
    assert "by dora@support.example.com" in talk and "by charlie@example.com" in talk
    assert "An owner, signed in: alice@example.com answered" in said["Objections"]
    assert "by erik@support.example.com: She agreed by phone." in said["Objections"]
    assert "Her voice was calm." in said["Notes, for support alone"]
    assert "Approve, before an objection: it counts no more" in said["Decisions"]
    assert said["History"].index("Claim objected to") < said["History"].index("Claimed by somebody")
    assert "Mooring support" not in said["History"]


def test_it_says_who_was_written_to_and_what_became_of_it(
    desk, harbour, charlie, claim, committed, dora
):
    with committed():
        ask_claimant(claim, "Who signed the contract?", by=dora)

    said = panels(desk, claim)["Told"]

    assert "charlie@example.com contoso: support has a question about your claim" in said
    assert "alice@example.com Hidden Harbour: somebody claims to have lost access" in said


def test_similar_claims_are_beside_it(desk, reviewed, harbour, charlie):
    ClaimFactory(organization=harbour, user__email="frank@other.example.com")
    ClaimFactory(user=charlie, external_name="fabrikam")
    ClaimFactory(user__email="greta@example.com")
    ClaimFactory(user__email="hugo@elsewhere.example.org")

    said = panels(desk, reviewed)["Similar claims"]

    same, by_same, of_domain = re.split("By the same claimant|By others at example.com", said)
    assert "frank@other.example.com" in same
    assert "charlie@example.com" in by_same
    assert "greta@example.com" in of_domain and "charlie@example.com" not in of_domain
    assert "hugo@" not in said


def test_free_mail_makes_nobody_a_colleague(desk):
    claim = ClaimFactory(user__email="frank@gmail.com")
    ClaimFactory(user__email="greta@gmail.com")

    assert "greta@gmail.com" not in panels(desk, claim)["Similar claims"]


def filled(size, owner, by):
    """A claim with so many of everything."""
    claim = ClaimFactory(state="in_review", strength="strong")
    for n in range(size):
        claim.evidence.create(kind="nonce_placed", outcome="not_placed", weight="none")
        claim.messages.create(from_support=True, by=by, text=f"Who signed invoice {n}?")
        claim.objections.create(who="contact", by_email=f"contact{n}@example.com")
        claim.letters.create(to=f"contact{n}@example.com", about="opened", title="It is claimed")
        claim.decisions.create(kind="approve", round=n + 2, by=by, by_email="x", reason="Why not")
        note_on_claim(claim, f"Note {n}", by=by)
        ClaimFactory(organization=claim.organization)
    return claim


def test_the_page_costs_the_same_with_few_and_many_of_everything(desk, alice, dora, queries):
    costs = []
    for size in (2, 30):
        claim = filled(size, alice, dora)
        desk.get(page_of(claim))
        with queries() as asked:
            assert desk.get(page_of(claim)).status_code == 200
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_no_page_of_the_desk_has_the_words_or_a_trace_of_a_token(desk, claim, sandbox, charlie):
    pasted = sandbox.token("healthy")
    browser_page = f"/admin/claims/accessclaim/?q={claim.nonce}"
    AccessClaim.objects.filter(pk=claim.pk).update(look="")
    claim.refresh_from_db()
    claim.look, claim.secret = "token", pasted
    claim.secret_until = timezone.now() + timedelta(minutes=5)
    claim.save()

    places = ["/admin/claims/accessclaim/", page_of(claim), page_of(claim, "history/")]
    places += [page_of(claim, f"act/{name}/") for name in ("ask", "reject", "approve", "assign")]
    pages = [desk.get(place).text for place in places]

    traces = [claim.nonce, pasted, pasted[4:40], "gAAAA", "Sealed"]
    assert [trace for trace in traces if any(trace in page for page in pages)] == []
    assert list(desk.get(browser_page).context["cl"].result_list) == []


# Who may


def test_who_may_only_look_sees_it_and_can_not_act(browser_of, reviewed, now_):
    finn = UserFactory()
    make_support(finn, may_act=False)
    browser = browser_of(finn)

    assert offered(browser, reviewed) == set()
    assert "charlie@example.com" in panels(browser, reviewed)["Claimant"]
    assert act(browser, reviewed, "take").status_code == 403
    assert act(browser, reviewed, "reject", reason=BECAUSE).status_code == 403
    assert now_(reviewed).state == "in_review"


@pytest.mark.parametrize("rest", ["change/", "act/approve/", "act/take/", "history/"])
def test_it_is_for_staff_with_the_permission(browser_of, reviewed, charlie, alice, rest):
    alice.is_staff = True
    alice.save()

    assert browser_of(alice).get(page_of(reviewed, rest)).status_code == 403
    assert browser_of(charlie).get(page_of(reviewed, rest), follow=True).status_code == 403


def test_panels_are_for_who_may_see_what_is_in_them(browser_of, reviewed):
    finn = UserFactory(is_staff=True)
    finn.user_permissions.add(Permission.objects.get(codename="view_accessclaim"))

    said = panels(browser_of(finn), reviewed)

    assert "Evidence" in said
    assert not {"Claimant", "Owners", "Billing", "Binding", "Told", "History"} & set(said)


def test_one_of_us_reads_no_notes_on_a_claim_of_their_own(browser_of, reviewed, charlie, dora):
    note_on_claim(reviewed, "Her voice was calm.", by=dora)
    make_support(charlie, may_act=True)
    browser = browser_of(charlie)

    said = panels(browser, reviewed)

    assert "Notes, for support alone" not in said
    assert "You may decide on it no" in said["Before it can be approved"]
    assert offered(browser, reviewed) == set()
    refused = act(browser, reviewed, "reject", reason=BECAUSE)
    assert refused.status_code == 422 and "This is your own claim" in refused.text


def test_what_there_is_not_is_not_found(desk, reviewed):
    assert desk.get(page_of(reviewed, "act/steal/")).status_code == 404
    nobodys = "/admin/claims/accessclaim/00000000-0000-4000-8000-000000000000"
    assert desk.get(f"{nobodys}/act/take/").status_code == 404


# Acts


def test_what_is_offered_fits_the_claim(desk, browser_of, claim, alice, erik):
    always = {"assign", "ask", "note", "reject"}
    assert offered(desk, claim) == always | {"take"}
    act(desk, claim, "take")
    object_as_owner(claim, by=alice)

    assert offered(desk, claim) == always | {"put-back", "answer"}
    act(browser_of(erik), claim, "reject", reason=BECAUSE)
    assert offered(desk, claim) == {"note"}


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
