"""What is on record about a claim is only added, in SQL too."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from claims.deciding import answer_objection, ask_claimant, reject_claim
from claims.models import AccessClaim, Decision, Evidence
from claims.objecting import object_as_owner
from claims.ownership import keep_owners
from organizations.models import AuditEvent
from organizations.operations import delete_organization

TABLES = ["evidence", "objection", "objectionanswer", "decision", "claimmessage", "ownerbefore"]


def refused(statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def recorded(proven, alice, dora):
    """A claim with one of everything."""
    object_as_owner(proven, reason="I am here.", by=alice)
    answer_objection(proven.objections.get(), reason="She is away.", by=dora)
    ask_claimant(proven, "Who are you?", by=dora)
    keep_owners(proven)
    reject_claim(proven, reason="Nobody knows you.", by=dora)
    return proven


@pytest.mark.parametrize("table", TABLES)
def test_a_record_is_neither_changed_nor_removed(recorded, table):
    refused(f"UPDATE claims_{table} SET at = '2020-01-01 00:00:00+00:00'")
    refused(f"DELETE FROM claims_{table}")


@pytest.mark.parametrize(
    "change",
    [
        "state = 'in_review', decided_at = NULL",
        "state = 'withdrawn'",
        "opened_at = '2020-01-01 00:00:00+00:00'",
        "nonce = 'mooring-0'",
    ],
)
def test_a_decided_claim_stays_as_it_is(recorded, change):
    refused(f"UPDATE claims_accessclaim SET {change}")


def test_the_same_person_is_not_two_in_the_database_either(recorded, dora):
    [decision] = Decision.objects.all()

    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            claim=recorded, kind="reject", round=decision.round, by=dora, reason="x"
        )


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("email_domain", "owners_domain"), ("token_administrator", "administrator_unknown")],
)
def test_only_what_proves_control_is_strong(claim, kind, outcome):
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(claim=claim, kind=kind, outcome=outcome, weight="strong")


def test_two_claims_of_one_person_are_not_open(claim):
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessClaim.objects.create(
            organization=claim.organization,
            user=claim.user,
            external_name="contoso",
            statement="x",
            waits_until=claim.opened_at + timedelta(days=7),
        )


def test_deleting_the_organization_takes_its_claims_along_and_leaves_the_history(
    recorded, harbour, alice
):
    delete_organization(harbour, by=alice)

    assert not AccessClaim.objects.exists() and not Evidence.objects.exists()
    told = AuditEvent.objects.filter(action__startswith="claim.").values_list("action", "data")
    said = {action.removeprefix("claim."): data.get("reason") for action, data in told}
    assert said["objected"] == "I am here."
    assert said["objection_answered"] == "She is away."
    assert said["rejected"] == "Nobody knows you."
    [seen] = AuditEvent.objects.filter(action="claim.evidence_added")
    assert (seen.data["outcome"], seen.data["weight"]) == ("administrator", "strong")
