"""Who may see a claim: whoever claims, and the owners of what is claimed. For the rest it does not
exist.
"""

import uuid

from django.shortcuts import get_object_or_404

from accounts.models import User
from claims.models import AccessClaim
from organizations.access import organization_for_owner


def claim_of(user: User, claim_id: uuid.UUID) -> AccessClaim:
    """The person's own claim; 404 for everyone else. One query."""
    own = AccessClaim.objects.select_related("organization").defer("secret")
    return get_object_or_404(own, pk=claim_id, user=user)


def claim_for_owner(user: User, key: str, claim_id: uuid.UUID) -> AccessClaim:
    """A claim on an organization of theirs. Two queries."""
    organization = organization_for_owner(user, key)
    known = AccessClaim.objects.select_related("organization").defer("secret")
    return get_object_or_404(known, pk=claim_id, organization=organization)
