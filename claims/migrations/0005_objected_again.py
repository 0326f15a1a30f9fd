"""An objection may be made again, once the one before was answered: in another round."""

from typing import Any

from django.db import migrations, models

from core.triggers import CreateTrigger, DropTrigger

# As they were made in 0002. On SQLite altering a table takes them along, and a trigger of another
# table that names it stands in the way.
STAYS = (
    "EXISTS (SELECT 1 FROM claims_accessclaim c "
    "JOIN organizations_organization o ON o.id = c.organization_id "
    "WHERE c.id = {claim} AND o.closed_at IS NULL)"
)
OF_AN_ANSWER = "(SELECT b.claim_id FROM claims_objection b WHERE b.id = OLD.objection_id)"
TRIGGERS = [
    ("objection", "UPDATE", "1 = 1"),
    ("objection", "DELETE", STAYS.format(claim="OLD.claim_id")),
    ("objectionanswer", "DELETE", STAYS.format(claim=OF_AN_ANSWER)),
]


def words(name: str, event: str, condition: str) -> dict[str, Any]:
    return {
        "name": f"claims_{name}_no_{event.lower()}",
        "table": f"claims_{name}",
        "event": event,
        "condition": condition,
        "message": "What is on record about a claim is never changed or removed.",
    }


class Migration(migrations.Migration):
    dependencies = [("claims", "0004_reply_templates")]

    operations = [
        *(DropTrigger(**words(*each)) for each in TRIGGERS),
        migrations.RemoveConstraint(model_name="objection", name="objected_once_to_a_claim"),
        migrations.AddField(
            model_name="objection",
            name="round",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.UniqueConstraint(
                fields=("claim", "who", "by_email", "round"), name="objected_once_in_a_round"
            ),
        ),
        *(CreateTrigger(**words(*each)) for each in TRIGGERS),
    ]
