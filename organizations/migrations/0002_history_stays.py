"""Audit events are only added, in SQL too."""

from django.db import migrations

from core.triggers import CreateTrigger

TABLE = "organizations_auditevent"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]

    operations = [
        CreateTrigger(
            f"audit_event_no_{event.lower()}",
            table=TABLE,
            event=event,
            condition="1 = 1",
            message="An audit event is never changed or removed.",
        )
        for event in ("UPDATE", "DELETE", "TRUNCATE")
    ] + [
        CreateTrigger(
            "organization_stays_closed",
            table="organizations_organization",
            event="UPDATE",
            condition="OLD.closed_at IS NOT NULL",
            message="An organization that is being deleted is not changed any more.",
        )
    ]
