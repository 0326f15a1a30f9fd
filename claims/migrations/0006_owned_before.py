"""Who owned an organization when a claim on it was approved; never changed either."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from core.triggers import CreateTrigger

# Its organization is there, and is not being deleted with all that belongs to it.
STAYS = (
    "EXISTS (SELECT 1 FROM claims_accessclaim c "
    "JOIN organizations_organization o ON o.id = c.organization_id "
    "WHERE c.id = OLD.claim_id AND o.closed_at IS NULL)"
)
STATES = [
    ("gathering", "Gathering evidence"),
    ("waiting", "Waiting for its owners"),
    ("in_review", "In review"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
    ("expired", "Ran out"),
    ("ended", "Ended with its organization"),
    ("reversed", "Reversed"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0005_objected_again"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="accessclaim",
            name="state",
            field=models.CharField(choices=STATES, default="gathering", max_length=16),
        ),
        migrations.CreateModel(
            name="OwnerBefore",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="owners_before",
                        to="claims.accessclaim",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("claim", "user"), name="owned_before_a_claim_once"
                    )
                ],
            },
        ),
        *(
            CreateTrigger(
                f"claims_ownerbefore_no_{event.lower()}",
                table="claims_ownerbefore",
                event=event,
                condition=condition,
                message="What is on record about a claim is never changed or removed.",
            )
            for event, condition in (("UPDATE", "1 = 1"), ("TRUNCATE", "1 = 1"), ("DELETE", STAYS))
        ),
    ]
