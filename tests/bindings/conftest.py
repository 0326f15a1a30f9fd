"""An organization that is bound to one of the sandbox, with a token of its own."""

import pytest
import time_machine
from django.utils import timezone

from bindings import sweeping
from bindings.models import PersonalAccessToken
from bindings.replacing import Replacement, replace_token
from bindings.slots import Slot
from core.secrets import fingerprint
from tests.factories import BindingFactory, OrganizationFactory, RepositoryFactory, TokenFactory

COLUMNS = ("id", "name", "project")


@pytest.fixture
def bound(sandbox, alice, bob):
    """`bound()`: a binding to contoso, owned by Alice, with Bob as a member, its token healthy
    and due. `bound("fabrikam", token=…)` for another one.
    """

    def make(name="contoso", *, token="", **known):
        organization = OrganizationFactory(
            name=f"{name.capitalize()} Harbour", owner=alice, member=bob
        )
        binding = BindingFactory(
            organization=organization, external_name=name, external_id=sandbox.instance_id(name)
        )
        add_token(binding, token or sandbox.issue_token(name), **known)
        if name == "contoso":
            add_repository(binding, sandbox)
        return binding

    return make


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def sweep_at(clock, moment):
    clock.move_to(moment)
    return sweeping.sweep(seconds=20)


def add_token(binding, secret, **known):
    usual = {"verdict": "healthy", "owner_id": "", "fingerprint": fingerprint(secret)}
    return TokenFactory(binding=binding, secret=secret, last_four=secret[-4:], **usual | known)


def add_repository(binding, sandbox):
    """One that has commits, as the platform itself names it."""
    project, repository = sandbox.repository("contoso", "tide-gauge")
    RepositoryFactory(
        binding=binding,
        external_id=repository.id,
        name=repository.name,
        project_id=project.id,
        project_name=project.name,
    )


@pytest.fixture
def current():
    """The token of a binding that is in use, as it is now."""
    return lambda binding: PersonalAccessToken.objects.get(binding=binding, slot=Slot.CURRENT)


@pytest.fixture
def slots_of():
    """Which token is where: `{"current": "ab12", "next": "cd34"}`, by their fingerprints."""

    def read(binding):
        tokens = PersonalAccessToken.objects.filter(binding=binding)
        return dict(tokens.values_list("slot", "fingerprint"))

    return read


@pytest.fixture
def replace(committed, alice):
    """`replace(binding, secret)`: as the worker leaves it."""

    def paste(binding, secret, **how):
        with committed():
            return replace_token(binding, Replacement(secret, **how), by=alice)

    return paste
