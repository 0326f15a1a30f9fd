"""Lives of a token, HISTORIES of them: its owners hear each thing once, and in time.

Time passes and jumps, the platform refuses, falls silent and comes back, workers die and
come late, everything happens twice. The product's own functions run on a real database.
"""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts.models import Notification
from bindings import expiry, sweeping
from bindings.concluding import Look, conclude
from bindings.models import PersonalAccessToken, Verification
from bindings.probing import Answer
from bindings.providers.base import Verdict
from bindings.replacing import Replacement, replace_token
from bindings.use import note_refusal
from core.secrets import fingerprint
from organizations.models import Membership
from tests.bindings.lives import LONGEST, SHARDS, History, live
from tests.bindings.wire import OWNER, REFUSALS, SILENCES
from tests.factories import TokenFactory
from tests.tokens import make_token

THRESHOLDS = [60, 30, 14, 7, 3, 1, 0]
A_DAY, PROMISE = timedelta(days=1), timedelta(minutes=15)


class Life(History):
    def __init__(self):
        super().__init__()
        self.heard = {}
        self.deadline = None
        self.add_token(days=90)

    def add_token(self, days):
        secret = make_token("D", "C")
        expires_on = (self.now + timedelta(days=days)).date()
        self.token_id = TokenFactory(
            binding=self.binding,
            secret=secret,
            fingerprint=fingerprint(secret),
            owner_id=OWNER,
            expires_on=expires_on,
            expiry_source="declared",
            next_check_at=self.now,
        ).pk
        self.expected, self.known = set(), expiry.already_crossed(expires_on)

    # What is so

    @property
    def token(self):
        return PersonalAccessToken.objects.get(pk=self.token_id)

    def alarms(self):
        return Notification.objects.filter(kind="token_failing", subject=str(self.token_id))

    def reset_deadline(self):
        """From now on, one day to notice; a quarter of an hour where somebody complained."""
        token = self.token
        is_dead = self.wire.refusal and self.answers and token.verdict == "healthy"
        self.deadline = max(self.now, token.next_check_at) + A_DAY if is_dead else None

    # What the scheduler does

    def sweep(self):
        before = self.token
        sweeping.sweep(seconds=5)
        after = self.token
        if not self.answers:
            assert after.verdict == before.verdict, "silence changed a verdict"
        if after.verdict not in ("healthy", before.verdict):
            assert self.wire.refusal, "a false alarm"
            assert before.suspect_since or before.verdict != "healthy", "believed at once"
        if after.verdict != "healthy":
            self.deadline = None

    def tick(self):
        """What the scheduler does now and then."""
        self.sweep()
        expiry.give_notice()
        self.expect_notices()

    def end_with_a_tick(self):
        """And once more by another worker, which was as quick."""
        self.tick()
        expiry.give_notice()
        self.check_notices()

    def expect_notices(self):
        left = (self.token.expires_on - self.now.date()).days
        crossed = min((days for days in THRESHOLDS if left <= days), default=None)
        if crossed is not None and (self.known is None or crossed < self.known):
            self.expected.add(str(crossed))
            self.known = crossed

    def check_notices(self):
        told = Notification.objects.filter(kind="token_expiring", subject=str(self.token_id))
        for user in (m.user_id for m in Membership.objects.all()):
            heard = told.filter(user=user).values_list("threshold", flat=True)
            assert sorted(each.partition("@")[0] for each in heard) == sorted(self.expected)

    # What happens

    @rule(hours=st.sampled_from([0.05, 0.2, 1, 6, 25, 100]))
    def time_passes(self, hours):
        end = self.now + timedelta(hours=hours)
        while (due := self.next_event()) <= end:
            self.move_to(max(due, self.now))
            self.tick()
            assert self.deadline is None or self.now <= self.deadline + PROMISE, "a missed death"
        self.move_to(end)
        self.end_with_a_tick()
        assert self.deadline is None or self.now <= self.deadline, "a missed death"

    def next_event(self):
        """The next half minute at which a sweep finds something, or the next day."""
        token = self.token
        due = max(token.next_check_at, token.leased_until or token.next_check_at)
        return min(max(due, self.now) + timedelta(seconds=30), self.now + timedelta(hours=24))

    @rule(days=st.sampled_from([-3, -1, 1, 20]))
    def the_clock_jumps(self, days):
        self.move_to(self.now + timedelta(days=days))
        self.end_with_a_tick()
        self.reset_deadline()

    @rule(how=st.sampled_from(sorted(REFUSALS)))
    def it_dies(self, how):
        self.wire.refusal = how
        self.reset_deadline()

    @rule()
    def it_is_well_again(self):
        self.wire.refusal, self.deadline = "", None

    @rule(how=st.sampled_from(sorted(SILENCES)))
    def the_platform_falls_silent(self, how):
        self.wire.silence, self.deadline = how, None

    @precondition(lambda self: self.wire.silence)
    @rule()
    def the_platform_speaks_again(self):
        self.wire.silence = ""
        self.reset_deadline()

    @precondition(lambda self: self.wire.refusal and self.answers)
    @rule()
    def something_uses_it_and_fails(self):
        token = self.token
        note_refusal(token)
        if self.deadline and token.lease is None:
            self.deadline = min(self.deadline, self.now + PROMISE)

    @rule()
    def a_worker_dies_with_it(self):
        sweeping.claim(10)
        self.reset_deadline()

    @rule(how=st.sampled_from(sorted(REFUSALS)))
    def a_worker_comes_late(self, how):
        """What it heard long ago was a refusal; somebody else has asked meanwhile."""
        claimed = sweeping.claim(10)
        self.move_to(self.now + timedelta(minutes=40))
        self.tick()
        count, before = Verification.objects.count(), self.token
        for late in claimed:
            conclude([Look(late, Answer(Verdict.TOKEN_EXPIRED))])
        assert (Verification.objects.count(), self.token.verdict) == (count, before.verdict)
        self.reset_deadline()

    @rule(days=st.sampled_from([2, 20, 65, 300]))
    def it_is_replaced(self, days):
        """And what was said about the old one is settled."""
        self.wire.refusal = self.wire.silence = ""
        old = self.token_id
        PersonalAccessToken.objects.filter(pk=old).update(next_check_at=self.now + A_DAY)
        expires_on = (self.now + timedelta(days=days)).date()
        replacement = Replacement(make_token("D", "C"), expires_on, accepts_differences=True)
        replace_token(self.binding, replacement, by=self.alice)
        sweeping.sweep(seconds=5)
        self.token_id = PersonalAccessToken.objects.get(slot="current").pk
        assert self.token_id != old
        assert not Notification.objects.filter(subject=str(old), read_at=None).exists()
        self.expected, self.known = set(), expiry.already_crossed(expires_on)
        self.deadline = None


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_owners_hear_each_thing_once_and_in_time(db, shard):
    live(Life)
