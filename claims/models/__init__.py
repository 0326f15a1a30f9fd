"""Tables of the claims."""

from claims.models.claims import AccessClaim, Strength, new_nonce
from claims.models.letters import ClaimLetter
from claims.models.records import (
    ClaimMessage,
    Decision,
    Evidence,
    Objection,
    ObjectionAnswer,
    Outcome,
)

__all__ = [
    "AccessClaim",
    "ClaimLetter",
    "ClaimMessage",
    "Decision",
    "Evidence",
    "Objection",
    "ObjectionAnswer",
    "Outcome",
    "Strength",
    "new_nonce",
]
