"""An owners group is never empty, in SQL too: only with its organization does the last owner go."""

from django.db import migrations

from core.triggers import CreateTrigger

TABLE = "organizations_groupmembership"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0003_people_and_keys")]

    operations = [
        CreateTrigger(
            "last_owner_stays",
            table=TABLE,
            event="DELETE",
            # Two owners who go at the same moment must not both be looked at as one of two.
            lock=(
                "SELECT 1 FROM organizations_organization o "
                "JOIN organizations_group g ON g.organization_id = o.id WHERE g.id = OLD.group_id"
            ),
            condition=(
                "EXISTS (SELECT 1 FROM organizations_group g "
                "JOIN organizations_organization o ON o.id = g.organization_id "
                "WHERE g.id = OLD.group_id AND g.kind = 'owners' AND o.closed_at IS NULL) "
                "AND NOT EXISTS (SELECT 1 FROM organizations_groupmembership other "
                "WHERE other.group_id = OLD.group_id AND other.id <> OLD.id)"
            ),
            message="An organization always has an owner, and this is the last one.",
        ),
        CreateTrigger(
            "group_membership_no_update",
            table=TABLE,
            event="UPDATE",
            condition="1 = 1",
            message="Who is in a group is added or removed, and never changed.",
        ),
        CreateTrigger(
            "owners_are_not_swept_away",
            table=TABLE,
            event="TRUNCATE",
            condition="1 = 1",
            message="An organization always has an owner.",
        ),
    ]
