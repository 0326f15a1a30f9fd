"""An Azure DevOps binding is for ever, in SQL too: only with its organization does it end."""

from django.db import migrations

from core.triggers import CreateTrigger

TABLE = "bindings_devopsbinding"


class Migration(migrations.Migration):
    dependencies = [
        ("bindings", "0001_initial"),
        ("organizations", "0002_history_stays"),
    ]

    operations = [
        CreateTrigger(
            "binding_identity_is_frozen",
            table=TABLE,
            event="UPDATE",
            condition=(
                "OLD.platform IN ('azure_devops', 'gitlab') AND ("
                "NEW.id <> OLD.id OR NEW.organization_id <> OLD.organization_id OR "
                "NEW.platform <> OLD.platform OR NEW.external_id <> OLD.external_id)"
            ),
            message="This binding is for ever: what it binds can not be changed.",
        ),
        CreateTrigger(
            "binding_ends_with_its_organization",
            table=TABLE,
            event="DELETE",
            condition=(
                "OLD.platform IN ('azure_devops', 'gitlab') AND EXISTS ("
                "SELECT 1 FROM organizations_organization o "
                "WHERE o.id = OLD.organization_id AND o.closed_at IS NULL)"
            ),
            message="This binding is for ever: only deleting its organization ends it.",
        ),
        CreateTrigger(
            "binding_is_not_swept_away",
            table=TABLE,
            event="TRUNCATE",
            condition="1 = 1",
            message="This binding is for ever: only deleting its organization ends it.",
        ),
        CreateTrigger(
            "verification_no_update",
            table="bindings_verification",
            event="UPDATE",
            condition="1 = 1",
            message="A verification is never changed.",
        ),
    ]
