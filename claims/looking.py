"""Looking for evidence in Azure DevOps: with a pasted token, once, or with our own. Read only."""

import random
import uuid
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.platforms import open_azure
from bindings.providers.azure import AzureDevOps
from bindings.providers.azure_answers import Forbidden, NotVisible
from bindings.providers.base import Access, Connection, NoAnswer, Refused, Verdict
from bindings.use import use_token
from claims.gathering import add_evidence
from claims.models import AccessClaim
from claims.moving import lock
from claims.weighing import NONCE, TOKEN, Seen, of_access
from core import leases
from core.leases import Lease, LeaseLost
from core.secrets import SecretUnreadable

logger = structlog.get_logger(__name__)

ATTEMPTS = 5
FIRST_DELAY = 5.0


def look(claim_id: uuid.UUID) -> float | None:
    """Look, and put on record what was found. Returns seconds to wait before another attempt."""
    claim = leases.claim(
        AccessClaim.objects.to_look(), claim_id, look_attempts=F("look_attempts") + 1
    )
    if claim is None:  # done, decided, or in other hands
        return None
    with Lease(claim) as lease:
        try:
            return _look_or_put_off(lease)
        except LeaseLost:
            logger.info("claim_lease_lost", claim_id=str(claim_id))
            return None


def _look_or_put_off(lease: Lease[AccessClaim]) -> float | None:
    claim = lease.row
    try:
        if claim.look_attempts > ATTEMPTS:  # one that took its worker down each time
            raise NoAnswer(Verdict.UNREADABLE_ANSWER)
        seen = _with_pasted(claim) if claim.look == AccessClaim.Look.TOKEN else _with_ours(claim)
    except NoAnswer as silence:
        return _put_off(lease, silence)
    except SecretUnreadable:
        logger.exception("claim_secret_unreadable", claim_id=str(claim.pk))
        return _put_off(lease, NoAnswer(Verdict.UNREADABLE_ANSWER), give_up=True)
    except Exception:
        # A bug of ours, or an answer nobody thought of: it counts as one of the attempts.
        logger.exception("claim_look_broke", claim_id=str(claim.pk))
        return _put_off(lease, NoAnswer(Verdict.UNREADABLE_ANSWER))
    _conclude(lease, seen)
    return None


def _with_pasted(claim: AccessClaim) -> list[Seen]:
    provider = open_azure(claim.external_name, claim.secret.reveal(claim))
    try:
        connection = provider.connect()
    except Refused as refusal:
        return [Seen(TOKEN, "refused", {"verdict": refusal.verdict})]
    if connection.external_id != _bound_to(claim):
        return [Seen(TOKEN, "other_organization", _facts(connection))]
    access = provider.is_administrator()
    found = [Seen(TOKEN, of_access(access), _facts(connection))]
    # Who lacks the right, or may not ask, can still show that somebody placed the words.
    if access != Access.GRANTED and (project := _project_with(provider, claim.nonce)):
        found.append(Seen(NONCE, "placed", {"project": project, "seen_with": "a pasted token"}))
    return found


def _project_with(provider: AzureDevOps, nonce: str) -> str:
    try:
        return provider.project_described_with(nonce)
    except (Refused, Forbidden, NotVisible):  # it may not list projects, which is no silence
        return ""


def _with_ours(claim: AccessClaim) -> list[Seen]:
    binding = DevOpsBinding.objects.get(organization=claim.organization_id)

    def ask(provider: AzureDevOps) -> str | None:
        """The project; None where the name belongs to another organization by now."""
        if provider.connect().external_id != binding.external_id:
            return None
        return provider.project_described_with(claim.nonce)

    try:
        PersonalAccessToken.objects.in_use().get(binding=binding, verdict=Verdict.HEALTHY)
        project = use_token(binding.pk, ask)
    except (PersonalAccessToken.DoesNotExist, Refused, SecretUnreadable):
        # Why is nothing that a stranger is told.
        project = None
    if project is None:
        return [Seen(NONCE, "could_not_look")]
    facts = {"project": project, "seen_with": "the organization's own token"}
    return [Seen(NONCE, "placed", facts) if project else Seen(NONCE, "not_placed")]


def _bound_to(claim: AccessClaim) -> str:
    return DevOpsBinding.objects.get(organization=claim.organization_id).external_id


def _facts(connection: Connection) -> dict[str, str]:
    return {"account": connection.user_account[:255], "name": connection.user_name[:255]}


@transaction.atomic(durable=True)
def _conclude(lease: Lease[AccessClaim], seen: list[Seen]) -> None:
    """The token goes in the same update in which it is known what it showed."""
    claim = lock(lease.row)
    lease.end(look="", secret=None, secret_until=None, look_attempts=0)
    for each in seen:
        add_evidence(claim, each, by=None)


def _put_off(
    lease: Lease[AccessClaim], silence: NoAnswer, *, give_up: bool = False
) -> float | None:
    """Nothing was heard: ask again soon, but keep no token for that longer than it may be."""
    claim, now = lease.row, timezone.now()
    backoff = FIRST_DELAY * 2 ** (claim.look_attempts - 1) * random.uniform(1, 1.5)  # noqa: S311
    delay = max(backoff, silence.retry_after or 0)
    again = now + timedelta(seconds=delay)
    too_late = claim.secret_until is not None and again >= claim.secret_until
    if give_up or too_late or claim.look_attempts >= ATTEMPTS:
        kind = TOKEN if claim.look == AccessClaim.Look.TOKEN else NONCE
        _conclude(lease, [Seen(kind, "no_answer")])
        return None
    lease.end(next_attempt_at=again)
    return delay
