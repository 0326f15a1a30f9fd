"""A trigger made by a migration refuses where its condition holds, and goes when it is undone.

What the product's own triggers refuse is told in tests/test_rules_in_sql.py.
"""

import pytest
from django.db import IntegrityError, connection

from core.models import IdempotentCall
from core.triggers import CreateTrigger

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trigger():
    """Calls with a key like `keep%` can't be deleted, for the length of a test."""
    made = CreateTrigger(
        "kept_calls_stay",
        table="core_idempotentcall",
        event="DELETE",
        condition="OLD.key LIKE 'keep%'",
        message="A kept call stays.",
    )
    apply(made.database_forwards)
    yield made
    apply(made.database_backwards)


def apply(direction):
    with connection.schema_editor() as editor:
        direction("core", editor, None, None)


def call(key):
    return IdempotentCall.objects.create(caller="alice", key=key, fingerprint="f")


def test_it_refuses_where_its_condition_holds(trigger):
    kept = call("keep-me")

    with pytest.raises(IntegrityError, match="A kept call stays."):
        kept.delete()

    assert IdempotentCall.objects.filter(pk=kept.pk).exists()


def test_it_lets_everything_else_happen(trigger):
    call("loose").delete()
    kept = call("keep-me")

    IdempotentCall.objects.update(key="loose")
    kept.delete()

    assert not IdempotentCall.objects.exists()


def test_undone_it_refuses_nothing(trigger):
    kept = call("keep-me")
    apply(trigger.database_backwards)

    kept.delete()

    assert not IdempotentCall.objects.exists()
    apply(trigger.database_forwards)


def test_it_says_what_it_is(trigger):
    assert trigger.describe() == "Create trigger kept_calls_stay"
    assert trigger.reversible
