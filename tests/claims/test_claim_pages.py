"""The pages of who claims, and of the owners."""

import re

import pytest
from django.urls import reverse

from claims.deciding import approve_claim, ask_claimant, reject_claim, reverse_claim
from claims.models import AccessClaim
from claims.objecting import object_as_owner
from claims.operations import look_now, withdraw_claim
from tests.claims.conftest import STATEMENT
from tests.factories import BindingFactory, ClaimFactory, ImportFactory, OrganizationFactory
from tests.tokens import make_token

HTMX = {"HX-Request": "true"}
SECRETS = ["hidden-key", "Hidden Harbour", "alice@example.com", "bob@example.com"]


@pytest.fixture
def browser(browser_of, charlie):
    return browser_of(charlie)


@pytest.fixture
def page(claim):
    return f"/claims/{claim.pk}/"


def test_an_organization_is_claimed_by_naming_it(browser, harbour, charlie):
    typed = {"organization": "dev.azure.com/contoso", "statement": STATEMENT}

    answer = browser.post("/claims/new/", typed, follow=True)

    claim = AccessClaim.objects.get(user=charlie, organization=harbour)
    assert answer.redirect_chain == [(f"/claims/{claim.pk}/", 302)]
    assert "Claim on contoso" in answer.text and STATEMENT in answer.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"organization": "atlantis", "statement": STATEMENT}, "We looked for it"),
        ({"organization": "con toso", "statement": STATEMENT}, "only letters"),
        ({"organization": "contoso", "statement": ""}, "Say what happened"),
    ],
)
def test_what_can_not_be_claimed_is_said_in_its_place(browser, harbour, typed, words):
    answer = browser.post("/claims/new/", typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert typed["statement"] in answer.text
    assert not AccessClaim.objects.exists()


def test_an_import_leads_to_a_claim(browser, harbour, charlie):
    import_ = ImportFactory(
        user=charlie,
        state="refused",
        verdict="healthy",
        external_name="contoso-renamed",
        external_id=harbour.binding.external_id,
        secret=None,
    )
    fork = browser.get(f"/imports/{import_.pk}/")
    address = reverse("onboarding:claim", args=[import_.pk])
    assert address in fork.text and "Claim lost access" in fork.text

    answer = browser.post(address, {"statement": STATEMENT}, follow=True)

    claim = AccessClaim.objects.get()
    assert (claim.organization, claim.external_name) == (harbour, "contoso-renamed")
    assert "Claim on contoso-renamed" in answer.text


def test_an_import_that_met_nobody_leads_to_no_claim(browser, charlie):
    import_ = ImportFactory(user=charlie, state="ready")

    assert browser.get(f"/imports/{import_.pk}/claim/").status_code == 404


def test_a_stranger_learns_nothing_but_that_it_exists(
    browser, proven, charlie, alice, dora, sandbox, committed
):
    ask_claimant(proven, "Who are you?", by=dora)
    object_as_owner(proven, reason="I am Alice Alvarez.", by=alice)
    with committed():
        look_now(proven, by=charlie)

    pages = ["/claims/", "/claims/new/", f"/claims/{proven.pk}/"]
    told = "".join(browser.get(each).text for each in pages)

    assert [secret for secret in [*SECRETS, "Alvarez", "dora"] if secret in told] == []


def test_after_the_approval_the_way_is_open(browser, reviewed, dora, erik):
    for staff in (dora, erik):
        approve_claim(reviewed, reason="It is clear.", by=staff)

    page = browser.get(f"/claims/{reviewed.pk}/")

    assert "/organizations/hidden-key/" in page.text
    assert browser.get("/organizations/hidden-key/settings/").status_code == 200


def test_whoever_is_rejected_or_reversed_reads_why(browser, reviewed, page, dora, erik):
    for staff in (dora, erik):
        approve_claim(reviewed, reason="She answered.", by=staff)
    reverse_claim(reviewed, reason="The owners called us.", by=dora)
    said = browser.get(page).text
    assert "Its reason: The owners called us." in said and "She answered." not in said

    claim = ClaimFactory(user=reviewed.user)
    reject_claim(claim, reason="Nobody there knows you.", by=dora)
    place = reverse("claims:detail", args=[claim.pk])
    assert "Its reason: Nobody there knows you." in browser.get(place).text


def test_a_token_is_pasted_and_looked_at(browser, page, sandbox, committed):
    with committed():
        answer = browser.post(f"{page}paste/", {"token": sandbox.token("healthy")})
    assert answer.status_code == 302

    told = browser.get(page).text

    assert "The token belongs to an administrator" in told
    assert "Counts: it is strong." in told
    assert "Owners may object, until" in told


def test_a_malformed_token_is_refused_in_its_place(browser, page):
    token = make_token()

    answer = browser.post(f"{page}paste/", {"token": token[:-1]})

    assert answer.status_code == 422
    assert "A part is missing" in answer.text
    assert token[4:40] not in answer.text


def test_the_words_are_shown_and_looked_for(browser, page, claim, sandbox, committed):
    assert claim.nonce in browser.get(page).text
    sandbox.describe_project("contoso", "Quayside", claim.nonce)

    with committed():
        browser.post(f"{page}look/")

    assert "The words are in the description of a project there" in browser.get(page).text


def test_while_we_look_the_page_asks_again(browser, page, claim, charlie):
    look_now(claim, by=charlie)

    assert f'hx-get="{page}"' in browser.get(page).text
    waiting = browser.get(page, headers=HTMX)
    assert (waiting.status_code, "HX-Refresh" in waiting) == (204, False)

    AccessClaim.objects.update(look="")
    assert browser.get(page, headers=HTMX)["HX-Refresh"] == "true"


def test_a_question_is_answered_on_the_page(browser, page, claim, dora):
    assert "answer/" not in browser.get(page).text
    ask_claimant(claim, "Who signed the contract?", by=dora)
    assert "Who signed the contract?" in browser.get(page).text

    answer = browser.post(f"{page}answer/", {"text": "I did, in 2024."}, follow=True)

    assert "I did, in 2024." in answer.text
    assert f"{page}answer/" not in answer.text
    assert browser.post(f"{page}answer/", {"text": "Hello?"}).status_code == 422


def test_a_claim_is_withdrawn(browser, page, claim, now_):
    answer = browser.post(f"{page}withdraw/", follow=True)

    assert "The claim is withdrawn." in answer.text
    assert now_(claim).state == "withdrawn"
    assert "paste/" not in answer.text
    assert browser.post(f"{page}withdraw/").status_code == 409


def test_ones_own_claims_are_listed_page_by_page(browser, charlie, bob):
    assert "You claim nothing" in browser.get("/claims/").text
    past = {"state": "withdrawn", "decided_at": "2027-01-01T00:00Z"}
    for n in range(21):
        ClaimFactory(user=charlie, external_name=f"quay-{n:02}", **past)
    ClaimFactory(user=bob, external_name="somebody-elses")

    first = browser.get("/claims/")
    older = re.search(r'href="(\?after=[^"]+)"', first.text)[1]
    last = browser.get(f"/claims/{older}")

    assert "quay-20" in first.text and "quay-00" not in first.text
    assert "quay-00" in last.text and "quay-20" not in last.text
    assert "somebody-elses" not in first.text + last.text


# Owners


def test_owners_see_who_claims_and_object(browser_of, alice, proven, now_):
    browser = browser_of(alice)
    page = browser.get("/organizations/hidden-key/claims/").text
    assert "charlie@example.com" in page and STATEMENT in page
    assert "An administrator of the organization there" in page

    answer = browser.post(
        f"/organizations/hidden-key/claims/{proven.pk}/object/", {"reason": "Ask me."}, follow=True
    )

    assert "Support knows that you object" in answer.text
    assert "alice@example.com: Ask me." in answer.text
    assert now_(proven).state == "in_review"


def test_owners_see_past_claims(browser_of, alice, claim, charlie):
    withdraw_claim(claim, by=charlie)

    page = browser_of(alice).get("/organizations/hidden-key/claims/").text

    assert "Withdrawn" in page and "object/" not in page


def test_settings_lead_to_the_claims(browser_of, alice, harbour):
    page = browser_of(alice).get("/organizations/hidden-key/settings/").text

    assert "/organizations/hidden-key/claims/" in page
    assert "Nobody claims" in browser_of(alice).get("/organizations/hidden-key/claims/").text


def test_another_organizations_claim_is_none_of_theirs(browser_of, alice, claim):
    other = BindingFactory(organization=OrganizationFactory(key="quay", owner=alice))

    address = f"/organizations/{other.organization.key}/claims/{claim.pk}/object/"

    assert browser_of(alice).post(address).status_code == 404
