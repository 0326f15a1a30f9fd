"""Tokens whose ciphertext did not open: looked at again, for the fault may have been ours.

One worker that was started with a wrong key marks every token it meets. Nothing but our own
keys is asked here.
"""

from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from bindings import told
from bindings.models import DevOpsBinding, PersonalAccessToken
from core.secrets import SecretUnreadable

logger = structlog.get_logger(__name__)

PAGE = 500
KEPT = [PersonalAccessToken.Slot.CURRENT, PersonalAccessToken.Slot.NEXT]


def recover() -> int:
    """Put those that open again back to work. Returns how many."""
    marked = PersonalAccessToken.objects.filter(unreadable_since__isnull=False, slot__in=KEPT)
    rows = marked.only("secret", "binding_id").order_by("pk")
    recovered, page = 0, list(rows[:PAGE])
    while page:
        recovered += sum(_take_back(token.pk, token.binding_id) for token in page if _opens(token))
        page = list(rows.filter(pk__gt=page[-1].pk)[:PAGE])
    if recovered:
        logger.warning("tokens_readable_again", tokens=recovered)
    return recovered


def _opens(token: PersonalAccessToken) -> bool:
    try:
        token.secret.reveal(token)
    except SecretUnreadable:
        return False
    return True


@transaction.atomic
def _take_back(pk: UUID, binding_id: UUID) -> bool:
    """Clear the mark, unless somebody else has, and have the token looked at."""
    DevOpsBinding.objects.select_for_update().filter(pk=binding_id).first()
    token = PersonalAccessToken.objects.filter(pk=pk, unreadable_since__isnull=False).first()
    if token is None:
        return False
    told.withdraw_unreadable(token)
    token.unreadable_since, token.next_check_at = None, timezone.now()
    token.save(update_fields=["unreadable_since", "next_check_at"])
    return True
