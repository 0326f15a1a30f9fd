"""Lives of an organization with two tokens: one that works is never given up, the other takes
over within one verification, and nothing is said of a token any more once it is settled.
"""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts.models import Notification
from bindings import slots, sweeping
from bindings.models import PersonalAccessToken
from bindings.replacing import Replacement, replace_token, undo_replacement
from core.secrets import fingerprint
from tests.bindings.lives import LONGEST, SHARDS, History, live
from tests.bindings.wire import OWNER, SILENCES
from tests.factories import TokenFactory
from tests.tokens import make_token

DEATHS = ["expired", "revoked", "unknown"]


class Pair(History):
    def __init__(self):
        super().__init__()
        self.secrets = {}
        self.add_token(slot="current")
        self.add_token(slot="next", is_standby=True)

    def add_token(self, **known):
        secret = make_token("D", "C")
        mark = fingerprint(secret)
        known |= {"secret": secret, "fingerprint": mark, "owner_id": OWNER}
        TokenFactory(binding=self.binding, next_check_at=self.now, **known)
        self.secrets[mark] = secret

    # What is so

    def tokens(self):
        return {each.slot: each for each in PersonalAccessToken.objects.defer("secret")}

    def is_dead(self, token):
        return self.secrets[token.fingerprint] in self.wire.refused

    # What the scheduler does

    def tick(self):
        before = self.tokens()
        sweeping.sweep(seconds=5)
        slots.wipe_leftovers()
        after = self.tokens()
        self.check_takeover(before, after)
        self.check_what_is_said(after)

    def check_takeover(self, before, after):
        was, now = before["current"], after["current"]
        standby = before.get("next")
        if not (standby and standby.is_standby):
            return
        if was.fingerprint != now.fingerprint:
            assert self.is_dead(was), "a token was given up that works"
            assert now.fingerprint == standby.fingerprint
        elif standby.is_healthy and self.is_dead(was) and self.answers:
            assert not self.is_due(was), "nobody took over"

    def is_due(self, token):
        is_free = token.leased_until is None or token.leased_until < self.now
        return is_free and token.next_check_at <= self.now

    def check_what_is_said(self, after):
        """Alarms are about tokens that are here and do not work, and are each said to all."""
        said = Notification.objects.filter(kind="token_failing", read_at=None)
        subjects = set(said.values_list("subject", flat=True))
        kept = {str(each.pk): each for slot, each in after.items() if slot != "previous"}
        assert all(not kept[subject].is_healthy for subject in subjects if subject in kept)
        assert subjects <= set(kept), "an alarm about a token that is not used any more"
        current = after["current"]
        if current.verdict not in ("", "healthy"):
            assert str(current.pk) in subjects, "a failure that nobody was told of"

    # What happens

    @rule(minutes=st.sampled_from([1, 6, 60, 600, 1500, 9000]))
    def time_passes(self, minutes):
        end = self.now + timedelta(minutes=minutes)
        while (due := self.next_event()) <= end:
            self.move_to(due)
            self.tick()
        self.move_to(end)
        self.tick()

    def next_event(self):
        kept = [each for slot, each in self.tokens().items() if slot != "previous"]
        due = min(max(t.next_check_at, t.leased_until or t.next_check_at) for t in kept)
        return min(max(due, self.now) + timedelta(seconds=30), self.now + timedelta(hours=24))

    @rule(slot=st.sampled_from(["current", "next"]), how=st.sampled_from(DEATHS))
    def one_dies(self, slot, how):
        if token := self.tokens().get(slot):
            self.wire.refused[self.secrets[token.fingerprint]] = how

    @rule()
    def all_are_well_again(self):
        self.wire.refused.clear()

    @rule(how=st.sampled_from(["", *sorted(SILENCES)]))
    def the_platform_falls_silent_or_speaks(self, how):
        self.wire.silence = how

    @rule(is_standby=st.booleans(), is_dead=st.booleans())
    def one_is_pasted(self, is_standby, is_dead):
        standby = self.tokens().get("next")
        if standby and standby.is_standby and standby.is_healthy:
            return
        secret = make_token("D", "C")
        self.secrets[fingerprint(secret)] = secret
        if is_dead:
            self.wire.refused[secret] = "unknown"
        replace_token(self.binding, Replacement(secret, is_standby=is_standby), by=self.alice)

    @precondition(lambda self: "previous" in self.tokens())
    @rule()
    def it_is_undone(self):
        undo_replacement(self.binding, self.tokens()["previous"].fingerprint, by=self.alice)

    @rule()
    def a_worker_dies_with_them(self):
        sweeping.claim(10)


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_token_that_works_is_never_given_up(db, shard):
    live(Pair)
