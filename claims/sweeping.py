"""What time does to claims: they go to review, run out, and keep no token. Each in its own
transaction; done twice, or by two at once, it is done once.
"""

import uuid
from collections.abc import Callable

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from claims import telling
from claims.errors import ClaimGone
from claims.gathering import add_evidence
from claims.models import AccessClaim, Strength
from claims.models.claims import GATHERED_FOR
from claims.moving import WIPED, lock, move
from claims.waiting import due_now, settle_wait
from claims.weighing import TOKEN, Seen

logger = structlog.get_logger(__name__)

State = AccessClaim.State
MOST_AT_ONCE = 500


def sweep() -> None:
    """Every half minute."""
    _each(AccessClaim.objects.overstayed(), _wipe)
    _each(_to_settle(), _settle)
    _each(_to_expire(), _expire)


def forgotten() -> list[uuid.UUID]:
    """Claims whose look nobody is at."""
    return list(AccessClaim.objects.forgotten().values_list("pk", flat=True)[:MOST_AT_ONCE])


def _each(claims: QuerySet[AccessClaim], settle: Callable[[AccessClaim], None]) -> None:
    for claim in list(claims.defer("secret")[:MOST_AT_ONCE]):
        try:
            with transaction.atomic():
                settle(lock(claim))
        except ClaimGone:
            logger.info("claim_gone", claim_id=str(claim.pk))


def _wipe(claim: AccessClaim) -> None:
    """A pasted token that nobody came to look at in time."""
    if AccessClaim.objects.overstayed().filter(pk=claim.pk).update(**WIPED):
        add_evidence(claim, Seen(TOKEN, "no_answer"), by=None)


def _to_settle() -> QuerySet[AccessClaim]:
    """Those whose time has come, and those whose time depends on who signs in."""
    over = Q(state=State.WAITING, waits_until__lte=timezone.now())
    return AccessClaim.objects.open().filter(over | Q(strength=Strength.STRONG))


def _settle(claim: AccessClaim) -> None:
    if not claim.is_open:
        return
    settle_wait(claim)
    if claim.state == State.WAITING and claim.waits_until <= timezone.now():
        move(claim, State.IN_REVIEW, among=[State.WAITING], by=None, values={"due_at": due_now()})


def _to_expire() -> QuerySet[AccessClaim]:
    old = timezone.now() - GATHERED_FOR
    return AccessClaim.objects.filter(state=State.GATHERING, opened_at__lte=old)


def _expire(claim: AccessClaim) -> None:
    if claim.is_gathering:
        move(claim, State.EXPIRED, among=[State.GATHERING], by=None)
        telling.of_expiry(claim)
