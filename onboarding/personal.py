"""What imports hold about a person. Never their tokens."""

from accounts.personal import Part

PARTS = [
    Part(
        "imports",
        "onboarding.Import",
        "user",
        (
            "id",
            "platform",
            "state",
            "started_at",
            "external_name",
            "external_id",
            "last_four",
            "token_expires_on",
            "token_owner_name",
            "verdict",
            "name",
            "key",
            "description",
            "url",
            "plan",
            "paid_at",
        ),
    ),
    Part("who pays for imports", "billing.BillingAccount", "of_import__user", ("email", "name")),
]
