"""What the desk writes down and says again, and indexes for its queue."""

import claims.models.replies
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from core.triggers import CreateTrigger

# Its organization is there, and is not being deleted with all that belongs to it.
STAYS = (
    "EXISTS (SELECT 1 FROM claims_accessclaim c "
    "JOIN organizations_organization o ON o.id = c.organization_id "
    "WHERE c.id = OLD.claim_id AND o.closed_at IS NULL)"
)


def refusing(event, condition):
    return CreateTrigger(
        f"claims_claimnote_no_{event.lower()}",
        table="claims_claimnote",
        event=event,
        condition=condition,
        message="What is on record about a claim is never changed or removed.",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0002_on_record"),
        ("organizations", "0007_letters_to_recovery_contacts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimNote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("by_email", models.CharField(max_length=254)),
                ("text", models.TextField(max_length=2000)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="ReplyTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="What it is for, as the desk lists it.", max_length=80
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[("ask", "Ask the claimant"), ("reject", "Reject")],
                        max_length=8,
                        verbose_name="for",
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        help_text="{organization} becomes what the claimant calls it, {claimant} their name.",
                        max_length=2000,
                        validators=[claims.models.replies.check_placeholders],
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="accessclaim",
            index=models.Index(
                condition=models.Q(("decided_at", None)),
                fields=["due_at", "waits_until", "id"],
                name="claims_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="accessclaim",
            index=models.Index(
                condition=models.Q(("decided_at", None)),
                fields=["assignee", "due_at", "waits_until", "id"],
                name="claims_on_a_desk_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="accessclaim",
            index=models.Index(
                condition=models.Q(("decided_at", None)),
                fields=["state", "waits_until", "id"],
                name="claims_of_a_state_by_wait",
            ),
        ),
        migrations.AddIndex(
            model_name="accessclaim",
            index=models.Index(fields=["-opened_at", "-id"], name="claims_by_age"),
        ),
        migrations.AddIndex(
            model_name="accessclaim",
            index=models.Index(
                fields=["state", "-opened_at", "-id"], name="claims_of_a_state_by_age"
            ),
        ),
        migrations.AddField(
            model_name="claimnote",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="claimnote",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notes",
                to="claims.accessclaim",
            ),
        ),
        migrations.AddConstraint(
            model_name="replytemplate",
            constraint=models.UniqueConstraint(
                fields=("about", "title"),
                name="one_reply_template_a_title",
                violation_error_message="There is one with this title already.",
            ),
        ),
        migrations.AddIndex(
            model_name="claimnote",
            index=models.Index(fields=["claim", "at"], name="notes_on_a_claim"),
        ),
        migrations.AddConstraint(
            model_name="claimnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="note_says_something"
            ),
        ),
        refusing("UPDATE", "1 = 1"),
        refusing("TRUNCATE", "1 = 1"),
        refusing("DELETE", STAYS),
    ]
