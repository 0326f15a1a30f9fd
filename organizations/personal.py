"""What organizations hold about a person."""

from django.db.models import Q

from accounts.personal import Part

# What people do from outside, who learn nothing of an organization by it, and what our staff does.
FROM_OUTSIDE = (
    Q(action__startswith="claim.")
    | Q(action__in=["join_request.made", "join_request.withdrawn"])
    | Q(action__startswith="support.")
    | Q(channel="admin")
)

PARTS = [
    Part(
        "memberships",
        "organizations.Membership",
        "user",
        (
            "organization__key",
            "organization__name",
            "joined_at",
            "groups__kind",
            "may_create_projects",
            "may_run_analyses",
        ),
    ),
    Part(
        "invitations sent",
        "organizations.Invitation",
        "invited_by",
        ("email", "role", "created_at"),
    ),
    Part(
        "invitations accepted",
        "organizations.Invitation",
        "accepted_by",
        ("email", "role", "created_at", "accepted_at"),
    ),
    Part(
        "invitations received",
        "organizations.Invitation",
        "email",
        ("organization__name", "email", "role", "created_at", "expires_at"),
    ),
    # An organization shows its own name to those it lets in, so here is what the asker calls it.
    Part(
        "requests to join",
        "organizations.JoinRequest",
        "user",
        ("known_as", "note", "state", "created_at", "decided_at"),
    ),
    Part("requests decided", "organizations.JoinRequest", "decided_by", ("state", "decided_at")),
    # Without the details of an event, which tell of other people and of the organization.
    Part(
        "history: what you did",
        "organizations.AuditEvent",
        "actor",
        ("at", "action", "channel", "organization_key", "actor_email", "request_id"),
        only=~FROM_OUTSIDE,
    ),
    Part(
        "history: what you did from outside",
        "organizations.AuditEvent",
        "actor",
        ("at", "action", "channel", "actor_email", "request_id"),
        only=FROM_OUTSIDE,
    ),
]
