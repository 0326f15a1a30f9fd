"""Mails about a claim to addresses that need no account here, and to its claimant."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from claims.models.claims import AccessClaim


class ClaimLetter(models.Model):
    """One mail, once for ever by claim, subject and address; see core.letters. `may_object` puts a
    signed link in it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(AccessClaim, on_delete=models.CASCADE, related_name="letters")
    to = models.EmailField()
    about = models.CharField(max_length=64)
    title = models.CharField(max_length=500)
    text = models.TextField()
    to_claimant = models.BooleanField(default=False)
    may_object = models.BooleanField(default=False)
    written_at = models.DateTimeField(default=timezone.now)

    mailed_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "about", "to"], name="one_letter_an_address_and_subject"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(mailed_at=None, given_up_at=None),
                name="claim_letters_to_mail",
            )
        ]

    def __str__(self) -> str:
        return self.title
