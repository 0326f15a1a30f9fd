"""Evidence goes on record, and takes the claim as far as it reaches."""

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import User
from claims.domains import work_domain
from claims.models import AccessClaim, Evidence, Strength
from claims.moving import move, note
from claims.standing import settle_strength, standing_of
from claims.waiting import settle_wait
from claims.weighing import DOMAIN, Seen
from organizations.owners import owners_of

State = AccessClaim.State


def add_evidence(claim: AccessClaim, seen: Seen, *, by: User | None) -> Evidence:
    """To a claim that is open, and locked."""
    row = Evidence.objects.create(
        claim=claim,
        kind=seen.kind,
        outcome=seen.outcome,
        weight=seen.weight,
        facts=seen.facts,
        at=timezone.now(),
    )
    note(claim, "evidence_added", by=by, kind=seen.kind, outcome=seen.outcome, weight=seen.weight)
    strength = standing_of(claim).strength
    if claim.is_gathering and strength != Strength.NONE:
        move(claim, State.WAITING, among=[State.GATHERING], by=None, values={"strength": strength})
    settle_strength(claim)
    settle_wait(claim)
    return row


def look_at_address(claim: AccessClaim) -> Seen | None:
    """Evidence where the claimant's verified address is on the domain of an owner's."""
    domain = work_domain(claim.user.email)
    verified = EmailAddress.objects.filter(user=claim.user, email=claim.user.email, verified=True)
    if not domain or not verified.exists():
        return None
    colleagues = owners_of(claim.organization_id).filter(email__iendswith=f"@{domain}")
    return Seen(DOMAIN, "owners_domain", {"domain": domain}) if colleagues.exists() else None
