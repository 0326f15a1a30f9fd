"""What is on record about a claim stays as it is, in SQL too, and so does how a claim ended."""

from django.db import migrations

from core.triggers import CreateTrigger

# Its organization is there, and is not being deleted with all that belongs to it.
STAYS = (
    "EXISTS (SELECT 1 FROM claims_accessclaim c "
    "JOIN organizations_organization o ON o.id = c.organization_id "
    "WHERE c.id = {claim} AND o.closed_at IS NULL)"
)
OF_AN_ANSWER = "(SELECT b.claim_id FROM claims_objection b WHERE b.id = OLD.objection_id)"
RECORDS = {
    "evidence": "OLD.claim_id",
    "objection": "OLD.claim_id",
    "objectionanswer": OF_AN_ANSWER,
    "decision": "OLD.claim_id",
    "claimmessage": "OLD.claim_id",
}
OPEN = "('gathering', 'waiting', 'in_review')"


def refusing(name: str, event: str, condition: str) -> CreateTrigger:
    return CreateTrigger(
        f"claims_{name}_no_{event.lower()}",
        table=f"claims_{name}",
        event=event,
        condition=condition,
        message="What is on record about a claim is never changed or removed.",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0001_initial"),
        ("organizations", "0003_people_and_keys"),
    ]

    operations = [
        *(refusing(name, "UPDATE", "1 = 1") for name in RECORDS),
        *(refusing(name, "TRUNCATE", "1 = 1") for name in RECORDS),
        *(refusing(name, "DELETE", STAYS.format(claim=claim)) for name, claim in RECORDS.items()),
        CreateTrigger(
            "claim_stays_decided",
            table="claims_accessclaim",
            event="UPDATE",
            condition=(
                f"OLD.state NOT IN {OPEN} AND NEW.state <> OLD.state "
                "AND NOT (OLD.state = 'approved' AND NEW.state = 'reversed')"
            ),
            message="A claim that was decided stays so.",
        ),
        CreateTrigger(
            "claim_is_whose_it_was",
            table="claims_accessclaim",
            event="UPDATE",
            condition=(
                "NEW.organization_id <> OLD.organization_id OR NEW.user_id <> OLD.user_id "
                "OR NEW.nonce <> OLD.nonce OR NEW.opened_at <> OLD.opened_at"
            ),
            message="Who claims what, since when, never changes.",
        ),
    ]
