"""What claims do later, and again and again."""

import uuid

import structlog
from celery import shared_task

from claims import letters, looking, sweeping

logger = structlog.get_logger(__name__)


@shared_task
def look_for_evidence(*, claim_id: str) -> None:
    """Look once. Running twice is harmless: one worker claims it."""
    delay = looking.look(uuid.UUID(claim_id))
    if delay is not None:
        # A little late, so that the row is due when the task arrives.
        look_for_evidence.apply_async(kwargs={"claim_id": claim_id}, countdown=delay + 0.5)


@shared_task
def sweep_claims() -> None:
    """Find looks that nobody is at, wipe tokens, and let time pass for all others."""
    for claim_id in sweeping.forgotten():
        logger.info("claim_found_again", claim_id=str(claim_id))
        look_for_evidence.delay(claim_id=str(claim_id))
    sweeping.sweep()


@shared_task
def send_letters() -> None:
    """Mail what is due. Running twice, or at once, mails nothing twice."""
    letters.send_due()
