"""Tables of the claims."""

from claims.models.claims import AccessClaim, Strength, new_nonce
from claims.models.letters import ClaimLetter
from claims.models.records import (
    ClaimMessage,
    ClaimNote,
    Decision,
    Evidence,
    Objection,
    ObjectionAnswer,
    Outcome,
    OwnerBefore,
)
from claims.models.replies import ReplyTemplate

__all__ = [
    "AccessClaim",
    "ClaimLetter",
    "ClaimMessage",
    "ClaimNote",
    "Decision",
    "Evidence",
    "Objection",
    "ObjectionAnswer",
    "Outcome",
    "ReplyTemplate",
    "OwnerBefore",
    "Strength",
    "new_nonce",
]
