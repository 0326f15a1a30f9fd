"""What time does to claims: they go to review, run out, and keep no token. Each in its own
transaction; done twice, or by two at once, it is done once.
"""

import uuid
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from claims import telling
from claims.errors import ClaimGone
from claims.gathering import add_evidence
from claims.models import AccessClaim, Evidence, Strength
from claims.models.claims import GATHERED_FOR
from claims.moving import WIPED, lock, move
from claims.standing import COUNTS_FOR, settle_strength, standing_of
from claims.waiting import SHORTENED, due_now, full_wait, settle_wait, who_signed_in
from claims.weighing import NONCE, TOKEN, Seen

logger = structlog.get_logger(__name__)

State = AccessClaim.State
MOST_AT_ONCE = 500


def sweep() -> None:
    """Every half minute."""
    now = timezone.now()
    _each(AccessClaim.objects.overstayed()[:MOST_AT_ONCE], _wipe)
    _each(_lapsed(now)[:MOST_AT_ONCE], settle_strength)
    _each(_to_expire(now)[:MOST_AT_ONCE], _expire)
    _each(_to_wait_otherwise(now), settle_wait)
    _each(_waited_for(now)[:MOST_AT_ONCE], _review)


def forgotten() -> list[uuid.UUID]:
    """Claims whose look nobody is at."""
    return list(AccessClaim.objects.forgotten().values_list("pk", flat=True)[:MOST_AT_ONCE])


def _each(claims: QuerySet[AccessClaim], settle: Callable[[AccessClaim], None]) -> None:
    """One that can't be settled stops no others."""
    for claim in list(claims.only("pk")):
        try:
            with transaction.atomic():
                settle(lock(claim))
        except ClaimGone:
            logger.info("claim_gone", claim_id=str(claim.pk))
        except Exception:
            logger.exception("claim_not_settled", claim_id=str(claim.pk))


def _wipe(claim: AccessClaim) -> None:
    """A pasted token that nobody came to look at in time."""
    if AccessClaim.objects.overstayed().filter(pk=claim.pk).update(**WIPED):
        add_evidence(claim, Seen(TOKEN, "no_answer"), by=None)


def _lapsed(now: datetime) -> QuerySet[AccessClaim]:
    """Those whose evidence is too old for what it counted."""
    counting = Evidence.objects.filter(
        claim=OuterRef("pk"),
        weight=OuterRef("strength"),
        kind__in=[TOKEN, NONCE],
        at__gt=now - COUNTS_FOR,
    )
    known = AccessClaim.objects.open().exclude(strength=Strength.NONE)
    return known.filter(~Exists(counting)).order_by("opened_at")


def _to_wait_otherwise(now: datetime) -> QuerySet[AccessClaim]:
    """Those whose time depends on who signs in, and who did or not. All of them: some may stay."""
    strong, shortened = Q(strength=Strength.STRONG), ~Q(shortened_because="")
    somebody = Exists(who_signed_in(OuterRef("organization")))
    is_early = Q(opened_at__gt=now + SHORTENED - full_wait())
    to_shorten = strong & ~shortened & is_early & ~somebody
    to_lengthen = shortened & (somebody | ~strong)
    return AccessClaim.objects.open().filter(to_shorten | to_lengthen).order_by("waits_until")


def _waited_for(now: datetime) -> QuerySet[AccessClaim]:
    over = AccessClaim.objects.filter(state=State.WAITING, waits_until__lte=now)
    return over.order_by("waits_until")


def _review(claim: AccessClaim) -> None:
    if not claim.is_open:
        return
    settle_wait(claim)
    if claim.state == State.WAITING and claim.waits_until <= timezone.now():
        move(claim, State.IN_REVIEW, among=[State.WAITING], by=None, values={"due_at": due_now()})


def _to_expire(now: datetime) -> QuerySet[AccessClaim]:
    """Without strong evidence from the beginning, or since it stopped to count."""
    lately = Evidence.objects.filter(
        claim=OuterRef("pk"), weight=Strength.STRONG, at__gt=now - COUNTS_FOR - GATHERED_FOR
    )
    old = AccessClaim.objects.open().filter(opened_at__lte=now - GATHERED_FOR)
    return old.exclude(strength=Strength.STRONG).filter(~Exists(lately)).order_by("opened_at")


def _expire(claim: AccessClaim) -> None:
    if claim.is_open and not claim.is_strong and standing_of(claim).runs_out_at <= timezone.now():
        move(claim, State.EXPIRED, by=None)
        telling.of_expiry(claim)
