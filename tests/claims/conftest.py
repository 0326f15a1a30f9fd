"""Alice owns contoso here, Charlie lost access to it, Dora and Erik are support."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.roles import make_support
from claims.models import AccessClaim
from claims.operations import claim_named, paste_token
from claims.sweeping import sweep
from core.secrets import fingerprint
from tests.factories import BindingFactory, OrganizationFactory, SupportFactory, TokenFactory

STATEMENT = "Our only owner left the company in March, and her mailbox is gone."


@pytest.fixture
def harbour(sandbox, alice, bob):
    """Contoso Harbour, bound to contoso there, with a healthy token of its own."""
    organization = OrganizationFactory(
        key="hidden-key", name="Hidden Harbour", owner=alice, member=bob
    )
    binding = BindingFactory(
        organization=organization,
        external_name="contoso",
        external_id=sandbox.instance_id("contoso"),
    )
    secret = sandbox.issue_token("contoso")
    TokenFactory(
        binding=binding,
        secret=secret,
        fingerprint=fingerprint(secret),
        last_four=secret[-4:],
        owner_id="",
    )
    return organization


@pytest.fixture
def dora(db):
    return SupportFactory(email="dora@support.example.com")


@pytest.fixture
def erik(db):
    return SupportFactory(email="erik@support.example.com")


@pytest.fixture
def desk(browser_of, dora, erik):
    """Dora's browser. She and Erik have the role that they have in earnest."""
    for staff in (dora, erik):
        make_support(staff, may_act=True)
    return browser_of(dora)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def days_pass(clock):
    """`days_pass(7)`: and what runs by itself has run."""

    def pass_(days):
        clock.shift(timedelta(days=days))
        sweep()

    return pass_


@pytest.fixture
def claim(harbour, charlie, committed):
    """Charlie's, just opened."""
    with committed():
        return claim_named("contoso", statement=STATEMENT, by=charlie)


@pytest.fixture
def now_():
    """`now_(claim)`: as it is in the database."""
    return lambda claim: AccessClaim.objects.get(pk=claim.pk)


@pytest.fixture
def proven(claim, sandbox, charlie, committed, now_):
    """Charlie's claim, with strong evidence."""
    with committed():
        paste_token(claim, sandbox.token("healthy"), by=charlie)
    return now_(claim)


@pytest.fixture
def reviewed(proven, days_pass, now_):
    """The same, a week later."""
    days_pass(7)
    return now_(proven)
