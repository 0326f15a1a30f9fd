"""Evidence by machine: what a token and placed words show, and that no token stays."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.providers.azure_tokens import TokenMalformed
from claims import errors, looking
from claims.deciding import approve_claim
from claims.models import AccessClaim
from claims.operations import look_now, paste_token, withdraw_claim
from claims.sweeping import sweep
from claims.tasks import send_letters, sweep_claims
from claims.weighing import WORDS
from core import leases
from core.errors import DomainError
from organizations.models import AuditEvent
from tests.tokens import make_token


@pytest.fixture
def paste(claim, charlie, committed, now_):
    """`paste(token)`: and what the worker found."""

    def paste_(token):
        with committed():
            paste_token(claim, token, by=charlie)
        return now_(claim), claim.evidence.order_by("at").last()

    return paste_


@pytest.fixture
def press(claim, charlie, committed, now_):
    """`press()`: Look now, and what came of it."""

    def press_():
        with committed():
            look_now(claim, by=charlie)
        return now_(claim), claim.evidence.order_by("at").last()

    return press_


def stored_secrets():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM claims_accessclaim WHERE secret IS NOT NULL")
        return cursor.fetchone()[0]


CASES = [
    ("healthy", "administrator", "strong", "waiting"),
    ("global", "administrator", "strong", "waiting"),
    ("admin-cannot-ask", "administrator_unknown", "weak", "waiting"),
    ("not-admin", "not_administrator", "none", "gathering"),
    ("revoked", "refused", "none", "gathering"),
    ("expired-json", "refused", "none", "gathering"),
]


@pytest.mark.parametrize(("label", "outcome", "weight", "state"), CASES)
def test_a_token_shows_what_its_owner_is_there(paste, sandbox, label, outcome, weight, state):
    claim, found = paste(sandbox.token(label))

    assert (found.kind, found.outcome, found.weight) == ("token_administrator", outcome, weight)
    assert (claim.state, claim.strength) == (state, weight)
    assert not claim.is_looking and stored_secrets() == 0
    event = AuditEvent.objects.get(action="claim.evidence_added")
    assert (event.data["outcome"], event.data["weight"]) == (outcome, weight)


def test_a_token_of_another_organization_is_no_evidence(paste, sandbox):
    # The name belongs to another one by now, whose administrator means well.
    sandbox.reuse_name("contoso")

    claim, found = paste(sandbox.token("healthy"))

    assert (found.outcome, found.weight, claim.state) == ("other_organization", "none", "gathering")


def test_what_was_seen_is_kept_and_not_the_token(paste, sandbox):
    token = sandbox.token("healthy")

    _, found = paste(token)

    assert found.facts == {"account": "technical.user@example.com", "name": "Technical User"}


def test_a_malformed_paste_is_refused_before_anything_is_stored(claim, charlie, now_):
    with pytest.raises(TokenMalformed):
        paste_token(claim, "too short", by=charlie)

    assert not now_(claim).is_looking


def test_looking_only_reads(paste, press, sandbox):
    sandbox.requests.clear()

    paste(sandbox.token("not-admin"))
    press()

    assert {request.method for request in sandbox.requests} == {"GET"}


# The words


def test_words_in_a_projects_description_are_found_with_our_own_token(claim, press, sandbox, now_):
    sandbox.describe_project("contoso", "Quayside", f"Berths.\n{claim.nonce}")

    after, found = press()

    assert (found.kind, found.outcome, found.weight) == ("nonce_placed", "placed", "strong")
    assert found.facts["project"] == "Quayside"
    assert (after.state, after.strength) == ("waiting", "strong")


def test_words_that_are_not_there_are_looked_for_again(claim, press, sandbox):
    claim_after, found = press()
    assert (found.outcome, claim_after.state) == ("not_placed", "gathering")

    sandbox.describe_project("contoso", "Quayside", claim.nonce)

    assert press()[1].outcome == "placed"


def test_another_claims_words_are_nobodys_evidence(claim, press, sandbox):
    sandbox.describe_project("contoso", "Quayside", "mooring-" + "0" * 20)

    assert press()[1].outcome == "not_placed"


def revoke(sandbox):
    token = PersonalAccessToken.objects.get()
    sandbox.spoil(token.secret.reveal(token))


def forget(sandbox):
    PersonalAccessToken.objects.all().delete()


def doubt(sandbox):
    PersonalAccessToken.objects.update(verdict="token_expired")


def change_hands(sandbox):
    sandbox.reuse_name("contoso")


@pytest.mark.parametrize("spoil", [revoke, forget, doubt, change_hands])
def test_a_stranger_does_not_learn_why_we_can_not_look(claim, press, sandbox, spoil):
    sandbox.describe_project("contoso", "Quayside", claim.nonce)
    spoil(sandbox)

    _, found = press()

    assert (found.outcome, found.weight, found.facts) == ("could_not_look", "none", {})


def test_nor_that_we_can_not(claim, press, charlie, browser_of, program_of, sandbox):
    def told():
        press()
        answer = program_of(charlie, scopes=["claims"]).get(f"/api/v1/claims/{claim.pk}").json()
        page = browser_of(charlie).get(f"/claims/{claim.pk}/").text
        return {**answer["evidence"][0], "at": ""}, page.count(WORDS["not_placed"][1])

    healthy, times = told()
    doubt(sandbox)

    assert healthy["outcome"] == "not_placed" and times == 1
    assert told() == (healthy, 2)
    assert claim.evidence.filter(outcome="could_not_look").exists()


# Age, and the contrary


@pytest.fixture
def approvable(reviewed, dora):
    """`approvable()`: whether support may approve it now, or why not."""

    def ask():
        try:
            with transaction.atomic():
                approve_claim(reviewed, reason="It is clear.", by=dora)
                raise RuntimeError
        except RuntimeError:
            return "yes"
        except DomainError as refusal:
            return refusal.code

    return ask


def test_evidence_counts_for_fourteen_days(
    approvable, reviewed, paste, browser_of, charlie, clock, now_, sandbox, committed, mailoutbox
):
    clock.shift(timedelta(days=7) - timedelta(seconds=1))
    assert approvable() == "yes"
    clock.shift(timedelta(seconds=1))
    assert approvable() == "evidence-old"

    with committed():
        sweep()
        send_letters()

    assert now_(reviewed).strength == "none"
    assert mailoutbox[-1].subject == "contoso: bring your evidence again"
    page = browser_of(charlie).get(f"/claims/{reviewed.pk}/").text
    assert "evidence counts for 14 days" in page and "Bring it again by" in page
    assert paste(sandbox.token("healthy"))[0].is_strong
    assert approvable() == "yes"


def test_without_new_evidence_it_runs_out(reviewed, days_pass, now_):
    days_pass(20)
    assert now_(reviewed).state == "in_review"

    days_pass(1)

    assert now_(reviewed).state == "expired"


def test_a_later_look_that_shows_the_contrary_counts(
    approvable, reviewed, paste, browser_of, charlie, clock, sandbox
):
    clock.shift(timedelta(hours=1))
    after, _ = paste(sandbox.token("not-admin"))

    assert after.strength == "none"
    assert approvable() == "evidence-contrary"
    assert "shows the contrary" in browser_of(charlie).get(f"/claims/{reviewed.pk}/").text
    assert AuditEvent.objects.filter(action="claim.evidence_lapsed").count() == 1
    clock.shift(timedelta(hours=1))
    paste(sandbox.token("healthy"))
    assert approvable() == "yes"


@pytest.mark.parametrize("label", ["revoked", "admin-cannot-ask"])
def test_what_shows_nothing_is_no_contrary(approvable, reviewed, paste, clock, sandbox, label):
    clock.shift(timedelta(hours=1))
    paste(sandbox.token(label))

    assert approvable() == "yes"


def test_words_that_are_gone_count_no_more(claim, press, clock, sandbox):
    sandbox.describe_project("contoso", "Quayside", claim.nonce)
    assert press()[0].is_strong
    clock.shift(timedelta(hours=1))
    sandbox.describe_project("contoso", "Quayside", "Berths.")

    assert press()[0].strength == "none"


def test_the_words_are_found_with_a_pasted_token_that_proves_nothing_else(claim, paste, sandbox):
    sandbox.describe_project("contoso", "Quayside", claim.nonce)

    after, _ = paste(sandbox.token("not-admin"))

    found = {each.kind: each.outcome for each in claim.evidence.all()}
    assert found == {"token_administrator": "not_administrator", "nonce_placed": "placed"}
    assert after.strength == "strong"


# Trouble


def test_silence_is_asked_again_and_then_said(claim, charlie, sandbox, now_):
    DevOpsBinding.objects.update(external_name="outage")
    AccessClaim.objects.update(external_name="outage")
    paste_token(claim, make_token(), by=charlie)

    for _ in range(4):
        assert looking.look(claim.pk) > 0
        AccessClaim.objects.update(next_attempt_at=timezone.now())
    assert stored_secrets() == 1
    assert looking.look(claim.pk) is None

    [found] = claim.evidence.all()
    assert (found.outcome, found.weight) == ("no_answer", "none")
    assert now_(claim).state == "gathering" and stored_secrets() == 0


def test_a_token_that_nobody_comes_for_is_wiped_within_minutes(claim, charlie, clock, now_):
    paste_token(claim, make_token(), by=charlie)

    clock.shift(timedelta(minutes=9))
    sweep()
    assert stored_secrets() == 1
    clock.shift(timedelta(minutes=2))
    sweep()

    assert stored_secrets() == 0 and not now_(claim).is_looking
    assert claim.evidence.get().outcome == "no_answer"


def test_a_clock_that_was_ahead_keeps_no_token(claim, charlie, clock):
    clock.shift(timedelta(days=30))
    paste_token(claim, make_token(), by=charlie)

    clock.shift(timedelta(days=-30))
    sweep()

    assert stored_secrets() == 0


def test_a_claim_that_ends_takes_its_token_along(claim, charlie):
    paste_token(claim, make_token(), by=charlie)

    withdraw_claim(claim, by=charlie)

    assert stored_secrets() == 0
    assert looking.look(claim.pk) is None


def test_a_lost_task_is_found_again(claim, charlie, sandbox, clock, committed, now_):
    paste_token(claim, sandbox.token("healthy"), by=charlie)  # and the broker is away

    clock.shift(timedelta(seconds=10))
    sweep_claims()
    assert now_(claim).is_looking
    clock.shift(timedelta(seconds=10))
    sweep_claims()

    assert now_(claim).is_strong


def test_of_two_workers_one_looks(claim, charlie, sandbox):
    paste_token(claim, sandbox.token("healthy"), by=charlie)
    leases.claim(AccessClaim.objects.to_look(), claim.pk)

    assert looking.look(claim.pk) is None
    assert not claim.evidence.exists()


def test_who_lost_the_lease_writes_nothing(claim, charlie, sandbox, now_):
    paste_token(claim, sandbox.token("healthy"), by=charlie)
    late = leases.claim(AccessClaim.objects.to_look(), claim.pk)
    withdraw_claim(claim, by=charlie)

    with leases.Lease(late) as lease, pytest.raises(leases.LeaseLost):
        looking._conclude(lease, [looking.Seen("token_administrator", "administrator")])

    assert (now_(claim).state, now_(claim).strength) == ("withdrawn", "none")
    assert not claim.evidence.exists()


def test_one_look_at_a_time(claim, charlie):
    paste_token(claim, make_token(), by=charlie)

    with pytest.raises(errors.LookRunning):
        look_now(claim, by=charlie)


def test_pressing_twice_is_one_look(claim, charlie, committed):
    look_now(claim, by=charlie)
    look_now(claim, by=charlie)

    assert AuditEvent.objects.filter(action="claim.look_wanted").count() == 1


def test_looks_are_limited(claim, charlie, harbour):
    PersonalAccessToken.objects.all().delete()
    for _ in range(20):
        look_now(claim, by=charlie)

    with pytest.raises(errors.LooksTooOften):
        look_now(claim, by=charlie)


def test_a_decided_claim_is_not_looked_at(claim, charlie):
    withdraw_claim(claim, by=charlie)

    with pytest.raises(errors.ClaimOver):
        look_now(claim, by=charlie)
    with pytest.raises(errors.ClaimOver):
        paste_token(claim, make_token(), by=charlie)
