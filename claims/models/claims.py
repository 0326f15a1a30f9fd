"""Somebody's request to become an owner of an organization that exists."""

import secrets
import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from core import leases
from core.secrets import SealedTextField
from organizations.models import Organization

# A claim without strong evidence ends after so long.
GATHERED_FOR = timedelta(days=14)
# So long a queued task may take to be picked up before another one is sent.
PATIENCE = timedelta(seconds=15)


class Strength(models.TextChoices):
    """What evidence weighs, and of a claim the strongest there is."""

    NONE = "none", "Counts nothing"
    WEAK = "weak", "Counts a little"
    STRONG = "strong", "Counts"

    @property
    def rank(self) -> int:
        return list(Strength).index(self)


def new_nonce() -> str:
    """Words that nobody can guess, to be found again in the organization there."""
    return f"mooring-{secrets.token_hex(10)}"


class AccessClaimQuerySet(models.QuerySet["AccessClaim"]):
    def open(self) -> Self:
        return self.filter(state__in=AccessClaim.OPEN)

    def to_look(self) -> Self:
        """A look is wanted, and nobody is at it."""
        return self.open().filter(leases.free(), leases.due("next_attempt_at")).exclude(look="")

    def forgotten(self) -> Self:
        """Never queued, lost by the broker, or their worker died: a task would have come by now."""
        now = timezone.now()
        return self.to_look().exclude(next_attempt_at__range=(now - PATIENCE, now))

    def overstayed(self) -> Self:
        """Holding a pasted token for longer than it may, also by a clock that was ahead."""
        over = ~Q(secret_until__range=(timezone.now(), timezone.now() + timedelta(hours=1)))
        return self.filter(over, secret__isnull=False)


class AccessClaim(models.Model):
    """A claim, with what is being looked at just now. A worker that looks holds a lease.

    `external_name` is what the claimant calls the organization there: of ours they learn nothing
    before they are owners. `round` grows with each objection, so that an approval from before it
    counts no more.
    """

    class State(models.TextChoices):
        GATHERING = "gathering", "Gathering evidence"
        WAITING = "waiting", "Waiting for its owners"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Ran out"
        ENDED = "ended", "Ended with its organization"
        REVERSED = "reversed", "Reversed"

    class Look(models.TextChoices):
        TOKEN = "token", "At a pasted token"
        NONCE = "nonce", "For the words, with our own token"

    OPEN = (State.GATHERING, State.WAITING, State.IN_REVIEW)
    GIVEN = (State.APPROVED, State.REVERSED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="claims")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims")
    external_name = models.CharField(max_length=64)
    statement = models.TextField(max_length=2000)
    state = models.CharField(max_length=16, choices=State, default=State.GATHERING)
    strength = models.CharField(max_length=8, choices=Strength, default=Strength.NONE)
    nonce = models.CharField(max_length=40, unique=True, default=new_nonce)
    opened_at = models.DateTimeField(default=timezone.now)
    waits_until = models.DateTimeField()
    shortened_because = models.CharField(max_length=200, blank=True)

    # The desk
    assignee = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    approved_by_first = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by_second = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reversible_until = models.DateTimeField(null=True, blank=True)
    # Whether approving it made a member, too, whom reversing it takes out again.
    made_member = models.BooleanField(default=False)

    # What is looked at just now. A pasted token is here for minutes, and gone with the answer.
    look = models.CharField(max_length=8, choices=Look, blank=True)
    secret = SealedTextField(null=True, bound_to=["organization_id", "user_id"])
    secret_until = models.DateTimeField(null=True, blank=True)
    look_attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    objects = AccessClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"],
                condition=Q(state__in=["gathering", "waiting", "in_review"]),
                name="one_open_claim_a_person_and_organization",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["gathering", "waiting", "in_review"], decided_at=None)
                | ~Q(state__in=["gathering", "waiting", "in_review"]) & Q(decided_at__isnull=False),
                name="claim_decided_exactly_when_not_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "reversed"])
                | Q(
                    strength="strong",
                    approved_by_first__isnull=False,
                    approved_by_second__isnull=False,
                    approved_at__gte=F("waits_until"),
                    reversible_until__gt=F("approved_at"),
                ),
                name="claim_approved_on_evidence_by_two_after_the_wait",
            ),
            models.CheckConstraint(
                condition=Q(approved_by_second=None)
                | Q(approved_by_first__isnull=False)
                & ~Q(approved_by_second=F("approved_by_first")),
                name="claim_approved_by_two_different_people",
            ),
            models.CheckConstraint(
                condition=(Q(approved_by_first=None) | ~Q(approved_by_first=F("user")))
                & (Q(approved_by_second=None) | ~Q(approved_by_second=F("user"))),
                name="claim_not_approved_by_its_claimant",
            ),
            models.CheckConstraint(
                condition=Q(state="gathering", strength="none") | ~Q(state="gathering"),
                name="claim_with_evidence_gathers_no_more",
            ),
            models.CheckConstraint(
                condition=Q(secret__isnull=True, secret_until=None)
                | Q(
                    state__in=["gathering", "waiting", "in_review"],
                    look="token",
                    secret__isnull=False,
                    secret_until__isnull=False,
                ),
                name="claim_holds_a_token_only_while_it_is_looked_at",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-opened_at", "-id"], name="claims_of_a_person"),
            models.Index(fields=["organization", "-opened_at", "-id"], name="claims_on_one"),
            models.Index(
                fields=["state", "waits_until"],
                condition=Q(state__in=["gathering", "waiting", "in_review"]),
                name="open_claims",
            ),
            models.Index(
                fields=["next_attempt_at"], condition=~Q(look=""), name="claims_to_look_at"
            ),
            # The desk: what is due first, of all that is open and on one desk; in one state, by its
            # wait. Open is what has no `decided_at`: a condition without values, since SQLite
            # takes no partial index on the word of a parameter.
            models.Index(
                fields=["due_at", "waits_until", "id"],
                condition=Q(decided_at=None),
                name="claims_by_due",
            ),
            models.Index(
                fields=["assignee", "due_at", "waits_until", "id"],
                condition=Q(decided_at=None),
                name="claims_on_a_desk_by_due",
            ),
            models.Index(
                fields=["state", "waits_until", "id"],
                condition=Q(decided_at=None),
                name="claims_of_a_state_by_wait",
            ),
            # And by age, of all that there are, and of one state.
            models.Index(fields=["-opened_at", "-id"], name="claims_by_age"),
            models.Index(fields=["state", "-opened_at", "-id"], name="claims_of_a_state_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.user} claims {self.external_name}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_gathering(self) -> bool:
        return self.state == self.State.GATHERING

    @property
    def is_approved(self) -> bool:
        return self.state == self.State.APPROVED

    @property
    def is_strong(self) -> bool:
        return self.strength == Strength.STRONG

    @property
    def is_looking(self) -> bool:
        return self.look != ""
