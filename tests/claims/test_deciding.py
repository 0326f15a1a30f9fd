"""Two of support, on evidence, after the wait: how somebody becomes an owner, and is none again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction

from accounts.models import Notification
from accounts.roles import end_support
from claims import deciding, errors
from claims.deciding import approve_claim, reject_claim, reverse_claim
from claims.models import AccessClaim, Decision
from claims.objecting import object_as_owner
from claims.operations import answer_question, claim_named, paste_token, withdraw_claim
from claims.ownership import is_owner, make_owner
from organizations.errors import InvitationOver
from organizations.inviting import accept, invite
from organizations.models import AuditEvent, Membership, Organization
from organizations.owners import owners_of
from tests.claims.conftest import STATEMENT
from tests.factories import SupportFactory, UserFactory
from tests.organizations.crew import verified

BECAUSE = "She answered from the billing address."


def approve(claim, *staff):
    return [approve_claim(claim, reason=BECAUSE, by=each) for each in staff]


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_two_of_support_make_an_owner(reviewed, harbour, charlie, dora, erik, now_):
    assert approve(reviewed, dora, erik) == [False, True]

    claim = now_(reviewed)
    assert is_owner(harbour.pk, charlie)
    assert (claim.state, claim.approved_by_first, claim.approved_by_second) == (
        "approved",
        dora,
        erik,
    )
    assert claim.reversible_until == claim.approved_at + timedelta(days=14)
    assert actions()[-2:] == ["claim.approval_proposed", "claim.approved"]
    assert AuditEvent.objects.get(action="claim.approved").actor == erik


def test_a_member_becomes_an_owner_and_stays_a_member(
    harbour, bob, sandbox, committed, days_pass, dora, erik, now_
):
    claim = claim_named("contoso", statement=STATEMENT, by=bob)
    with committed():
        paste_token(claim, sandbox.token("healthy"), by=bob)
    days_pass(7)
    approve(claim, dora, erik)
    assert is_owner(harbour.pk, bob)

    reverse_claim(now_(claim), reason=BECAUSE, by=dora)

    assert not is_owner(harbour.pk, bob)
    assert Membership.objects.filter(organization=harbour, user=bob).exists()


def test_whom_the_claimant_invited_does_not_come_in_once_it_is_reversed(
    reviewed, harbour, alice, charlie, dora, erik, now_
):
    approve(reviewed, dora, erik)
    guest = verified("guest@example.com")
    invitation = invite(harbour, guest.email, by=charlie, role="owner")

    reverse_claim(now_(reviewed), reason=BECAUSE, by=dora)
    with pytest.raises(InvitationOver):
        accept(invitation, sending=1, by=guest)

    assert list(owners_of(harbour.pk)) == [alice]
    assert "invitation.revoked" in actions()


def test_everybody_is_told(reviewed, harbour, alice, charlie, dora, erik, committed, mailoutbox):
    harbour.recovery_email = "harbour.master@example.com"
    harbour.save()

    with committed():
        approve(reviewed, dora, erik)

    [told] = Notification.objects.filter(kind="claim_decided")
    assert (told.user, told.must_be_mailed) == (alice, True)
    assert "charlie@example.com became an owner" in told.title
    mailed = {mail.to[0]: mail.subject for mail in mailoutbox}
    assert mailed["charlie@example.com"] == "Hidden Harbour: your claim is approved"
    assert "became an owner by a claim" in mailed["harbour.master@example.com"]


def test_one_person_is_not_two(reviewed, harbour, charlie, dora):
    approve(reviewed, dora)

    with pytest.raises(errors.DecidedAlready):
        approve(reviewed, dora)

    assert not is_owner(harbour.pk, charlie)
    assert Decision.objects.count() == 1


def test_a_reason_is_needed(reviewed, dora):
    for decide in (approve_claim, reject_claim):
        with pytest.raises(errors.ReasonMissing):
            decide(reviewed, reason="  ", by=dora)

    assert not Decision.objects.exists()


def test_only_support_decides(reviewed, alice, bob, charlie):
    for somebody in (alice, bob, charlie):
        for decide in (approve_claim, reject_claim, reverse_claim):
            with pytest.raises(errors.SupportOnly):
                decide(reviewed, reason=BECAUSE, by=somebody)


def test_who_left_support_decides_nothing(reviewed, dora):
    dora.is_active = False

    with pytest.raises(errors.SupportOnly):
        approve(reviewed, dora)


def test_nobody_decides_their_own(reviewed, charlie):
    make_support(charlie)

    for decide in (approve_claim, reject_claim, reverse_claim):
        with pytest.raises(errors.OwnClaim):
            decide(reviewed, reason=BECAUSE, by=charlie)
    with pytest.raises(errors.OwnClaim):
        deciding.assign_claim(reviewed, to=charlie, by=charlie)
    with pytest.raises(errors.OwnClaim):
        deciding.ask_claimant(reviewed, "Who am I?", by=charlie)


def make_support(user):
    user.is_staff = True
    user.user_permissions.add(Permission.objects.get(codename="change_accessclaim"))
    user.save()


def test_nobody_decides_about_an_organization_that_they_belong_to(
    reviewed, harbour, alice, bob, dora
):
    object_as_owner(reviewed, by=alice)
    for member in (alice, bob):
        make_support(member)
        for decide in (approve_claim, reject_claim, reverse_claim):
            with pytest.raises(errors.OwnOrganization):
                decide(reviewed, reason=BECAUSE, by=member)
        with pytest.raises(errors.OwnOrganization):
            deciding.answer_objection(reviewed.objections.get(), reason=BECAUSE, by=member)
        with pytest.raises(errors.OwnOrganization):
            deciding.assign_claim(reviewed, to=member, by=dora)
        with pytest.raises(errors.OwnOrganization):
            deciding.ask_claimant(reviewed, "Who are you?", by=member)


def test_who_may_only_look_decides_nothing(reviewed):
    looking = UserFactory(is_staff=True)

    for decide in (approve_claim, reject_claim, reverse_claim):
        with pytest.raises(errors.SupportOnly):
            decide(reviewed, reason=BECAUSE, by=looking)
    with pytest.raises(errors.SupportOnly):
        deciding.assign_claim(reviewed, to=None, by=looking)


def leave_support(staff):
    end_support(staff)
    staff.user_permissions.clear()


def be_let_in(staff):
    Membership.objects.create(organization=Organization.objects.get(), user=staff)


@pytest.mark.parametrize("end", [leave_support, be_let_in])
def test_who_approved_first_and_may_not_any_more_is_none_of_two(
    reviewed, harbour, charlie, dora, erik, now_, end
):
    approve(reviewed, dora)
    end(dora)

    assert approve(reviewed, erik) == [False]
    assert now_(reviewed).approved_by_first == erik and not is_owner(harbour.pk, charlie)
    assert approve(reviewed, SupportFactory()) == [True]


def test_not_before_it_is_in_review(proven, dora):
    with pytest.raises(errors.NotInReview):
        approve(proven, dora)


def test_not_while_owners_may_object(proven, alice, dora, now_):
    object_as_owner(proven, by=alice)
    deciding.answer_objection(proven.objections.get(), reason=BECAUSE, by=dora)

    with pytest.raises(errors.StillWaiting):
        approve(now_(proven), dora)


def test_not_without_strong_evidence(claim, alice, days_pass, dora):
    object_as_owner(claim, by=alice)
    deciding.answer_objection(claim.objections.get(), reason=BECAUSE, by=dora)
    days_pass(8)

    with pytest.raises(errors.EvidenceMissing):
        approve(claim, dora)


def test_not_while_an_objection_is_unanswered(reviewed, alice, dora, erik):
    object_as_owner(reviewed, by=alice)

    with pytest.raises(errors.ObjectionsOpen):
        approve(reviewed, dora)
    deciding.answer_objection(reviewed.objections.get(), reason=BECAUSE, by=dora)
    assert approve(reviewed, dora, erik) == [False, True]


def test_an_objection_is_answered_once_and_with_a_reason(reviewed, alice, dora, erik):
    object_as_owner(reviewed, by=alice)
    objection = reviewed.objections.get()

    with pytest.raises(errors.ReasonMissing):
        deciding.answer_objection(objection, reason=" ", by=dora)
    deciding.answer_objection(objection, reason=BECAUSE, by=dora)
    with pytest.raises(errors.AnsweredAlready):
        deciding.answer_objection(objection, reason=BECAUSE, by=erik)


def test_not_for_an_account_that_is_out_of_use(reviewed, charlie, dora):
    charlie.is_active = False
    charlie.save()

    with pytest.raises(errors.ClaimantGone):
        approve(reviewed, dora)


def test_not_for_who_owns_it_by_now(reviewed, harbour, charlie, dora):
    make_owner(harbour, charlie)

    with pytest.raises(errors.AlreadyOwner):
        approve(reviewed, dora)


def test_not_after_it_was_withdrawn(reviewed, harbour, charlie, dora, erik):
    approve(reviewed, dora)
    withdraw_claim(reviewed, by=charlie)

    with pytest.raises(errors.ClaimOver):
        approve(reviewed, erik)
    assert not is_owner(harbour.pk, charlie)


def test_a_rejection_says_why(proven, dora, erik, now_, committed, mailoutbox):
    with committed():
        reject_claim(proven, reason="The bank says otherwise.", by=dora)

    assert now_(proven).state == "rejected"
    assert "The bank says otherwise." in mailoutbox[-1].body
    assert mailoutbox[-1].to == ["charlie@example.com"]
    with pytest.raises(errors.ClaimOver):
        reject_claim(proven, reason=BECAUSE, by=erik)


# The desk


def test_a_question_stops_the_clock_and_the_answer_starts_it(
    reviewed, charlie, dora, now_, committed, mailoutbox
):
    assert now_(reviewed).due_at
    with committed():
        deciding.ask_claimant(reviewed, "Who signed the contract?", by=dora)
    assert now_(reviewed).due_at is None
    assert "support has a question" in mailoutbox[-1].subject

    answer_question(reviewed, "I did.", by=charlie)

    assert now_(reviewed).due_at
    assert [each.from_support for each in reviewed.messages.order_by("at", "from_support")]
    assert actions()[-2:] == ["claim.asked", "claim.answered"]


def test_nothing_asked_nothing_to_answer(reviewed, charlie, dora):
    with pytest.raises(errors.NothingAsked):
        answer_question(reviewed, "Hello?", by=charlie)
    with pytest.raises(errors.TextMissing):
        deciding.ask_claimant(reviewed, " ", by=dora)


def test_a_claim_lies_on_somebodys_desk(reviewed, dora, erik, bob, now_):
    deciding.assign_claim(reviewed, to=erik, by=dora)
    assert now_(reviewed).assignee == erik
    with pytest.raises(errors.SupportOnly):
        deciding.assign_claim(reviewed, to=bob, by=dora)

    deciding.assign_claim(reviewed, to=None, by=dora)
    assert now_(reviewed).assignee is None


def test_who_takes_a_claim_takes_it_from_nobody(reviewed, dora, erik, bob, now_):
    deciding.take_claim(reviewed, by=dora)
    deciding.take_claim(reviewed, by=dora)
    for somebody, refusal in ((erik, errors.TakenAlready), (bob, errors.TakenAlready)):
        with pytest.raises(refusal):
            deciding.take_claim(reviewed, by=somebody)
    deciding.assign_claim(reviewed, to=None, by=dora)
    with pytest.raises(errors.SupportOnly):
        deciding.take_claim(reviewed, by=bob)

    assert now_(reviewed).assignee is None
    assert actions().count("claim.assigned") == 2


def test_a_note_is_no_word_on_record(reviewed, dora, bob):
    for by, text, refusal in ((bob, "Hm", errors.SupportOnly), (dora, " ", errors.TextMissing)):
        with pytest.raises(refusal):
            deciding.note_on_claim(reviewed, text, by=by)
    reject_claim(reviewed, reason=BECAUSE, by=dora)

    deciding.note_on_claim(reviewed, " Her voice was calm. ", by=dora)

    assert [(each.by, each.text) for each in reviewed.notes.all()] == [
        (dora, "Her voice was calm.")
    ]
    assert actions()[-1] == "claim.noted"
    assert "calm" not in str(AuditEvent.objects.latest("pk").data)


def test_what_approving_takes_is_known_before_anybody_tries(reviewed, dora, charlie, now_):
    make_support(charlie)

    def missing(by):
        known = deciding.conditions_of(now_(reviewed), by)
        return {each.refusal for each in known if not each.is_met}

    assert missing(dora) == set() and missing(charlie) == {errors.OwnClaim}
    approve(reviewed, dora)
    assert missing(dora) == {errors.DecidedAlready}


# What the database holds, whoever asks


@pytest.mark.parametrize(
    "change",
    [
        {"state": "approved"},
        {"approved_by_second": "dora"},
        {"approved_by_first": "dora", "approved_by_second": "dora"},
        {"approved_by_first": "charlie"},
    ],
)
def test_the_database_gives_nothing_by_less_than_two(reviewed, dora, charlie, change):
    people = {"dora": dora, "charlie": charlie}
    values = {name: people.get(value, value) for name, value in change.items()}
    if "state" in values:
        values["decided_at"] = reviewed.opened_at

    with pytest.raises(IntegrityError), transaction.atomic():
        AccessClaim.objects.filter(pk=reviewed.pk).update(**values)


def given(claim, dora, erik):
    return {
        "state": "approved",
        "strength": "strong",
        "approved_by_first": dora,
        "approved_by_second": erik,
        "approved_at": claim.waits_until,
        "decided_at": claim.waits_until,
        "reversible_until": claim.waits_until + timedelta(days=14),
    }


@pytest.mark.parametrize("lacking", ["strength", "approved_at"])
def test_the_database_gives_nothing_without_evidence_or_too_early(reviewed, dora, erik, lacking):
    values = given(reviewed, dora, erik)
    too_little = {"strength": "weak", "approved_at": reviewed.waits_until - timedelta(seconds=1)}

    with pytest.raises(IntegrityError), transaction.atomic():
        AccessClaim.objects.update(**values | {lacking: too_little[lacking]})
    AccessClaim.objects.update(**values)
