"""The record of who did what."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from core.context import channel, request_id
from organizations.models import AuditEvent, Organization


def record(organization: Organization | None, action: str, *, by: User | None, **data: Any) -> None:
    """Add an event, in the transaction of the change it tells of."""
    record_in([organization], action, by=by, **data)


def record_in(
    organizations: Iterable[Organization | None], action: str, *, by: User | None, **data: Any
) -> None:
    """Add the same event to the record of each."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            action=action,
            channel=channel(),
            organization=organization,
            organization_key=organization.key if organization else "",
            actor=by,
            actor_email=by.email if by else "",
            request_id=request_id(),
            data=data,
        )
        for organization in organizations
    )
