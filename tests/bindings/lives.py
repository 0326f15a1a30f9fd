"""What lives of tokens have in common: people, a platform on the wire, and time that is ours."""

import os
from datetime import UTC, datetime

import httpx2
import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from organizations.models import GroupMembership, Membership
from tests.bindings.wire import Wire
from tests.factories import BindingFactory, OrganizationFactory, RepositoryFactory, UserFactory

HISTORIES = int(os.environ.get("HISTORIES", "200"))
SHARDS = 4
LONGEST = max(900, HISTORIES)
START = datetime(2027, 3, 1, 9, tzinfo=UTC)


class Undone(Exception):
    """Takes back what one history wrote."""


class History(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = START
        self.make_people()
        self.wire = Wire(self.binding.external_id)
        self.patch = pytest.MonkeyPatch()
        answer = lambda transport, request: self.wire.handle_request(transport, request)  # noqa: E731
        self.patch.setattr(httpx2.HTTPTransport, "handle_request", answer)

    def make_people(self):
        self.alice = UserFactory()
        organization = OrganizationFactory(owner=self.alice)
        membership = Membership.objects.create(organization=organization, user=UserFactory())
        GroupMembership.objects.create(group=organization.groups.get(), membership=membership)
        self.binding = BindingFactory(organization=organization)
        RepositoryFactory(binding=self.binding)

    def teardown(self):
        self.savepoint.__exit__(Undone, Undone(), None)
        self.patch.undo()
        self.clock.stop()

    @property
    def answers(self):
        return not self.wire.silence

    def move_to(self, moment):
        self.now = moment
        self.traveller.move_to(moment)


def live(machine, *, steps=7):
    """A share of HISTORIES, of so many steps each."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, HISTORIES // SHARDS),
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
