"""A claim at the support desk: all about it on one page, and for whom."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.roles import make_support
from claims.deciding import answer_objection, approve_claim, ask_claimant, note_on_claim
from claims.models import AccessClaim
from claims.objecting import object_as_owner
from claims.operations import answer_question
from tests.billing.rows import SubscriptionFactory
from tests.claims.desk import BECAUSE, act, offered, page_of, panels
from tests.factories import ClaimFactory, UserFactory

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
