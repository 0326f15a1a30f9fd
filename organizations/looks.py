"""What our staff looks at is on the record of the organization that it belongs to."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.text import capfirst

from accounts.models import User
from core.http import Request
from organizations import audit
from organizations.models import Organization

# Who goes back and forth between pages looks once.
ONE_LOOK = timedelta(minutes=15)
VIEWED = "support.viewed"


@transaction.atomic
def record_look(*, row: Model, whose: Organization, request: Request, **signal: Any) -> None:
    """Receives `looked_at` of the desk. One event a quarter of an hour for who looks at a row."""
    # Locked, so that of two tabs opened at once the second one finds the first.
    by = User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
    subject = f"{row._meta.label_lower}:{row.pk}"
    lately = whose.audit_events.filter(at__gt=timezone.now() - ONE_LOOK, action=VIEWED)
    if lately.filter(actor=by, data__subject=subject).exists():
        return
    what = f"{capfirst(row._meta.verbose_name)}: {row}"
    audit.record(whose, VIEWED, by=by, what=what, subject=subject)
