"""Very many claims, written in few statements."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from claims.models import AccessClaim, Objection
from organizations.models import Organization

# Of ten claims three are decided; of seven open ones three are in review.
STATES = ["gathering", "waiting", "in_review", "waiting", "in_review", "gathering", "in_review"]
STATES += ["rejected", "withdrawn", "expired"]
AT_ONCE = 2000


def many_claims(size, assignee, word):
    """So many, of as many people, on a tenth as many organizations."""
    people = [User(email=f"{word}-{n}@example.com") for n in range(size)]
    User.objects.bulk_create(people, AT_ONCE)
    claimed = [Organization(key=f"{word}-{n}", name="Quay") for n in range(max(size // 10, 1))]
    Organization.objects.bulk_create(claimed, AT_ONCE)
    claims = [
        _claim(n, user, claimed[n // 10 % len(claimed)], assignee) for n, user in enumerate(people)
    ]
    AccessClaim.objects.bulk_create(claims, AT_ONCE)
    reviewed = [claim for claim in claims if claim.state == "in_review"]
    Objection.objects.bulk_create(
        [Objection(claim=claim, who="owners_link") for claim in reviewed[::5]], AT_ONCE
    )
    return claims


def _claim(n, user, organization, assignee):
    now, state = timezone.now(), STATES[n % 10]
    opened = now - timedelta(minutes=7 * n)
    return AccessClaim(
        user=user,
        organization=organization,
        external_name="quay",
        statement="Nobody is left. " * 10,
        state=state,
        strength=["none", "weak", "strong"][n % 3] if state != "gathering" else "none",
        opened_at=opened,
        waits_until=opened + timedelta(days=7),
        due_at=now + timedelta(minutes=n - 500) if state == "in_review" and n % 4 else None,
        decided_at=now if state in ("rejected", "withdrawn", "expired") else None,
        assignee=assignee if n % 50 == 4 else None,
    )
