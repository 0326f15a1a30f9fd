"""What claims hold about a person. Of the organization, only what they call it themselves."""

from django.db.models import Q

from accounts.personal import Part

PARTS = [
    Part(
        "claims",
        "claims.AccessClaim",
        "user",
        ("id", "external_name", "statement", "state", "opened_at", "decided_at"),
    ),
    Part(
        "evidence for claims",
        "claims.Evidence",
        "claim__user",
        ("claim", "kind", "weight", "at"),
        # Theirs, too, would be where owners work, and in the outcome how their token is.
        only=~Q(kind="email_domain"),
    ),
    Part(
        "messages about claims",
        "claims.ClaimMessage",
        "claim__user",
        ("claim", "from_support", "text", "at"),
    ),
    Part("messages to claimants", "claims.ClaimMessage", "by", ("from_support", "text", "at")),
    Part("notes on claims", "claims.ClaimNote", "by", ("by_email", "text", "at")),
    Part("objections to claims", "claims.Objection", "by", ("who", "by_email", "reason", "at")),
    Part("answers to objections", "claims.ObjectionAnswer", "by", ("by_email", "reason", "at")),
    Part("owned when a claim was approved", "claims.OwnerBefore", "user", ("claim", "at")),
    Part("decisions on claims", "claims.Decision", "by", ("kind", "by_email", "reason", "at")),
]
