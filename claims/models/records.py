"""What is on record about a claim. The database refuses to change or remove any of it.

People in it have no constraint, because a record outlives whom it names.
"""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from claims.models.claims import AccessClaim, Strength


class Outcome(models.TextChoices):
    """What a machine saw."""

    ADMINISTRATOR = "administrator", "An administrator of the organization there"
    ADMINISTRATOR_UNKNOWN = "administrator_unknown", "Belongs there; administrator or not, unknown"
    NOT_ADMINISTRATOR = "not_administrator", "Belongs there, and is no administrator"
    OTHER_ORGANIZATION = "other_organization", "A token of another organization"
    REFUSED = "refused", "Azure DevOps refuses the token"
    PLACED = "placed", "The words are there. A project administrator can place these"
    NOT_PLACED = "not_placed", "The words are not there"
    COULD_NOT_LOOK = "could_not_look", "We can't look there ourselves"
    NO_ANSWER = "no_answer", "Azure DevOps did not answer"
    OWNERS_DOMAIN = "owners_domain", "A verified address on an owner's domain"


def somebody() -> Any:
    return models.ForeignKey(
        User, null=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+"
    )


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def for_claimant(self) -> Self:
        """Without what would tell where owners work."""
        return self.exclude(kind=Evidence.Kind.EMAIL_DOMAIN)


class Evidence(models.Model):
    """What we checked about a claim, by machine. `facts` is what was seen, never the token."""

    class Kind(models.TextChoices):
        TOKEN_ADMINISTRATOR = "token_administrator", "A token of an administrator"
        NONCE_PLACED = "nonce_placed", "Words placed in the organization there"
        EMAIL_DOMAIN = "email_domain", "A verified e-mail address"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(AccessClaim, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=24, choices=Kind)
    outcome = models.CharField(max_length=24, choices=Outcome)
    weight = models.CharField(max_length=8, choices=Strength)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(weight="strong")
                | Q(kind="token_administrator", outcome="administrator")
                | Q(kind="nonce_placed", outcome="placed"),
                name="only_what_proves_control_is_strong",
            )
        ]
        indexes = [models.Index(fields=["claim", "-at"], name="evidence_of_a_claim")]

    def __str__(self) -> str:
        return f"{self.outcome} for {self.claim_id}"


class Objection(models.Model):
    """Somebody who may says that a claim is not right."""

    class Who(models.TextChoices):
        OWNER = "owner", "An owner, signed in"
        OWNERS_LINK = "owners_link", "Through the link that owners were mailed"
        CONTACT = "contact", "A contact, through the link in their mail"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(AccessClaim, on_delete=models.CASCADE, related_name="objections")
    who = models.CharField(max_length=16, choices=Who)
    by = somebody()
    by_email = models.CharField(max_length=254, blank=True)
    reason = models.TextField(max_length=2000, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "who", "by_email", "round"], name="objected_once_in_a_round"
            )
        ]

    def __str__(self) -> str:
        return f"{self.who} against {self.claim_id}"


class ObjectionAnswer(models.Model):
    """Why support goes on in spite of an objection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    objection = models.OneToOneField(Objection, on_delete=models.CASCADE, related_name="answer")
    by = somebody()
    by_email = models.CharField(max_length=254)
    reason = models.TextField(max_length=2000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="objection_answered_with_reason")
        ]

    def __str__(self) -> str:
        return f"answer to {self.objection_id}"


class Decision(models.Model):
    """What one person of support decided. The first approval of a round is a proposal."""

    class Kind(models.TextChoices):
        APPROVE = "approve", "Approve"
        REJECT = "reject", "Reject"
        REVERSE = "reverse", "Reverse"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(AccessClaim, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=8, choices=Kind)
    round = models.PositiveSmallIntegerField()
    by = somebody()
    by_email = models.CharField(max_length=254)
    reason = models.TextField(max_length=2000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "by", "round", "kind"], name="decided_once_a_person_and_round"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="decided_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.claim_id}"


class OwnerBefore(models.Model):
    """Somebody who owned the organization when a claim on it was approved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(AccessClaim, on_delete=models.CASCADE, related_name="owners_before")
    user = somebody()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "user"], name="owned_before_a_claim_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} before {self.claim_id}"


class ClaimMessage(models.Model):
    """A question of support's, or the claimant's answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(AccessClaim, on_delete=models.CASCADE, related_name="messages")
    from_support = models.BooleanField()
    by = somebody()
    text = models.TextField(max_length=2000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="message_says_something")]
        indexes = [models.Index(fields=["claim", "at"], name="messages_of_a_claim")]

    def __str__(self) -> str:
        return f"message about {self.claim_id}"


class ClaimNote(models.Model):
    """What support writes for itself. No claimant and no owner ever reads it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(AccessClaim, on_delete=models.CASCADE, related_name="notes")
    by = somebody()
    by_email = models.CharField(max_length=254)
    text = models.TextField(max_length=2000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_says_something")]
        indexes = [models.Index(fields=["claim", "at"], name="notes_on_a_claim")]

    def __str__(self) -> str:
        return f"note on {self.claim_id}"
