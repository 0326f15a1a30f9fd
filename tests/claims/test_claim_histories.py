"""Histories of claims, HISTORIES of them: nobody becomes an owner by a short cut.

Time passes and jumps, owners come and go, Azure DevOps says what it likes or nothing, support
presses every button too early and twice, and everything happens in any order. The product's own
operations run on a real database; what must be so is kept beside them, and compared.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from accounts.models import User
from claims import links, looking
from claims.deciding import (
    answer_objection,
    approve_claim,
    ask_claimant,
    reject_claim,
    reverse_claim,
)
from claims.models import AccessClaim
from claims.objecting import object_as_owner, object_to
from claims.operations import (
    answer_question,
    claim_organization,
    look_now,
    paste_token,
    withdraw_claim,
)
from claims.sweeping import sweep
from core.errors import DomainError
from organizations.ending import ask_deletion, undo_deletion
from organizations.models import AuditEvent, GroupMembership, Membership
from organizations.owners import owners_of
from organizations.people import remove_member
from tests.bindings.lives import HISTORIES, LONGEST, SHARDS, History, live
from tests.claims.conftest import STATEMENT
from tests.claims.known import (
    ADMINISTRATOR,
    MEMBER,
    STRANGER,
    UNKNOWN,
    Known,
    Platform,
)
from tests.factories import (
    BindingFactory,
    OrganizationFactory,
    SupportFactory,
    TokenFactory,
    UserFactory,
)
from tests.tokens import make_token

OPEN = {"gathering", "waiting", "in_review"}
OVER = {"rejected", "withdrawn", "expired", "ended"}
# From each state, those that may come next.
NEXT = {
    "opened": OPEN | OVER,
    "waiting": {"in_review"} | OVER,
    "in_review": {"approved"} | OVER,
    "approved": {"reversed"},
}
STATES = OPEN | OVER | {"approved", "reversed"}
# What a look shows that speaks against what it showed before.
CONTRARY = {"not_administrator": "token", "not_placed": "words"}
WHO = st.integers(0, 4)
FOR_ONE_THAT_ENDS_WELL = 400
reached: Counter[str] = Counter()


class Life(History):
    def __init__(self):
        super().__init__()
        # So that what refuses to run inside of another transaction takes this one for none.
        self.savepoint._from_testcase = True
        self.wire = Platform(self.binding.external_id)
        self.known, self.removed_by, self.demoted = {}, {}, set()

    def make_people(self):
        long_ago = self.now - timedelta(days=400)
        self.owners = [UserFactory(date_joined=long_ago) for _ in range(2)]
        self.organization = OrganizationFactory(owner=self.owners[0])
        self.join(self.owners[1])
        self.claimants = [UserFactory(), SupportFactory()]
        self.staff = SupportFactory.create_batch(3) + self.claimants
        self.employed = {staff.pk for staff in self.staff[:3]}
        Membership.objects.create(organization=self.organization, user=self.claimants[1])
        self.binding = BindingFactory(organization=self.organization)
        TokenFactory(binding=self.binding)

    def join(self, owner):
        membership, _ = Membership.objects.get_or_create(organization=self.organization, user=owner)
        group = self.organization.groups.get()
        GroupMembership.objects.get_or_create(group=group, membership=membership)

    def newest(self):
        return AccessClaim.objects.defer("secret").order_by("opened_at", "pk").last()

    def attempt(self, operation, *args, **kwargs):
        """Whether it was done. A refusal is an answer like any other; a crash is not."""
        try:
            with transaction.atomic():
                outcome = operation(*args, **kwargs)
        except DomainError:
            return None
        return True if outcome is None else outcome

    # What happens

    @rule(days=st.sampled_from([0.001, 0.1, 1, 2, 5, 7, 14, 95]), sweeps=st.booleans())
    def time_passes(self, days, sweeps):
        self.move_to(self.now + timedelta(days=days))
        if sweeps:
            sweep()

    @rule(days=st.sampled_from([-100, -8, -3, -1, 3, 30]))
    def the_clock_jumps(self, days):
        self.move_to(self.now + timedelta(days=days))
        sweep()

    @rule(who=st.integers(0, 1))
    def an_owner_signs_in(self, who):
        User.objects.filter(pk=self.owners[who].pk).update(last_login=self.now)

    @rule(who=st.integers(0, 1))
    def an_owner_comes_back_or_leaves(self, who):
        others = owners_of(self.organization.pk).exclude(pk=self.owners[who].pk)
        mine = GroupMembership.objects.filter(membership__user=self.owners[who])
        if mine.exists() and others.exists():
            mine.delete()
        else:
            self.join(self.owners[who])

    @rule(who=st.integers(0, 1))
    def somebody_claims(self, who):
        claim = self.attempt(
            claim_organization,
            self.organization,
            external_name="contoso",
            statement=STATEMENT,
            by=self.claimants[who],
        )
        if claim:
            self.known[claim.pk] = Known(opened_at=self.now)

    @rule(role=st.sampled_from([ADMINISTRATOR, ADMINISTRATOR, MEMBER, UNKNOWN, STRANGER]))
    def a_token_is_pasted(self, role):
        claim = self.newest()
        if claim and self.attempt(paste_token, claim, make_token(), by=claim.user):
            self.wire.play(role)
            self.look(claim, proves="token" if role == ADMINISTRATOR else "")

    @rule(role=st.sampled_from([UNKNOWN, STRANGER]), placed=st.booleans())
    def words_are_looked_for(self, role, placed):
        claim = self.newest()
        if claim and self.attempt(look_now, claim, by=claim.user):
            self.wire.play(role)
            self.wire.description = f"Berths. {claim.nonce}" if placed else "Berths."
            self.look(claim, proves="")
            self.wire.description = ""

    def look(self, claim, *, proves):
        """The worker comes once. What it could see at this moment is what may count."""
        is_words = bool(self.wire.description and claim.nonce in self.wire.description)
        if is_words and self.wire.role != STRANGER:
            proves = "words"
        before = set(claim.evidence.values_list("pk", flat=True))
        looking.look(claim.pk)
        known = self.known[claim.pk]
        if proves and not (self.wire.silence or self.wire.refusal):
            known.shown[proves] = self.now
        for seen in claim.evidence.exclude(pk__in=before):
            if seen.outcome in CONTRARY:
                known.denied[CONTRARY[seen.outcome]] = self.now

    @rule(silence=st.sampled_from(["outage", "garbled", ""]))
    def azure_falls_silent_or_speaks_again(self, silence):
        self.wire.silence = silence

    @rule(refusal=st.sampled_from(["revoked", "gone", ""]))
    def azure_refuses_or_not(self, refusal):
        self.wire.refusal = refusal

    @rule(who=st.sampled_from(["owner", "member", "link", "another's link"]))
    def somebody_objects(self, who):
        claim = self.newest()
        if claim is None:
            return
        before = set(claim.objections.values_list("pk", flat=True))
        if who.endswith("link"):
            told = self.owners[who == "another's link"]
            signed = links.for_owner(claim, told.pk).rstrip("/").rpartition("/")[2]
            objection = links.objector(signed)
            stands = claim.objections.filter(answer=None, by_email=told.email, who="owners_link")
            stands = stands.exists() or not claim.is_open
            assert bool(self.attempt(object_to, objection)) != stands, "not heard"
        else:
            by = self.owners[0] if who == "owner" else self.claimants[1]
            self.attempt(object_as_owner, claim, by=by)
        new = set(claim.objections.values_list("pk", flat=True)) - before
        if new:
            self.known[claim.pk].unanswered |= new
            self.known[claim.pk].approvers = set()

    def member_of_staff(self, who):
        """As they are now, with what they may."""
        return User.objects.get(pk=self.staff[who].pk)

    @rule(who=st.integers(0, 2))
    def somebody_of_support_is_dismissed_or_comes_back(self, who):
        by = self.staff[who]
        permission = Permission.objects.get(codename="change_accessclaim")
        if by.pk in self.employed:
            self.employed.discard(by.pk)
            by.user_permissions.remove(permission)
        else:
            self.employed.add(by.pk)
            by.user_permissions.add(permission)

    @rule(who=WHO)
    def support_answers_an_objection(self, who):
        claim, by = self.newest(), self.member_of_staff(who)
        for objection in claim.objections.all() if claim else ():
            if self.attempt(answer_objection, objection, reason="Heard.", by=by):
                assert by.pk in self.employed, "answered by who may not"
                self.known[claim.pk].unanswered.discard(objection.pk)

    @rule(who=WHO)
    def support_asks(self, who):
        claim, by = self.newest(), self.member_of_staff(who)
        if claim and self.attempt(ask_claimant, claim, "Who are you?", by=by):
            assert by.pk in self.employed, "asked by who may not"
            assert self.newest().due_at is None

    @rule()
    def the_claimant_answers(self):
        claim = self.newest()
        if claim and self.attempt(answer_question, claim, "It is me.", by=claim.user):
            assert claim.messages.filter(from_support=True).exists()
            assert (self.newest().due_at is not None) == (claim.state == "in_review")

    @rule(who=WHO)
    def support_approves(self, who):
        claim, by = self.newest(), self.member_of_staff(who)
        if claim is None:
            return
        known = self.known[claim.pk]
        owners_then = {user.pk for user in owners_of(self.organization.pk)}
        was_settled = self.is_settled(claim, known)
        outcome = self.attempt(approve_claim, claim, reason="It is clear.", by=by)
        if outcome is None:
            return
        known.approvers = {each for each in known.approvers if each in self.employed} | {by.pk}
        assert by.pk in self.employed, "approved by who may not"
        assert by.pk != claim.user_id, "approved by who claims"
        assert was_settled, "approved without evidence, too early or over an objection"
        state = AccessClaim.objects.values_list("state", flat=True).get(pk=claim.pk)
        assert (state == "approved") == (len(known.approvers) == 2), "not by two"
        reached[state] += 1
        if state == "approved":
            known.owners_then = owners_then

    def is_settled(self, claim, known):
        by_token, by_words = known.shows("token", self.now), known.shows("words", self.now)
        if known.unanswered or not (by_token or by_words):
            return False
        if self.now - known.opened_at >= timedelta(days=7):
            return True
        seen = [user.last_login or user.date_joined for user in owners_of(self.organization.pk)]
        is_deserted = all(each <= self.now - timedelta(days=90) for each in seen)
        shortened = AuditEvent.objects.filter(
            action="claim.wait_shortened", data__claim_id=str(claim.pk)
        )
        if not (is_deserted and by_token and shortened.exists()):
            return False
        return self.now - shortened.latest("pk").at >= timedelta(days=2)

    @rule(who=WHO)
    def support_reverses(self, who):
        claim, by = self.newest(), self.member_of_staff(who)
        before = {user.pk for user in owners_of(self.organization.pk)}
        if not (claim and self.attempt(reverse_claim, claim, reason="A mistake.", by=by)):
            return
        reached["reversed"] += 1
        now, then = {user.pk for user in owners_of(self.organization.pk)}, self.known[claim.pk]
        assert by.pk in self.employed, "reversed by who may not"
        assert claim.user_id not in now
        self.demoted |= before - now
        for owner in self.owners:
            if owner.pk in then.owners_then - self.demoted:
                is_gone = self.removed_by.get(owner.pk) in then.owners_then
                assert owner.pk in now or is_gone, "not given back"

    @rule(who=st.integers(0, 1))
    def who_came_by_a_claim_removes_an_owner(self, who):
        claim = self.newest()
        if claim and self.attempt(
            remove_member, self.organization, self.owners[who], by=claim.user
        ):
            self.removed_by[self.owners[who].pk] = claim.user_id

    @rule(who=st.sampled_from(["owner", "claimant"]))
    def its_deletion_is_asked_for(self, who):
        claim = self.newest()
        by = claim.user if claim and who == "claimant" else self.owners[0]
        reversible = AccessClaim.objects.filter(state="approved", reversible_until__gte=self.now)
        refused = any(
            by.pk not in self.known[each.pk].owners_then for each in reversible.defer("secret")
        )
        if self.attempt(ask_deletion, self.organization, by=by):
            assert not refused, "deleted what could be given back"
            assert not AccessClaim.objects.open().exists()

    @rule()
    def it_is_brought_back(self):
        self.attempt(undo_deletion, self.organization, by=self.owners[0])

    @rule(who=WHO)
    def support_rejects(self, who):
        if claim := self.newest():
            self.attempt(reject_claim, claim, reason="No.", by=self.member_of_staff(who))

    @rule()
    def it_is_withdrawn(self):
        if claim := self.newest():
            self.attempt(withdraw_claim, claim, by=claim.user)

    @rule(days=st.sampled_from([2, 6, 7, 9]), second=WHO)
    def a_claim_goes_well(self, days, second):
        """What would hardly ever come about by chance."""
        self.wire.silence = self.wire.refusal = ""
        self.it_is_brought_back()
        self.somebody_claims(0)
        self.a_token_is_pasted(ADMINISTRATOR)
        self.time_passes(days, sweeps=True)
        self.support_approves(0)
        self.support_approves(second)

    @rule(state=st.sampled_from(["approved", "reversed"]))
    def somebody_writes_to_the_table(self, state):
        """With an editor, as far as a database lets them."""
        values = {"state": state, "decided_at": timezone.now(), "look": "", "secret": None}
        values["secret_until"] = None
        for claim in AccessClaim.objects.open().defer("secret"):
            with pytest.raises(IntegrityError), transaction.atomic():
                AccessClaim.objects.filter(pk=claim.pk).update(**values)

    # What is so, at any time

    @invariant()
    def who_became_an_owner_has_a_claim_that_was_approved(self):
        given = AccessClaim.objects.filter(state="approved").values_list("user_id", flat=True)
        owners = {user.pk for user in owners_of(self.organization.pk)}
        assert owners, "an organization without an owner"
        assert owners - {user.pk for user in self.owners} <= set(given)

    @invariant()
    def every_transition_is_on_record(self):
        told = {}
        for event in AuditEvent.objects.filter(action__startswith="claim.").order_by("pk"):
            what = event.action.removeprefix("claim.")
            if what in STATES | {"opened"}:
                told.setdefault(event.data["claim_id"], []).append(what)
        for claim in AccessClaim.objects.defer("secret"):
            path = told[str(claim.pk)]
            assert path[0] == "opened"
            for before, after in zip(path, path[1:], strict=False):
                assert after in NEXT[before], f"{before} → {after}"
            assert claim.state == (path[-1] if len(path) > 1 else "gathering")

    @invariant()
    def no_token_stays(self):
        held = AccessClaim.objects.filter(secret__isnull=False).defer("secret")
        assert all(claim.is_open and claim.look == "token" for claim in held)


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_nobody_becomes_an_owner_by_a_short_cut(db, shard):
    before = Counter(reached)

    live(Life, steps=14)

    # Few of them go the whole way.
    if HISTORIES >= FOR_ONE_THAT_ENDS_WELL:
        assert reached["approved"] > before["approved"], "no history came so far"
